import { accountOf, parseArn, shortName } from '../base/arn.ts';
import { distinctNames } from '../base/names.ts';
import { capital, counted, list, numberText } from '../base/wording.ts';
import type { Verdict } from '../contract/report.ts';
import type { Operation } from '../operations/operation.ts';
import type { Parameter } from '../operations/parameters.ts';
import type { SourceType } from '../operations/source-flags.ts';
import { principalWords } from './names.ts';

/** The parts of a check that its answer in one sentence needs. */
export interface Answered {
  readonly operation: Pick<Operation, 'command' | 'phrase'>;
  /** ARN. */
  readonly principal: string;
  readonly source: { readonly type: SourceType; readonly arn: string } | undefined;
  /**
   * The account of the operation's resource if the operation has no source. Absent: the principal's
   * account.
   */
  readonly owner?: string | undefined;
  readonly verdict: Verdict;
  /** A flag that the operation needs. */
  readonly add?: Parameter;
}

const can: Readonly<Record<Verdict, string>> = {
  succeeds: 'can',
  fails: 'cannot',
  undetermined: 'may be unable to',
};

const nouns: ReadonlyMap<string, string> = new Map<SourceType, string>([
  ['cluster', 'cluster'],
  ['db', 'DB instance'],
  ['cluster-snapshot', 'snapshot'],
  ['snapshot', 'DB snapshot'],
  ['cluster-auto-backup', 'automated backup'],
  ['auto-backup', 'automated backup'],
]);

/** The answer in one sentence without a period: who can or cannot do what. */
export function answerText({ operation, principal, source, owner, verdict, add }: Answered): string {
  const named = source === undefined ? '' : `${nouns.get(source.type)} ${nameIn(source.arn)}`;
  return `${subjectOf({ principal, source, owner })} ${can[verdict]} ${operation.phrase.replace('SOURCE', () => named)}${add === undefined ? '' : `: add --${add}`}`;
}

/** The principal, as the beginning of a sentence. */
function subjectOf({ principal, source, owner }: Pick<Answered, 'principal' | 'source' | 'owner'>): string {
  const account = source === undefined ? (owner ?? accountOf(principal)) : accountOf(source.arn);
  return capital(principalWords(principal, account));
}

/** The answer to several checks, the worst verdict first. At least one check. */
export function answersText(answers: readonly Answered[]): string {
  const [first] = answers;
  if (first === undefined) return 'Nothing was checked';
  if (answers.length === 1) return answerText(first);
  const worst = (['fails', 'undetermined', 'succeeds'] as const).find((verdict) =>
    answers.some((one) => one.verdict === verdict),
  );
  const isSame = answers.every(
    (one) => one.principal === first.principal && one.operation.phrase === first.operation.phrase,
  );
  if (worst === undefined || !isSame || !first.operation.phrase.includes('SOURCE')) return countsText(answers);
  const count = (verdict: Verdict): number => answers.filter((one) => one.verdict === verdict).length;
  const noun = sourcesNoun(answers.flatMap(({ source }) => source?.arn ?? []));
  const all = counted(answers.length, noun);
  const some = count(worst) === answers.length ? `all ${all}` : `${numberText(count(worst))} of ${all}`;
  // "cannot restore all 3 snapshots" could mean that some can be restored.
  const sources = worst !== 'succeeds' && some.startsWith('all ') ? `any of the ${all}` : some;
  const unknown = worst === 'fails' ? count('undetermined') : 0;
  const open = unknown === 0 ? '' : ` (${numberText(unknown)} more ${unknown === 1 ? 'is' : 'are'} undetermined)`;
  return `${subjectOf(first)} ${can[worst]} ${first.operation.phrase.replace('SOURCE', () => sources)}${open}`;
}

function countsText(answers: readonly Answered[]): string {
  const parts = (['fails', 'undetermined', 'succeeds'] as const).flatMap((verdict) => {
    const count = answers.filter((one) => one.verdict === verdict).length;
    if (count === 0) return [];
    if (verdict === 'undetermined') return [`${numberText(count)} ${count === 1 ? 'is' : 'are'} undetermined`];
    return [`${numberText(count)} ${count === 1 ? verdict : verdict.slice(0, -1)}`];
  });
  return `${answers[0]?.operation.command ?? ''}: ${list(parts)} (${counted(answers.length, 'check')})`;
}

/**
 * What somebody could do, as the end of a sentence: "restore snapshot orders", "restore 7
 * snapshots". `targets`: the ARNs of the operation's sources, or of its keys.
 */
export function abilityText(phrase: string, targets: readonly string[]): string {
  const types = [...new Set(targets.map((arn) => nouns.get(parseArn(arn)?.type ?? '') ?? ''))];
  const [noun = ''] = types;
  if (types.length !== 1 || noun === '') return phrase.replace('SOURCE', () => list(distinctNames(targets)));
  const names =
    targets.length > mostNames
      ? counted(targets.length, noun)
      : `${nounFor(noun, targets.length)} ${list(distinctNames(targets, nameIn))}`;
  return phrase.replace('SOURCE', () => names);
}

function nounFor(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}

const mostNames = 3;

/**
 * One noun for all sources, by their ARNs. Cluster snapshots and DB snapshots are both snapshots.
 */
export function sourcesNoun(arns: readonly string[]): string {
  const all = [...new Set(arns.map((arn) => nouns.get(parseArn(arn)?.type ?? '') ?? 'source'))];
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  if (all.every((noun) => noun.endsWith('snapshot'))) return 'snapshot';
  return all.every((noun) => noun === 'cluster' || noun === 'DB instance') ? 'database' : 'source';
}

/** The name of a source without its type, which the noun shows. */
function nameIn(arn: string): string {
  const short = shortName(arn);
  return short.slice(short.indexOf(':') + 1);
}
