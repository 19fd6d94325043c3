import { isJson } from '../base/json.ts';
import { actionWarnings } from './action-warnings.ts';
import { conditionWarnings } from './condition-warnings.ts';
import type { Policy, Statement } from './document.ts';
import { type ElementWarning, elementWarnings, sidWarnings } from './element-warnings.ts';
import type { PolicyKind } from './statement-ref.ts';
import { type Warning, warningAt } from './warning.ts';

/*
 * Finds parts of policies that AWS saves but that never have the effect that they appear to have.
 * Warnings explain surprises and change no decision.
 */

/**
 * In characters without white space, or in bytes for a key policy (iam-evaluation 8). For identity
 * policies, the most that any kind of identity policy may have.
 */
const most: Readonly<Record<PolicyKind, number>> = {
  identity: 10_240,
  boundary: 6_144,
  session: 2_048,
  endpoint: 20_480,
  resource: 32_768,
  scp: 10_240,
  rcp: 5_120,
};

/** `paths`: the path of each statement in the document. `document`: as parsed from JSON. */
export function warningsOf(policy: Policy, paths: readonly string[], document: unknown): readonly Warning[] {
  const variables = isJson(document) && document['Version'] === '2012-10-17';
  return [
    ...sizeWarnings(policy, document),
    ...sidWarnings(policy.statements, paths),
    ...policy.statements.flatMap((statement, index) =>
      [
        ...elementWarnings(statement),
        ...actionWarnings(statement),
        ...conditionWarnings(statement, variables),
        ...(variables ? [] : resourceVariables(statement)),
      ].map((warning) => warningAt(paths[index] ?? '', warning)),
    ),
  ];
}

function sizeWarnings({ kind }: Policy, document: unknown): readonly ElementWarning[] {
  const size = JSON.stringify(document).length;
  return size > most[kind] ? [{ code: 'policy-too-large', path: '', size, most: most[kind] }] : [];
}

/** iam-evaluation 1.8. */
function resourceVariables({ resources }: Statement): readonly Warning[] {
  if (resources === 'missing') return [];
  return resources.of
    .filter(({ text }) => text.includes('${'))
    .map(({ text }) => ({ code: 'variable-in-old-version', path: 'Resource', value: text }));
}
