import type { EvaluationSettings } from '../check/evaluate.ts';
import type { OperationParameters, Parameter } from '../operations/parameters.ts';
import { conditionKey } from '../policy/condition-keys.ts';

/*
 * What a principal can change in its own session and request to meet a condition. Then no policy
 * needs an edit.
 */

/** What a condition requires of a key. `values`: as the policy writes them. */
export interface Demand {
  /** As AWS spells it. */
  readonly key: string;
  readonly is: 'one of' | 'none of' | 'present' | 'absent';
  readonly values: readonly string[];
}

/** One fact that the session or the request gets. */
export interface SessionFact {
  readonly demand: Demand;
  /** The role that is assumed again. Undefined: the principal is a user or a root user. */
  readonly role: string | undefined;
  /**
   * The condition keys that the request then carries. An empty list: the request does not carry the
   * key.
   */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

type Context = EvaluationSettings['context'];
type Tags = Readonly<Record<string, string>>;

/** The tag of the request that a condition key tests. Undefined: the key tests no such tag. */
export function requestTagIn(key: string): string | undefined {
  return /^(?:aws:requesttag|rds:req-tag)\/(.+)$/is.exec(key)?.[1];
}

interface RequestSwitch {
  readonly flag: Parameter;
  readonly on: (isOn: boolean) => OperationParameters;
}

/** The switches of a request that condition keys show, by lower-case key (iam-evaluation 7.9). */
const switches: Readonly<Record<string, RequestSwitch>> = {
  'rds:copyoptiongroup': { flag: 'copy-option-group', on: (copyOptionGroup) => ({ copyOptionGroup }) },
  'rds:managemasteruserpassword': {
    flag: 'manage-master-user-password',
    on: (manageMasterUserPassword) => ({ manageMasterUserPassword }),
  },
  'rds:publiclyaccessible': { flag: 'publicly-accessible', on: (publiclyAccessible) => ({ publiclyAccessible }) },
  'rds:storageencrypted': { flag: 'storage-encrypted', on: (storageEncrypted) => ({ storageEncrypted }) },
};

/** The switch of the request that a condition key shows. Undefined: the key shows none. */
export function requestSwitchIn(key: string): RequestSwitch | undefined {
  const keyId = key.toLowerCase();
  return Object.hasOwn(switches, keyId) ? switches[keyId] : undefined;
}

/**
 * The parameters of the request with other facts. If the facts change no parameter, returns the
 * same object.
 */
export function parametersWith(parameters: OperationParameters, facts: readonly SessionFact[]): OperationParameters {
  const tags = tagsWith(parameters.tags, facts);
  const tagged = tags === undefined || tags === parameters.tags ? parameters : { ...parameters, tags };
  return facts
    .flatMap(({ context }) => Object.entries(context))
    .reduce<OperationParameters>((before, [key, [value]]) => {
      const known = requestSwitchIn(key);
      return known === undefined ? before : { ...before, ...known.on(value === 'true') };
    }, tagged);
}

/**
 * The tags of the request with other facts. The names of condition keys ignore case (iam-evaluation
 * 1.6), so a tag replaces those whose names differ only in case.
 */
function tagsWith(tags: Tags | undefined, facts: readonly SessionFact[]): Tags | undefined {
  return facts
    .flatMap(({ context }) => Object.entries(context))
    .reduce<Tags | undefined>((before, [key, [value]]) => {
      const name = requestTagIn(key);
      if (name === undefined) return before;
      const kept = Object.entries(before ?? {}).filter(([tag]) => tag.toLowerCase() !== name.toLowerCase());
      return Object.fromEntries(value === undefined ? kept : [...kept, [name, value]]);
    }, tags);
}

/** The condition keys of all facts. */
export function contextOfFacts(facts: readonly SessionFact[]): Record<string, string[]> {
  return Object.fromEntries(
    facts.flatMap(({ context }) => Object.entries(context).map(([key, values]) => [key, [...values]])),
  );
}

/**
 * What a request carries in addition to its parameters, with other facts of the session or the
 * request. A request comes through only one network (iam-evaluation 7.7).
 */
export function withFacts(context: Context, facts: readonly SessionFact[]): Context {
  return facts.reduce<Context>((before, fact) => {
    const isNetwork = (key: string): boolean => conditionKey(key.toLowerCase())?.filledBy === 'network';
    const carried = Object.entries(fact.context).filter(
      ([key]) => requestTagIn(key) === undefined && requestSwitchIn(key) === undefined,
    );
    const given = carried.map(([key]) => key);
    const names = new Set(given.map((key) => key.toLowerCase()));
    const kept = Object.entries(before).filter(
      ([key]) => !names.has(key.toLowerCase()) && !(isNetwork(key) && given.some(isNetwork)),
    );
    return { ...Object.fromEntries(kept), ...Object.fromEntries(carried) };
  }, context);
}
