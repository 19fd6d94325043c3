import type { Case, CaseOutcome, CaseReport } from './cases.ts';
import { xmlAttribute, xmlText } from './ci-escape.ts';
import type { ReportedFailure } from './format.ts';

/*
 * JUnit XML, which has no standard. GitLab shows the content of a failure, Jenkins its message, so
 * the text is in both. GitLab keeps only the first of several cases with the same class and name,
 * so names are unique.
 */

/** Jenkins refuses what its schema does not know. Other systems read file and line of a case. */
export type JunitDialect = 'usual' | 'strict';

const elements: Readonly<Record<Exclude<CaseOutcome, 'passes'>, string>> = {
  fails: 'failure',
  undetermined: 'error',
  exception: 'skipped',
  noted: 'skipped',
};

export function junitText(report: CaseReport, dialect: JunitDialect): string {
  const { cases, suite, evaluatedAt, seconds, notes } = report;
  const time = (seconds ?? 0).toFixed(3);
  const count = (outcome: CaseOutcome): number => cases.filter((one) => one.outcome === outcome).length;
  const counts = { tests: cases.length, failures: count('fails'), errors: count('undetermined') };
  return document([
    `<testsuites${attributes({ name: 'aurora-kms-check', ...counts, time })}>`,
    `  <testsuite${attributes({ name: suite, ...counts, skipped: count('exception') + count('noted'), time, timestamp: evaluatedAt.slice(0, 19) })}>`,
    ...cases.map((one) => caseText(one, suite, dialect)),
    ...(notes.length === 0 ? [] : [`    <system-out>${xmlText(notes.join('\n'))}</system-out>`]),
    '  </testsuite>',
    '</testsuites>',
  ]);
}

function caseText({ name, outcome, says, details, place }: Case, suite: string, dialect: JunitDialect): string {
  const where = dialect === 'strict' || place === undefined ? {} : { file: place.file, line: place.line };
  const head = `    <testcase${attributes({ classname: suite, name, ...where, time: '0' })}`;
  if (outcome === 'passes') return `${head}/>`;
  const element = elements[outcome];
  return [
    `${head}>`,
    `      <${element}${attributes({ type: outcome, message: says })}>${xmlText([says, ...details].join('\n'))}</${element}>`,
    '    </testcase>',
  ].join('\n');
}

/** A run without an answer: one case with an error. */
export function junitFailure({ message, next, exitCode }: ReportedFailure): string {
  const counts = { tests: 1, failures: 0, errors: 1 };
  const text = next === undefined ? message : `${message}\n${next}`;
  return document([
    `<testsuites${attributes({ name: 'aurora-kms-check', ...counts })}>`,
    `  <testsuite${attributes({ name: 'aurora-kms-check', ...counts })}>`,
    `    <testcase${attributes({ classname: 'aurora-kms-check', name: 'run', time: '0' })}>`,
    `      <error${attributes({ type: `exit ${exitCode}`, message })}>${xmlText(text)}</error>`,
    '    </testcase>',
    '  </testsuite>',
    '</testsuites>',
  ]);
}

function document(lines: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${lines.join('\n')}\n`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${xmlAttribute(String(value))}"`)
    .join('');
}
