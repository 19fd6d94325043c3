import { jsonPrintable } from '../../base/escape.ts';
import { capital } from '../../base/wording.ts';
import { codes } from '../../contract/codes.ts';
import { type Case, type CaseOutcome, type CaseReport, drawnAsCases, fingerprintOf } from '../cases.ts';
import { shortened } from '../ci-escape.ts';
import type { Draws, ReportedFailure } from '../format.ts';
import type { ShownIn } from '../format-rows.ts';
import { harmless } from '../harmless.ts';
import { unplaced } from '../style.ts';

/** SARIF 2.1.0, as GitHub code scanning accepts it. */
export const sarif: Draws<ShownIn<'sarif'>> = {
  ...drawnAsCases(sarifText),
  noAnswer: (failure) => failedRun(harmless(failure)),
};

const levels: Readonly<Record<Exclude<CaseOutcome, 'passes'>, string>> = {
  fails: 'error',
  undetermined: 'warning',
  exception: 'note',
  noted: 'note',
};

/** The levels of audit findings that are certain. */
const ofFindings: Readonly<Record<NonNullable<Case['severity']>, string>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  note: 'note',
};

function levelOf({ severity }: Case, outcome: Exclude<CaseOutcome, 'passes'>): string {
  return severity === undefined || outcome === 'exception' || outcome === 'undetermined'
    ? levels[outcome]
    : ofFindings[severity];
}

/** GitHub keeps 5,000 results of a run. */
const mostResults = 5000;
/**
 * The limit of GitHub for a description in characters. The limit for a message is what a reader can
 * take in.
 */
const longestDescription = 1024;
const longestMessage = 4000;
const home = 'https://www.npmjs.com/package/aurora-kms-check';

/**
 * The failures. Cases that pass are left out: GitHub closes an alert that is not among the results.
 */
function sarifText(report: CaseReport): string {
  const { version, suite } = report;
  const wrong = report.cases.flatMap((one) => (one.outcome === 'passes' ? [] : [{ one, outcome: one.outcome }]));
  const shown = wrong.slice(0, mostResults);
  const rules = [...new Set(shown.map(({ one }) => one.code))];
  return document({
    version,
    suite,
    rules,
    results: shown.map(({ one, outcome }) => ({
      ruleId: one.code,
      ruleIndex: rules.indexOf(one.code),
      level: levelOf(one, outcome),
      message: { text: shortened([`${one.says}.`, ...one.details].join('\n'), longestMessage) },
      locations: [locationOf(one)],
      partialFingerprints: { primaryLocationLineHash: `${fingerprintOf(one, report)}:1` },
    })),
    invocation: { executionSuccessful: true, endTimeUtc: report.evaluatedAt },
  });
}

/** A run without an answer, as a result, because a run without results would close every alert. */
function failedRun({ message, next, exitCode, command = 'check', version }: ReportedFailure): string {
  const text = next === undefined ? `${message}.` : `${message}. ${capital(next)}.`;
  const id = `exit-${exitCode}`;
  return document({
    version,
    // The category of an answer, so that the next upload closes the alert.
    suite: command,
    rules: [id],
    results: [
      {
        ruleId: id,
        ruleIndex: 0,
        level: 'error',
        message: { text },
        locations: [locationOf({ name: 'aurora-kms-check', place: undefined })],
        partialFingerprints: { primaryLocationLineHash: `${id}:1` },
      },
    ],
    invocation: {
      executionSuccessful: false,
      exitCode,
      toolExecutionNotifications: [{ level: 'error', message: { text } }],
    },
  });
}

function locationOf({ name, place }: Pick<Case, 'name' | 'place'>): object {
  const { file, line } = place ?? unplaced;
  return {
    physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line } },
    logicalLocations: [{ fullyQualifiedName: name }],
  };
}

/** A path as a URI reference. */
function uriOf(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
}

interface Run {
  readonly version: string | undefined;
  readonly suite: string;
  readonly rules: readonly string[];
  readonly results: readonly object[];
  readonly invocation: object;
}

function document({ version, suite, rules, results, invocation }: Run): string {
  const run = {
    tool: {
      driver: {
        name: 'aurora-kms-check',
        ...(version === undefined ? {} : { semanticVersion: version }),
        informationUri: home,
        rules: rules.map(ruleOf),
      },
    },
    // The text before the last slash is the category of an upload.
    automationDetails: { id: `aurora-kms-check/${suite}/` },
    columnKind: 'utf16CodeUnits',
    invocations: [invocation],
    results,
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${jsonPrintable(JSON.stringify(log, undefined, 2))}\n`;
}

/** Rules that do not represent a code. */
const otherMeanings: Readonly<Record<string, string>> = {
  fails: 'The operation fails.',
  undetermined: 'Whether the operation succeeds is undetermined.',
  exception: 'An exception of an expectation is in effect.',
  noted: 'A finding of a lower severity than those that fail, or a failure of what was undetermined before.',
};

const meanings: ReadonlyMap<string, string> = new Map([
  ...Object.entries(codes).map(([code, { means }]) => [code, means] as const),
  ...Object.entries(otherMeanings),
]);

function ruleOf(id: string): object {
  const means = shortened(meanings.get(id) ?? 'The run ended without an answer.', longestDescription);
  return {
    id,
    shortDescription: { text: means },
    fullDescription: { text: means },
    help: {
      text: `${means} The message says who is affected and what decides. For exit codes and fixes, run aurora-kms-check --help.`,
    },
    helpUri: home,
    properties: { tags: ['aws', 'kms', 'rds'] },
  };
}
