import type { Question } from '../check/question.ts';
import type { Diagnosis, Report, ReportedFix } from '../contract/report.ts';
import type { ReportedText } from '../contract/worded.ts';
import { type DeniedCall, deniedCallOf, isAmong, withDenied } from '../diagnose/denied-call.ts';
import {
  type Checked,
  causesOfIncident,
  compare,
  type Explanation,
  type FixDoubt,
  fixDoubtOf,
  type KeyUse,
  keyUseBy,
  keyUseIn,
  type MissingFlag,
  verdictOnIncident,
} from '../diagnose/diagnose.ts';
import { type Found, findingOf, keyBeside, unsetKeyOf, withKeyUse } from '../diagnose/finding.ts';
import type { Incident } from '../diagnose/incident.ts';
import { NotHeld } from '../evidence/not-held.ts';
import type { Evidence } from '../evidence/schema.ts';
import {
  causeText,
  decisiveText,
  explanationText,
  findingAdvice,
  findingAnswer,
  findingText,
  fixDoubtText,
  missingText,
  otherKeyAnswer,
  outcomeText,
  readingText,
  uncheckedText,
} from '../explain/diagnosis.ts';
import { keyUseOf } from '../operations/key-use.ts';
import type { Operation } from '../operations/operation.ts';
import { isMultivalued } from '../policy/condition-keys.ts';
import { answer } from './check.ts';
import { inWords } from './in-words.ts';

/**
 * The report on an incident if too little is known for a check: the meaning of the error, and no
 * verdict. `version`: the version of the tool. `evaluatedAt`: an ISO time.
 */
export function withoutCheck(
  incident: Incident,
  operation: Operation | undefined,
  missing: readonly MissingFlag[],
  { version, evaluatedAt }: { readonly version: string; readonly evaluatedAt: string },
): Report {
  return {
    reportVersion: 2,
    tool: { name: 'aurora-kms-check', version },
    evaluatedAt,
    evidenceAt: null,
    results: [],
    fixes: [],
    diagnosis: {
      answer: uncheckedText(incident, missing),
      agreement: 'no check',
      ...incidentParts(incident),
      decisive: [],
      explanations: incident.notes.map(explained),
      causes: causesOfIncident(incident, operation).map((cause) => inWords(cause, causeText)),
      missing: missing.map((one) => ({ flag: one.flag, why: inWords(one.because, () => missingText(one)) })),
    },
    warnings: [],
    gaps: [],
    summary: { succeeds: 0, fails: 0, undetermined: 0 },
    answer: uncheckedText(incident, missing),
    verdict: incident.error?.explains === true ? 'fails' : 'undetermined',
  };
}

/**
 * The report on an incident, which says whether AWS and the check agree. `version`: the version of
 * the tool. Pure: the time is in the question.
 *
 * If the evidence does not contain something that the incident names, this is a finding.
 * @throws Failure if the evidence does not contain something that the user adds to the incident
 */
export function diagnose(incident: Incident, evidence: Evidence, question: Question, version: string): Report {
  const found = unsetKeyOf(incident);
  if (found !== undefined) return withFinding(incident, found, question, version);
  try {
    const first = checkedIncident(incident, evidence, question, version);
    const denied = deniedCallOf(incident);
    if (denied === undefined || first.isAmong(denied)) return first.report;
    const whole = { ...question, operation: withDenied(question.operation, denied) };
    return checkedIncident(incident, evidence, whole, version).report;
  } catch (failure) {
    return findingWithKey(incident, failure, { evidence, question }, version);
  }
}

/** The operation and the time of a report on an incident. */
type Circumstances = Pick<Question, 'operation' | 'evaluatedAt'>;

/**
 * The report if the evidence does not contain something that the incident names.
 * @throws Failure the given failure, if the incident does not name the missing thing
 */
export function findingReport(incident: Incident, failure: unknown, about: Circumstances, version: string): Report {
  return withFinding(incident, foundIn(incident, failure), about, version);
}

function foundIn(incident: Incident, failure: unknown): Found {
  const found = findingOf(incident, failure);
  if (found === undefined) throw failure;
  return found;
}

/** The same report, with whether the principal may use the key that the incident names. */
function findingWithKey(incident: Incident, failure: unknown, asked: Asked, version: string): Report {
  const found = foundIn(incident, failure);
  const key = keyBeside(incident, found);
  const checked = key === undefined ? undefined : checkedKey(key, asked, version);
  if (checked === undefined) return withFinding(incident, found, asked.question, version);
  const { use, report } = checked;
  const whole = withFinding(incident, withKeyUse(found, incident, use), asked.question, version);
  const { results, summary, warnings, gaps } = report;
  const { diagnosis } = whole;
  if (diagnosis === undefined) return whole;
  // The answer is about the key that AWS refused, not about the missing key.
  const { operation } = asked.question;
  const answered = isAboutAnotherKey(found) ? otherKeyAnswer(incident, operation.command, use) : diagnosis.answer;
  const explanations = [explained(use), ...diagnosis.explanations];
  return {
    ...whole,
    results,
    summary,
    warnings,
    gaps,
    answer: answered,
    diagnosis: { ...diagnosis, answer: answered, explanations },
  };
}

