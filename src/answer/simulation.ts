import { compareSimulation, type Simulable, type SimulationReason } from '../check/simulation.ts';
import type { Report, ReportedSimulation } from '../contract/report.ts';
import type { Gap } from '../evidence/schema.ts';
import type { SimulationAnswer } from '../evidence/simulation.ts';
import { notSimulatedText, simulationGapText, simulationText, simulationWarningText } from '../explain/simulation.ts';
import { idleRead } from './gaps.ts';
import { inWords } from './in-words.ts';

/**
 * The report with the answers of IAM's policy simulator next to ours. No verdict changes.
 * `answers`: in the order of `asked`; undefined: `gaps` says why there is none.
 */
export function withSimulation(
  report: Report,
  asked: readonly Simulable[],
  answers: readonly (SimulationAnswer | undefined)[],
  gaps: readonly Gap[],
): Report {
  const found = asked.flatMap(({ result, index, call }, number) => {
    const answer = answers[number];
    if (answer === undefined) return [];
    const { agreement, reason } = compareSimulation(call, answer);
    const simulation: ReportedSimulation = {
      decision: answer.decision,
      agreement,
      missingContext: [...answer.missing],
      ...(reason === undefined ? {} : { why: inWords(reason, simulationText) }),
    };
    const isUnsettling = reason !== undefined && unsettling.includes(reason.code);
    const warnings = isUnsettling ? [inWords(reason, () => simulationWarningText(call, answer, reason))] : [];
    return [{ place: `${result} ${index}`, simulation, warnings }];
  });
  const simulations = new Map(found.map(({ place, simulation }) => [place, simulation]));
  return {
    ...report,
    results: report.results.map((result, number) => ({
      ...result,
      calls: result.calls.map((call, index) => {
        const simulation = simulations.get(`${number} ${index}`);
        return simulation === undefined ? call : { ...call, simulation };
      }),
    })),
    warnings: [
      ...report.warnings,
      ...distinct(found.flatMap(({ warnings }) => warnings)),
      ...(asked.length === 0 ? [inWords(nothingAsked, () => notSimulatedText)] : []),
      ...distinct(gaps.map((gap) => inWords(noAnswer, () => simulationGapText(gap)))),
    ],
    gaps: [...report.gaps, ...gaps.map((gap) => ({ ...gap, code: idleRead.code }))],
  };
}

interface Unsimulated {
  readonly code: 'nothing-simulated' | 'simulator-did-not-answer';
}
const nothingAsked = { code: 'nothing-simulated' } as const satisfies Unsimulated;
const noAnswer = { code: 'simulator-did-not-answer' } as const satisfies Unsimulated;

function distinct(warnings: Report['warnings']): Report['warnings'] {
  return [...new Map(warnings.map((warning) => [warning.text, warning])).values()];
}

/** Differences that no known limit of the simulator explains, so our answer may be wrong. */
const unsettling: readonly SimulationReason['code'][] = [
  'simulator-names-control-policy',
  'simulator-differs-without-reason',
];
