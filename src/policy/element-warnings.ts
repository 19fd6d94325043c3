import { arnParts, filledUp, isAliasArn, parseArn } from '../base/arn.ts';
import { matches } from '../base/glob.ts';
import { isAboutKeys } from './action-warnings.ts';
import type { Statement } from './document.ts';
import type { PolicyKind } from './statement-ref.ts';

/*
 * Warnings about elements of a policy that AWS saves but that never have the effect that they
 * appear to have.
 */

/** `path`: within the statement. If the warning is about the whole policy: within the document. */
export type ElementWarning = {
  readonly path: string;
} /** JSON parsers keep the last of two elements with the same name. AWS may refuse the policy. */ & (
  | { readonly code: 'element-repeated' }
  /** `what`: the operator, principal or number. Whether the statement matches is open. */
  | { readonly code: 'element-not-understood'; readonly what: string }
  /** In characters, with the most that AWS accepts. */
  | { readonly code: 'policy-too-large'; readonly size: number; readonly most: number }
  | { readonly code: 'sid-repeated' | 'sid-invalid'; readonly sid: string }
  | { readonly code: 'principal-missing' | 'action-missing' | 'resource-missing' }
  /** `why`: in words. */
  | { readonly code: 'principal-matches-nobody'; readonly principal: string; readonly why: string }
  /** `id`: the unique ID that AWS shows in place of an ARN. */
  | { readonly code: 'principal-deleted'; readonly id: string }
  | { readonly code: 'action-not-one'; readonly action: string }
  /** A bare key ID, an alias, or the ARN of an alias. */
  | { readonly code: 'resource-no-key-arn'; readonly resource: string }
  /** In a key policy. */
  | { readonly code: 'resource-not-the-key'; readonly resource: string }
  | { readonly code: 'scp-allow-on-resource'; readonly resource: string }
);

export function elementWarnings(statement: Statement): readonly ElementWarning[] {
  return [...principalWarnings(statement), ...actionListWarnings(statement), ...resourceWarnings(statement)];
}

/**
 * Sids must be unique within a policy. Except in key policies, a Sid may have only letters and
 * digits (iam-evaluation 1.9).
 */
export function sidWarnings(statements: readonly Statement[], paths: readonly string[]): readonly ElementWarning[] {
  const seen = new Set<string>();
  return statements.flatMap(({ ref: { sid = '', policy } }, index): readonly ElementWarning[] => {
    const path = `${paths[index] ?? ''}.Sid`;
    const isRepeated = sid !== '' && seen.has(sid);
    seen.add(sid);
    const isInvalid = lettersAndDigits.has(policy) && !/^[A-Za-z0-9]*$/.test(sid);
    return [
      ...(isRepeated ? [{ code: 'sid-repeated', path, sid } as const] : []),
      ...(isInvalid ? [{ code: 'sid-invalid', path, sid } as const] : []),
    ];
  });
}

const lettersAndDigits: ReadonlySet<PolicyKind> = new Set(['identity', 'boundary', 'session', 'scp', 'rcp']);

/** iam-evaluation 2.6, 2.7, 2.9, 2.12, 2.13, 2.17. */
function principalWarnings({ principals }: Statement): readonly ElementWarning[] {
  if (principals === 'not applicable') return [];
  if (principals === 'missing') return [{ code: 'principal-missing', path: 'Principal' }];
  const path = principals.match === 'some' ? 'Principal' : 'NotPrincipal';
  return principals.of.flatMap((entry): readonly ElementWarning[] => {
    if (entry.is === 'dead') return [{ code: 'principal-matches-nobody', path, principal: entry.text, why: entry.why }];
    return entry.is === 'unique id' ? [{ code: 'principal-deleted', path, id: entry.id }] : [];
  });
}

/** iam-evaluation 2.21, 2.29. */
function actionListWarnings({ actions }: Statement): readonly ElementWarning[] {
  if (actions.of.length === 0) return [{ code: 'action-missing', path: 'Action' }];
  const path = actions.match === 'some' ? 'Action' : 'NotAction';
  return actions.of
    .filter(({ text }) => /[\s,]/.test(text))
    .map(({ text }) => ({ code: 'action-not-one', path, action: text }));
}

/** iam-evaluation 2.28, 2.29, 10.17. */
function resourceWarnings(statement: Statement): readonly ElementWarning[] {
  const { resources } = statement;
  if (resources === 'missing') return [{ code: 'resource-missing', path: 'Resource' }];
  const path = resources.match === 'some' ? 'Resource' : 'NotResource';
  return resources.of.flatMap(({ text }): readonly ElementWarning[] => {
    const code = resourceFault(text, statement);
    return code === undefined ? [] : [{ code, path, resource: text }];
  });
}

function resourceFault(text: string, { actions, ref, resources }: Statement) {
  if (isBareKey(text)) return 'resource-no-key-arn';
  if (ref.policy === 'resource' && isOfAnotherService(text) && !isOfAnotherService(ref.name))
    return 'resource-not-the-key';
  // If the statement also names keys, a pattern of actions may be meant for both keys and aliases.
  const namesKeys = resources !== 'missing' && !resources.of.every((one) => isAliasArn(one.text));
  const mayBeAboutAliases = namesKeys && actions.of.some(({ glob }) => aliasActions.some((one) => matches(glob, one)));
  if (isAliasArn(text) && isAboutKeys(actions) && !mayBeAboutAliases) return 'resource-no-key-arn';
  return ref.policy === 'scp' && ref.effect === 'Allow' && text !== '*' ? 'scp-allow-on-resource' : undefined;
}

/** The actions that are authorized also on aliases (iam-evaluation 2.28). */
const aliasActions = ['kms:createalias', 'kms:updatealias', 'kms:deletealias'];

/** The ID or alias of a key, or the last part of its ARN, without the rest of the ARN. */
function isBareKey(text: string): boolean {
  if (arnParts(text) !== undefined) return false;
  return /^(?:key\/)?(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|mrk-[\da-f]{32})$|^(?:alias|key)\//i.test(text);
}

/** Whether a pattern is for resources of exactly one service other than KMS. */
function isOfAnotherService(pattern: string): boolean {
  const arn = parseArn(filledUp(pattern));
  return arn !== undefined && !/[*?]/.test(arn.partition + arn.service) && arn.service !== 'kms';
}
