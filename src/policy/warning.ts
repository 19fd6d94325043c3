import type { ActionWarning } from './action-warnings.ts';
import type { ConditionWarning } from './condition-warnings.ts';
import type { ElementWarning } from './element-warnings.ts';

/**
 * A warning about a policy that AWS saves although a part of it does not have the effect that it
 * appears to have. `path`: JSON path in the document. explain/policy-warnings.ts has the words.
 */
export type Warning = ActionWarning | ConditionWarning | ElementWarning;

export function warningAt(path: string, warning: Warning): Warning {
  return { ...warning, path: warning.path === '' ? path : `${path}.${warning.path}` };
}
