import { shortName } from '../base/arn.ts';
import { servicePrefix } from '../base/service.ts';
import { type Mode, reads } from './reads.ts';

/** A policy in the form that IAM accepts. */
export interface ReadingPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: 'Allow';
    readonly Action: readonly string[];
    readonly Resource: string | readonly string[];
  }[];
}

/** The modes of the table that each mode includes. */
const partsOf: Readonly<Record<Mode, readonly Mode[]>> = {
  check: ['check'],
  diagnose: ['check', 'diagnose'],
  simulate: ['check', 'simulate'],
  collect: ['collect'],
  organization: ['collect', 'organization'],
};

/** The smallest policy that the credentials need. `roleArns`: the roles of --role-arn. */
export function readingPolicy(mode: Mode, roleArns: readonly string[]): ReadingPolicy {
  const statements = new Map<string, { readonly service: string; readonly on: readonly string[]; actions: string[] }>();
  for (const { action, modes, on } of reads) {
    if (!partsOf[mode].some((part) => modes.includes(part))) continue;
    const service = servicePrefix(action) ?? '';
    const key = `${service} ${on.join()}`;
    const statement = statements.get(key) ?? { service, on, actions: [] };
    statement.actions.push(action);
    statements.set(key, statement);
  }
  const read = [...statements.values()].map(({ service, on, actions }) => ({
    Sid: sidOf(service, on),
    Effect: 'Allow' as const,
    Action: actions.toSorted(),
    Resource: on.length === 1 ? (on[0] ?? '*') : on,
  }));
  const assume = { Sid: 'AssumeRoles', Effect: 'Allow', Action: ['sts:AssumeRole'], Resource: roleArns } as const;
  return { Version: '2012-10-17', Statement: roleArns.length === 0 ? read : [...read, assume] };
}

/** Such as `ReadKmsKey`. IAM accepts only letters and digits, and each Sid only once. */
function sidOf(service: string, on: readonly string[]): string {
  const kinds = on.map((one) => shortName(one).replace(/\W/g, ''));
  return ['read', service, ...kinds].map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('');
}
