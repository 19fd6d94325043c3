import type { Question } from '../check/question.ts';
import type { Diagnosis, Report } from '../contract/report.ts';
import { type Checked, causesOfIncident, compare, type MissingFlag, verdictOnIncident } from '../diagnose/diagnose.ts';
import type { Incident } from '../diagnose/incident.ts';
import type { Evidence } from '../evidence/schema.ts';
import {
  causeText,
  decisiveText,
  explanationText,
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
 * @throws Failure if the evidence does not hold what the question names
 */
export function diagnose(incident: Incident, evidence: Evidence, question: Question, version: string): Report {
  const checked: Pick<Checked, 'evaluated' | 'judgement'>[] = [];
  const report = answer(evidence, { questions: [question] }, version, (evaluated, judgement) =>
    checked.push({ evaluated, judgement }),
  );
  const [first] = checked;
  if (first === undefined) return report;
  const { gaps = [], collectedAt } = evidence;
  const { parameters = {}, operation } = question;
  const comparison = compare(incident, parameters, { ...first, gaps, collectedAt });
  return {
    ...report,
    verdict: verdictOnIncident(incident, report.verdict, comparison),
    diagnosis: {
      answer: outcomeText(incident, operation.command, comparison),
      agreement: comparison.agreement,
      ...told(incident),
      decisive: comparison.decisive.map(decisiveText),
      explanations: comparison.explanations.map(explanationText),
      causes: [],
      missing: [],
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
