import { partitionOf } from '../evidence/lookup.ts';
import type { ResourceRole } from '../operations/operation.ts';
import type { Bound } from './bind.ts';

/** The RDS resource that a row speaks of. */
export interface BoundResource {
  /** Where `nameUnknown`, its beginning. */
  readonly arn: string;
  readonly account: string;
  readonly nameUnknown: boolean;
  /** Undefined: not known. */
  readonly tags: Readonly<Record<string, string>> | undefined;
}

/**
 * What is made has no name yet; what the request leaves out is matched against AWS's defaults (rds-kms-operations 1.1), which carry no tags.
 */
export function rdsResource(on: ResourceRole, bound: Bound): BoundResource {
  const { operation, principal, region } = bound;
  const own = (name: string, nameUnknown: boolean): BoundResource => ({
    arn: `arn:${partitionOf(region)}:rds:${region}:${principal.account}:${name}`,
    account: principal.account,
    nameUnknown,
    tags: {},
  });
  if (on === operation.makes) return own(`${on}:`, true);
  if (on === operation.target) {
    const tags = (bound.snapshot ?? bound.cluster)?.TagList;
    const account = bound.sourceArn.split(':')[4] ?? principal.account;
    return {
      arn: bound.sourceArn,
      account,
      nameUnknown: false,
      tags: tags === undefined ? undefined : Object.fromEntries(tags.map((tag) => [tag.Key, tag.Value])),
    };
  }
  const major = majorVersion(bound);
  switch (on) {
    case 'cluster-pg':
      return major === undefined
        ? own('cluster-pg:default.', true)
        : own(`cluster-pg:default.${bound.engine ?? ''}${major}`, false);
    case 'og':
      return major === undefined
        ? own('og:default:', true)
        : own(`og:default:${bound.engine ?? ''}-${major.replace('.', '-')}`, false);
    default:
      return own(`${on}:default`, false);
  }
}

/** `16` of Aurora PostgreSQL 16.6, `8.0` of Aurora MySQL 8.0.mysql_aurora.3.05.2: what names of default groups hold. */
function majorVersion({ engine, engineVersion }: Bound): string | undefined {
  if (engine === undefined || engineVersion === undefined) return undefined;
  return engine.includes('postgres') ? /^\d+/.exec(engineVersion)?.[0] : /^\d+\.\d+/.exec(engineVersion)?.[0];
}
