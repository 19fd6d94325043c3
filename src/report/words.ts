import { shortName } from '../base/arn.ts';
import { numberText } from '../base/wording.ts';
import type { PolicyWord, ReportedCall, ReportedPrecondition, ReportedStatement, Verdict } from '../contract/report.ts';
import { keyPolicyWords } from '../explain/names.ts';
import type { Color } from './style.ts';

/** One vocabulary for all formats that people read. */

/** A state with its sign and its color. The word is enough without them. */
export interface Sign {
  readonly sign: string;
  readonly paint: Color;
}

export const good: Sign = { sign: '✓', paint: 'good' };
export const bad: Sign = { sign: '✗', paint: 'bad' };
export const doubtful: Sign = { sign: '?', paint: 'doubtful' };
/** Notable, but neither good nor bad. */
export const notable: Sign = { sign: '-', paint: 'faint' };
/** Needs attention: AWS and the evidence disagree, or a finding has medium severity. */
export const contrary: Sign = { sign: '!', paint: 'doubtful' };

export const verdictSigns: Readonly<Record<Verdict, Sign>> = { succeeds: good, fails: bad, undetermined: doubtful };
export const decisionSigns: Readonly<Record<ReportedCall['decision'], Sign>> = {
  allowed: good,
  denied: bad,
  depends: doubtful,
};
export const statusSigns: Readonly<Record<ReportedPrecondition['status'], Sign>> = {
  met: good,
  unmet: bad,
  unknown: doubtful,
};

/** A verdict of several results: `2 fail`, `1 succeeds`. */
export function countedVerdict(count: number, verdict: Verdict): string {
  if (verdict === 'undetermined') return `${numberText(count)} undetermined`;
  return `${numberText(count)} ${count === 1 ? verdict : verdict.slice(0, -1)}`;
}

/** The policies of keys, vaults and buckets. */
const ofResources: ReadonlySet<PolicyWord> = new Set<PolicyWord>([
  'key policy',
  'vault access policy',
  'bucket policy',
]);

/** A statement by its Sid or path, with its policy. */
export function statementWords({ policy, name, statement, sid, sidIsShared }: ReportedStatement): string {
  const path = `Statement[${statement}]`;
  const which = sid === undefined || sid === '' ? path : sidIsShared === true ? `"${sid}" (${path})` : `"${sid}"`;
  return `${which} of ${ofResources.has(policy) ? keyPolicyWords(name) : `${policy} ${shortName(name)}`}`;
}
