import { arnWith, isArn, parseArn } from '../base/arn.ts';
import { globOf, matches } from '../base/glob.ts';
import { isJson, isList } from '../base/json.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Principal } from '../evidence/principals.ts';
import { documentObject, statementsOf } from './documents.ts';

/*
 * Leaves names that are used only once out of policies: the next nightly snapshot has another name.
 */

/**
 * Calls with resources that a policy can name permanently. `all`: every call of the operation,
 * including those that are already allowed. `actor`: the principal whose policies allow them.
 */
export function withReusableNames(
  calls: readonly DecidedCall[],
  all: readonly DecidedCall[],
  actor: Principal,
): readonly DecidedCall[] {
  return calls.map((call) => {
    const arn = call.key === undefined ? parseArn(call.resource) : undefined;
    if (arn?.service !== 'rds' || !isUsedOnce(call)) return call;
    const resource = patternOfSibling(call, all, actor) ?? arnWith(arn, { resource: `${arn.type}:*` });
    return { ...call, resource };
  });
}

/** The request names the new resource. A name with a date or time is used only once. */
function isUsedOnce({ row, resource }: DecidedCall): boolean {
  if (row.on.startsWith('new ')) return !resource.endsWith('*');
  const name = parseArn(resource)?.name ?? '';
  return ofService.test(name) || momentsInNames.some((moment) => moment.test(name));
}

/** RDS and AWS Backup give each of their snapshots a new name. */
const ofService = /^(?:rds|awsbackup):/;

/** 2026-11-26, 26-11-2026, seconds or milliseconds since 1970, and IDs of CI runs. */
const momentsInNames: readonly RegExp[] = [
  /(?:19|20)\d\d-?[01]\d-?[0-3]\d/,
  /[0-3]\d-?[01]\d-?(?:19|20)\d\d/,
  /(?<!\d)1[5-9]\d{8}(?:\d{3})?(?!\d)/,
  /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/i,
];

/**
 * The narrowest pattern with which a policy of the actor allows another action on the same
 * resource.
 */
function patternOfSibling(call: DecidedCall, all: readonly DecidedCall[], { identity }: Principal): string | undefined {
  const allowed = all.filter(
    ({ row, decision }) => row.kind === call.row.kind && row.on === call.row.on && decision.decision === 'allowed',
  );
  const patterns = allowed.flatMap(({ decision }) =>
    decision.decidedBy.flatMap((by) => {
      if ('grant' in by || by.policy !== 'identity') return [];
      const policy = identity.find(({ name }) => name === by.name);
      const document = policy !== undefined && 'document' in policy ? documentObject(policy.document) : undefined;
      const statement = document === undefined ? undefined : statementsOf(document)[by.statement];
      const resource = isJson(statement) ? statement['Resource'] : undefined;
      return (isList(resource) ? resource : [resource]).filter((one) => typeof one === 'string');
    }),
  );
  const fitting = patterns.filter(
    (pattern) =>
      isArn(pattern) && pattern.includes('*') && !pattern.includes('$') && matches(globOf(pattern), call.resource),
  );
  return fitting.toSorted((one, other) => other.length - one.length)[0];
}
