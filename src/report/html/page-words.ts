import type { CaseOutcome } from '../cases.ts';
import type { AnsweredKind } from '../format-rows.ts';
import type { Color } from '../style.ts';

/*
 * The words of a page for each kind of answer. Each word has a sign as well, so color is never the
 * only sign.
 */

export const marks: Readonly<Record<CaseOutcome, { readonly sign: string; readonly color: Color }>> = {
  fails: { sign: '✗', color: 'bad' },
  undetermined: { sign: '?', color: 'doubtful' },
  exception: { sign: '–', color: 'faint' },
  noted: { sign: '–', color: 'faint' },
  passes: { sign: '✓', color: 'good' },
};

/** A line of the legend. */
export interface LegendLine {
  readonly sign: string;
  readonly color: Color;
  readonly word: string;
  readonly means: string;
}

export interface PageWords {
  /** The result of the whole answer. */
  readonly answer: Readonly<Record<CaseOutcome, string>>;
  /** One case. */
  readonly one: Readonly<Record<CaseOutcome, string>>;
  /** After a number other than 1. */
  readonly many: Readonly<Record<CaseOutcome, string>>;
  readonly findings: string;
  readonly legend: readonly LegendLine[];
}

const noted = { exception: 'accepted', noted: 'note' };

const verdicts = { fails: 'fails', undetermined: 'undetermined', passes: 'succeeds', ...noted };

const verdictLegend: readonly LegendLine[] = [
  {
    sign: '✓',
    color: 'good',
    word: 'succeeds',
    means: 'every call that the operation needs is allowed, and no precondition is known to be unmet.',
  },
  {
    sign: '✗',
    color: 'bad',
    word: 'fails',
    means: 'a policy stops a call that the operation needs, or a precondition is not met.',
  },
  {
    sign: '?',
    color: 'doubtful',
    word: 'undetermined',
    means: 'the answer depends on a fact that was not read or that AWS does not publish. It is neither yes nor no.',
  },
];

const check: PageWords = {
  answer: verdicts,
  one: verdicts,
  many: { ...verdicts, fails: 'fail', passes: 'succeed' },
  findings: 'What fails, and what is not certain',
  legend: verdictLegend,
};

export const pageWords: { readonly [Kind in AnsweredKind]: PageWords } = {
  check,
  whoCan: {
    ...check,
    answer: { ...verdicts, fails: 'not expected', undetermined: 'incomplete', passes: 'answered' },
    one: { ...verdicts, fails: 'not expected', undetermined: 'perhaps' },
    many: { ...verdicts, fails: 'not expected', undetermined: 'perhaps' },
    findings: 'Who is not expected',
  },
  diff: {
    ...check,
    answer: { ...verdicts, fails: 'worse', undetermined: 'perhaps worse', passes: 'not worse' },
    one: { ...verdicts, fails: 'fails now', undetermined: 'undetermined now' },
    findings: 'What became worse',
  },
  preflight: {
    answer: { fails: 'broken', undetermined: 'unproven', passes: 'all hold', ...noted },
    one: { fails: 'broken', undetermined: 'unproven', passes: 'holds', ...noted, exception: 'exception' },
    many: { fails: 'broken', undetermined: 'unproven', passes: 'hold', ...noted, exception: 'exceptions' },
    findings: 'What does not hold',
    legend: [
      { sign: '✓', color: 'good', word: 'holds', means: 'what is expected is the case for everybody who is meant.' },
      { sign: '✗', color: 'bad', word: 'broken', means: 'what is expected is not the case for somebody who is meant.' },
      {
        sign: '?',
        color: 'doubtful',
        word: 'unproven',
        means: 'it depends on a fact that was not read or that AWS does not publish. It is neither yes nor no.',
      },
    ],
  },
  audit: {
    answer: { fails: 'action needed', undetermined: 'undecided', passes: 'nothing found', ...noted },
    one: { fails: 'found', undetermined: 'undecided', passes: 'nothing found', ...noted },
    many: { fails: 'found', undetermined: 'undecided', passes: 'nothing found', ...noted },
    findings: 'Findings, the worst first',
    legend: [
      {
        sign: '✗',
        color: 'bad',
        word: 'critical',
        means: 'data is lost, soon lost or open to others. What cannot be undone and ends soonest comes first.',
      },
      { sign: '✗', color: 'bad', word: 'high', means: 'one mistake or one stolen role is enough to lose data.' },
      { sign: '!', color: 'doubtful', word: 'medium', means: 'a weakness that needs a second fault to do harm.' },
      { sign: '–', color: 'faint', word: 'note', means: 'a fact to know. Nothing has to be done.' },
      {
        sign: '?',
        color: 'doubtful',
        word: 'undecided',
        means: 'it depends on a fact that was not read or that AWS does not publish.',
      },
    ],
  },
  keyImpact: {
    answer: { fails: 'breaks', undetermined: 'cannot tell', passes: 'no loss found', ...noted },
    one: { fails: 'breaks', undetermined: 'cannot tell', passes: 'no loss found', ...noted },
    many: { fails: 'break', undetermined: 'cannot tell', passes: 'no loss found', ...noted },
    findings: 'What breaks',
    legend: [
      { sign: '✗', color: 'bad', word: 'breaks', means: 'databases or backups become unusable.' },
      {
        sign: '?',
        color: 'doubtful',
        word: 'cannot tell',
        means: 'it depends on a fact that was not read, or on the new policy.',
      },
      {
        sign: '✓',
        color: 'good',
        word: 'no loss found',
        means: 'nothing of RDS was found that breaks. Other services were not looked at: it does not mean safe.',
      },
    ],
  },
};
