import { servicePrefix } from '../base/service.ts';
import { pathOfTest } from './condition-warnings.ts';
import type { ConditionTest, Statement } from './document.ts';
import type { DocumentFault } from './fault.ts';
import { rcpServices } from './formula.ts';
import type { Operator } from './operators.ts';
import { parse } from './parse.ts';
import type { PolicyKind } from './statement-ref.ts';

/**
 * What AWS would refuse in a policy that is yet to be saved (iam-evaluation 14.12), or STS in a
 * session policy. This is stricter than `parse`, because AWS has already accepted a policy that was
 * read from AWS.
 */
export function saveFaults(kind: PolicyKind, name: string, document: unknown): readonly DocumentFault[] {
  const parsed = parse(kind, name, document);
  if ('faults' in parsed) return parsed.faults;
  return parsed.policy.statements.flatMap((statement, index) => {
    const path = parsed.paths[index] ?? '';
    const found = [
      ...(kind === 'rcp' ? rcpFaults(statement) : []),
      ...statement.tests.flatMap((test) => valueFaults(test, kind)),
    ];
    return found.map((fault) => ({ ...fault, path: `${path}.${fault.path}` }));
  });
}

const nouns: Readonly<Record<Operator['compares'], string>> = {
  text: 'a string',
  number: 'a number',
  date: 'a date',
  bool: 'true or false',
  bytes: 'Base64',
  ip: 'an IP address',
  arn: 'an ARN',
  presence: 'true or false',
};

/** Except for bytes, STS accepts values in session policies that IAM would not store. */
function valueFaults(test: ConditionTest, kind: PolicyKind): readonly DocumentFault[] {
  const { operator, values } = test;
  if (kind === 'session' && operator.compares !== 'bytes') return [];
  return values.flatMap((value) => {
    if (!('matcher' in value)) return [];
    const { text, matcher } = value;
    const isEmptyRange = operator.compares === 'ip' && matcher.accepts().is === 'nothing';
    const is =
      isEmptyRange && matcher.unreadable !== true
        ? 'has bits set beyond its prefix'
        : `is not ${nouns[operator.compares]}`;
    return matcher.unreadable === true || isEmptyRange
      ? [{ path: pathOfTest(test), says: `has \`${text}\`, which ${is}` }]
      : [];
  });
}

/**
 * AWS Organizations accepts only RCPs that deny actions of services that RCPs cover, to every
 * principal.
 */
function rcpFaults({ ref, actions, principals }: Statement): readonly DocumentFault[] {
  const faults: DocumentFault[] = [];
  if (ref.effect === 'Allow')
    faults.push({ path: 'Effect', says: 'is not "Deny": every RCP of a customer needs "Deny"' });
  if (
    typeof principals !== 'string' &&
    (principals.match === 'none' || principals.of.some(({ is }) => is !== 'anyone'))
  )
    faults.push({ path: 'Principal', says: 'is not "*": every RCP needs "*"' });
  for (const { text } of actions.of) {
    const service = servicePrefix(text)?.toLowerCase() ?? '';
    if (!rcpServices.has(service))
      faults.push({ path: 'Action', says: `has \`${text}\`, which is not an action of a service that RCPs cover` });
  }
  return faults;
}