/** Whether a key is missing, but AWS refused another one. */
function isAboutAnotherKey({ finding }: Found): boolean {
  return finding.code === 'named-thing-not-held' && finding.thing.is === 'key';
}

/** A question, and the evidence that answers it. */
interface Asked {
  readonly evidence: Evidence;
  readonly question: Question;
}

/** Undefined: the evidence does not have the key or the principal, either. */
function checkedKey(
  key: string,
  { evidence, question }: Asked,
  version: string,
): { readonly use: KeyUse; readonly report: Report } | undefined {
  const { target: _, ...rest } = question;
  const { api } = question.operation;
  // A fix only for the key does not bring back a missing source.
  const asked: Question = { ...rest, operation: keyUseOf(api), parameters: { kmsKeyId: key }, fix: false };
  const uses: (KeyUse | undefined)[] = [];
  try {
    const report = answer(evidence, { questions: [asked] }, version, (_evaluated, judgment) =>
      uses.push(keyUseBy(judgment, api)),
    );
    const [use] = uses;
    return use === undefined ? undefined : { use, report };
  } catch (failure) {
    if (failure instanceof NotHeld) return undefined;
    throw failure;
  }
}

function withFinding(
  incident: Incident,
  { finding, agreement, verdict }: Found,
  { operation, evaluatedAt }: Circumstances,
  version: string,
): Report {
  const report = withoutCheck(incident, operation, [], { version, evaluatedAt });
  const advice = findingAdvice(finding, incident).map((text) => inWords(finding, () => text));
  return {
    ...report,
    verdict: incident.error?.explains === true ? 'fails' : verdict,
    diagnosis: {
      answer: findingAnswer(incident, operation.command, finding),
      ...incidentParts(incident),
      agreement,
      decisive: [inWords(finding, findingText)],
      explanations: [...advice, ...incident.notes.map(explained)],
      causes: [],
      missing: [],
    },
  };
}

function checkedIncident(
  incident: Incident,
  evidence: Evidence,
  question: Question,
  version: string,
): { readonly report: Report; readonly isAmong: (denied: DeniedCall) => boolean } {
  const checked: Pick<Checked, 'evaluated' | 'judgment'>[] = [];
  const report = answer(evidence, { questions: [question] }, version, (evaluated, judgment) =>
    checked.push({ evaluated, judgment }),
  );
  const [first] = checked;
  if (first === undefined) return { report, isAmong: () => true };
  const { gaps = [], collectedAt } = evidence;
  const { parameters = {}, operation } = question;
  const comparison = compare(incident, parameters, { ...first, gaps, collectedAt });
  const doubt = fixDoubtOf(comparison.explanations);
  const ofKey = keyUseIn(first.judgment, operation);
  const answered =
    ofKey === undefined ? outcomeText(incident, operation.command, comparison) : uncheckedText(incident, []);
  return {
    isAmong: (denied) => isAmong(first.evaluated.calls, denied),
    report: {
      ...report,
      fixes: report.fixes.map((fix) => (doubt === undefined ? fix : withDoubt(fix, doubt))),
      answer: answered,
      verdict: verdictOnIncident(incident, report.verdict, comparison),
      diagnosis: {
        answer: answered,
        agreement: ofKey === undefined ? comparison.agreement : 'no check',
        ...incidentParts(incident),
        decisive: comparison.decisive.map((one) => inWords(one, decisiveText)),
        explanations: [...(ofKey === undefined ? [] : [ofKey]), ...comparison.explanations].map(explained),
        causes: [],
        missing: [],
      },
    },
  };
}

/** AWS's own denial leaves the fix in doubt, so its success is not certain. */
function withDoubt(fix: ReportedFix, doubt: FixDoubt): ReportedFix {
  return { ...fix, verdict: 'undetermined', doubts: [...fix.doubts, inWords(doubt, fixDoubtText)] };
}

/** The incident, and the meaning of the error. */
function incidentParts(incident: Incident): Pick<Diagnosis, 'incident' | 'says'> {
  const { is, id, at, region, api, call, principal, context, error } = incident;
  return {
    incident: {
      is,
      ...(id === undefined ? {} : { id }),
      ...(at === undefined ? {} : { at }),
      ...(region === undefined ? {} : { region }),
      ...(api === undefined ? {} : { api }),
      ...(call === undefined ? {} : { call: call.action }),
      ...(principal === undefined ? {} : { principal }),
      context: Object.fromEntries(known(context).map(([key, values]) => [key, [...values]])),
      outcome: error === undefined ? 'succeeded' : 'failed',
      error: error === undefined ? null : { code: error.code ?? null, message: error.message },
    },
    says: (error?.says ?? []).map((reading) => inWords(reading, readingText)),
  };
}

/** The keys that are certainly in the request. */
function known(context: Incident['context']): readonly (readonly [key: string, values: readonly string[]])[] {
  return Object.entries(context).filter(
    ([key, values]) =>
      values.every((value) => value !== '') && (values.length === 1 || isMultivalued(key.toLowerCase())),
  );
}

function explained(explanation: Explanation): ReportedText {
  return inWords(explanation, explanationText);
}
