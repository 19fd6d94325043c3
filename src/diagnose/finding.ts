import type { Diagnosis, Verdict } from '../contract/report.ts';
import { type NamedThing, NotHeld } from '../evidence/not-held.ts';
import type { KeyUse } from './diagnose.ts';
import { type AwsError, isUnsetName, sameCode } from './error-text.ts';
import type { Incident } from './incident.ts';

/**
 * A problem with a name in a record or error text: the resource does not exist, or the evidence
 * lacks it.
 */
export type Finding =
  | { readonly code: 'named-key-is-none'; readonly name: string }
  /** `says`: a sentence about what the evidence has instead. */
  | { readonly code: 'named-thing-not-held'; readonly thing: NamedThing; readonly says: string };

/** A finding, and what it means for AWS's refusal. */
export interface Found {
  readonly finding: Finding;
  readonly agreement: Diagnosis['agreement'];
  readonly verdict: Verdict;
}

/**
 * The finding that the request names a key by the text of an unset variable, if AWS refused the
 * request for its key.
 */
export function unsetKeyOf({ parameters, error, key }: Incident): Found | undefined {
  const named = error?.key?.name === undefined ? [parameters.kmsKeyId, key] : [error.key.name];
  const name = named.find((one) => one !== undefined && isUnsetName(one));
  if (name === undefined || error === undefined) return undefined;
  const isKms = error.key !== undefined || isAboutKey(error.code);
  return isKms ? { finding: { code: 'named-key-is-none', name }, agreement: 'agrees', verdict: 'fails' } : undefined;
}

/**
 * The finding, if a check failed because the evidence lacks a resource that the incident names.
 * Undefined: the user named the resource, or the failure is about something else.
 */
export function findingOf(incident: Incident, failure: unknown): Found | undefined {
  if (!(failure instanceof NotHeld)) return undefined;
  const { thing } = failure;
  if (!isNamedByIncident(incident, thing)) return undefined;
  const finding: Finding = { code: 'named-thing-not-held', thing, says: failure.message };
  return isExplained(incident, thing)
    ? { finding, agreement: 'agrees', verdict: 'fails' }
    : { finding, agreement: 'no check', verdict: 'undetermined' };
}

/**
 * The key of an incident whose source or other key was not found. The report can still say whether
 * the principal may use this key. Undefined: the incident names no such key.
 */
export function keyBeside({ parameters, error, key }: Incident, { finding }: Found): string | undefined {
  if (finding.code !== 'named-thing-not-held') return undefined;
  const { is, name } = finding.thing;
  const named = error?.key?.name ?? parameters.kmsKeyId ?? key;
  const isAnother = is === 'source' || is === 'list' || (is === 'key' && named !== name);
  return isAnother && named !== undefined && !isUnsetName(named) ? named : undefined;
}

/**
 * The finding, updated with the answer about the key: if RDS may not use the key, that explains the
 * refusal.
 */
export function withKeyUse(found: Found, { error }: Incident, { use }: KeyUse): Found {
  // If a whole list is missing from the evidence, the key may belong to another Region, so the
  // answer about it explains nothing.
  const is = found.finding.code === 'named-thing-not-held' ? found.finding.thing.is : undefined;
  const isExplaining = (is === 'source' || is === 'key') && use === 'denied' && isAboutKey(error?.code);
  return isExplaining ? { ...found, agreement: 'agrees', verdict: 'fails' } : found;
}

/** Whether the incident names the missing thing. Otherwise a flag of the user named it. */
function isNamedByIncident(
  { principal, source, parameters, error, key, region }: Incident,
  { is, name }: NamedThing,
): boolean {
  switch (is) {
    case 'principal':
      return principal !== undefined;
    case 'key':
      return [parameters.kmsKeyId, parameters.masterUserSecretKmsKeyId, error?.key?.name, key].includes(name);
    case 'source':
      return source === name;
    case 'list':
      return source !== undefined || region !== undefined;
  }
}

/** Whether the missing thing explains AWS's error. */
function isExplained({ error }: Incident, { is, name, isCertain }: NamedThing): boolean {
  if (!isCertain || error === undefined) return false;
  if (is === 'key') return isAboutKey(error.code) && !namesAnotherKey(error, name);
  return is === 'source' && /NotFound/i.test(error.code ?? '');
}

/** Whether AWS refuses a key other than `name`. */
export function namesAnotherKey({ key }: AwsError, name: string): boolean {
  return key?.name === undefined ? key?.which === 'source snapshot' : key.name !== name;
}

function isAboutKey(code: string | undefined): boolean {
  return code !== undefined && (sameCode(code, 'KMSKeyNotAccessibleFault') || /^NotFound/i.test(code));
}
