import type { Diagnosis, Verdict } from '../contract/report.ts';
import { type NamedThing, NotHeld } from '../evidence/not-held.ts';
import type { KeyUse } from './diagnose.ts';
import { type AwsError, isUnsetName, sameCode } from './error-text.ts';
import type { Incident } from './incident.ts';

/** Something that a record or a text names and that does not exist, or that the evidence lacks. */
export type Finding =
  | { readonly code: 'named-key-is-none'; readonly name: string }
  /** `says`: what the evidence contains instead, as a sentence. */
  | { readonly code: 'named-thing-not-held'; readonly thing: NamedThing; readonly says: string };

/** The meaning of a finding for the refusal. */
export interface Found {
  readonly finding: Finding;
  readonly agreement: Diagnosis['agreement'];
  readonly verdict: Verdict;
}

/** The request has the text of an unset variable in the place of a key, and AWS refused it. */
export function unsetKeyOf({ parameters, error, key }: Incident): Found | undefined {
  const named = error?.key?.name === undefined ? [parameters.kmsKeyId, key] : [error.key.name];
  const name = named.find((one) => one !== undefined && isUnsetName(one));
  if (name === undefined || error === undefined) return undefined;
  const isKms = error.key !== undefined || isAboutKey(error.code);
  return isKms ? { finding: { code: 'named-key-is-none', name }, agreement: 'agrees', verdict: 'fails' } : undefined;
}

/**
 * The finding, if a failure says that a resource in the incident was not found. Undefined: the user
 * named the resource, or it is another failure.
 */
export function findingOf(incident: Incident, failure: unknown): Found | undefined {
  if (!(failure instanceof NotHeld)) return undefined;
  const { thing } = failure;
  if (!isTold(incident, thing)) return undefined;
  const finding: Finding = { code: 'named-thing-not-held', thing, says: failure.message };
  return isExplained(incident, thing)
    ? { finding, agreement: 'agrees', verdict: 'fails' }
    : { finding, agreement: 'no check', verdict: 'undetermined' };
}

/**
 * The key in an incident whose source was not found: the report still says whether the principal
 * may use the key. Undefined: the incident names no key.
 */
export function keyBeside({ parameters, error, key }: Incident, { finding }: Found): string | undefined {
  if (finding.code !== 'named-thing-not-held') return undefined;
  const { is, name } = finding.thing;
  const named = error?.key?.name ?? parameters.kmsKeyId ?? key;
  const isAnother = is === 'source' || is === 'list' || (is === 'key' && named !== name);
  return isAnother && named !== undefined && !isUnsetName(named) ? named : undefined;
}

/**
 * A finding with the answer about the use of the key: if RDS may not use the key, that explains the
 * refusal.
 */
export function withKeyUse(found: Found, { error }: Incident, { use }: KeyUse): Found {
  // Where the whole Region was not read, the key may be one of another Region.
  const is = found.finding.code === 'named-thing-not-held' ? found.finding.thing.is : undefined;
  const isExplaining = (is === 'source' || is === 'key') && use === 'denied' && isAboutKey(error?.code);
  return isExplaining ? { ...found, agreement: 'agrees', verdict: 'fails' } : found;
}

/** Facts of the incident, not of a flag. */
function isTold({ principal, source, parameters, error, key, region }: Incident, { is, name }: NamedThing): boolean {
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

/** There is no such thing, and that is what AWS says. */
function isExplained({ error }: Incident, { is, name, isCertain }: NamedThing): boolean {
  if (!isCertain || error === undefined) return false;
  if (is === 'key') return isAboutKey(error.code) && !namesAnotherKey(error, name);
  return is === 'source' && /NotFound/i.test(error.code ?? '');
}

/** Whether AWS refuses another key than the one that the request names. */
export function namesAnotherKey({ key }: AwsError, name: string): boolean {
  return key?.name === undefined ? key?.which === 'source snapshot' : key.name !== name;
}

function isAboutKey(code: string | undefined): boolean {
  return code !== undefined && (sameCode(code, 'KMSKeyNotAccessibleFault') || /^NotFound/i.test(code));
}
