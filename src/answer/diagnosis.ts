import type { Question } from '../check/question.ts';
import type { Diagnosis, Report } from '../contract/report.ts';
import { type DeniedCall, deniedCallOf, isAmong, withDenied } from '../diagnose/denied-call.ts';
import {
  type Checked,
  causesOfIncident,
  compare,
  keyUseIn,
  type MissingFlag,
  verdictOnIncident,
} from '../diagnose/diagnose.ts';
import { type Found, findingOf, unsetKeyOf } from '../diagnose/finding.ts';
import type { Incident } from '../diagnose/incident.ts';
import type { Evidence } from '../evidence/schema.ts';
import {
  causeText,
  decisiveText,
  explanationText,
  findingAdvice,
  findingAnswer,
  findingText,
  missingText,
  outcomeText,
  readingText,
  uncheckedText,
} from '../explain/diagnosis.ts';
import type { Operation } from '../operations/operation.ts';
import { answer } from './check.ts';

/**
 * The report on an incident of which too little is known for a check: what AWS says by it, and no
 * verdict. `version` is that of the tool, `evaluatedAt` an ISO time.
 */
export function withoutCheck(
  incident: Incident,
  operation: Operation | undefined,
  missing: readonly MissingFlag[],
  { version, evaluatedAt }: { readonly version: string; readonly evaluatedAt: string },
): Report {
  return {
    reportVersion: 1,
    tool: { name: 'aurora-kms-check', version },
    evaluatedAt,
    verdict: incident.error?.explains === true ? 'fails' : 'undetermined',
    summary: { succeeds: 0, fails: 0, undetermined: 0 },
    results: [],
    diagnosis: {
      answer: uncheckedText(incident, missing),
      agreement: 'no check',
      ...told(incident),
      decisive: [],
      explanations: incident.notes.map(explanationText),
      causes: causesOfIncident(incident, operation).map(causeText),
      missing: missing.map((one) => ({ flag: one.flag, why: missingText(one) })),
    },
    warnings: [],
    gaps: [],
  };
}

/**
 * The report on an incident with whether AWS and the check say the same. `version` is that of the
 * tool. Pure: the time is in the question.
 *
 * What the incident names and the evidence does not hold is a finding.
 * @throws Failure if the evidence does not hold what somebody adds to the incident
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
    return findingReport(incident, failure, question, version);
  }
}

/** What a report on an incident is about, and when. */
type Circumstances = Pick<Question, 'operation' | 'evaluatedAt'>;

/**
 * The report on what the incident names and could not be found.
 * @throws Failure the same, if the incident does not name it
 */
export function findingReport(incident: Incident, failure: unknown, about: Circumstances, version: string): Report {
  const found = findingOf(incident, failure);
  if (found === undefined) throw failure;
  return withFinding(incident, found, about, version);
}

function withFinding(
  incident: Incident,
  { finding, agreement, verdict }: Found,
  { operation, evaluatedAt }: Circumstances,
  version: string,
): Report {
  const report = withoutCheck(incident, operation, [], { version, evaluatedAt });
  const advice = findingAdvice(finding);
  return {
    ...report,
    verdict: incident.error?.explains === true ? 'fails' : verdict,
    diagnosis: {
      answer: findingAnswer(incident, operation.command, finding),
      ...told(incident),
      agreement,
      decisive: [findingText(finding)],
      explanations: [...advice, ...incident.notes.map(explanationText)],
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
  const checked: Pick<Checked, 'evaluated' | 'judgement'>[] = [];
  const report = answer(evidence, { questions: [question] }, version, (evaluated, judgement) =>
    checked.push({ evaluated, judgement }),
  );
  const [first] = checked;
  if (first === undefined) return { report, isAmong: () => true };
  const { gaps = [], collectedAt } = evidence;
  const { parameters = {}, operation } = question;
  const comparison = compare(incident, parameters, { ...first, gaps, collectedAt });
  const ofKey = keyUseIn(first.judgement, operation);
  return {
    isAmong: (denied) => isAmong(first.evaluated.calls, denied),
    report: {
      ...report,
      verdict: verdictOnIncident(incident, report.verdict, comparison),
      diagnosis: {
        answer:
          ofKey === undefined ? outcomeText(incident, operation.command, comparison) : uncheckedText(incident, []),
        agreement: ofKey === undefined ? comparison.agreement : 'no check',
        ...told(incident),
        decisive: comparison.decisive.map(decisiveText),
        explanations: [...(ofKey === undefined ? [] : [ofKey]), ...comparison.explanations].map(explanationText),
        causes: [],
        missing: [],
      },
    },
  };
}

/** What happened, and what AWS says by its error. */
function told(incident: Incident): Pick<Diagnosis, 'incident' | 'says'> {
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
      context: Object.fromEntries(Object.entries(context).map(([key, values]) => [key, [...values]])),
      outcome: error === undefined ? 'succeeded' : 'failed',
      error: error === undefined ? null : { code: error.code ?? null, message: error.message },
    },
    says: (error?.says ?? []).map(readingText),
  };
}
