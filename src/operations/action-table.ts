import { arnParts } from '../base/arn.ts';
import { servicePrefix } from '../base/service.ts';
import * as data from './actions.ts';
import type { ServiceRow } from './service-row.ts';

/** An action, as AWS's Service Authorization Reference describes it. */
export interface Action {
  /** As AWS spells it: `kms:CreateGrant`. */
  readonly name: string;
  /** The forms of the ARNs that the action is authorized on. Empty: a policy must name `*`. */
  readonly resources: readonly ArnForm[];
  /**
   * The condition keys of the action and of its resources. `*` is any text. Global keys are left
   * out.
   */
  readonly keys: readonly string[];
}

/** The form of an ARN: the full text and its six parts. `*` is any text. */
export interface ArnForm {
  readonly text: string;
  readonly parts: readonly string[];
}

/** The actions and condition keys of one service. */
export interface Service {
  /** By name in lower case: `kms:creategrant`. */
  readonly actions: ReadonlyMap<string, () => Action>;
  /**
   * The type of each condition key's value, such as `String`, `ArrayOfString` or `Bool`. In a name,
   * `*` is any text.
   */
  readonly keys: ReadonlyMap<string, string>;
}

const rows: ReadonlyMap<string, () => ServiceRow> = new Map(
  Object.entries({
    backup: data.backup,
    iam: data.iam,
    kms: data.kms,
    organizations: data.organizations,
    rds: data.rds,
    secretsmanager: data.secretsmanager,
    sts: data.sts,
  }),
);

/** Built once for each of these few services. */
const services = new Map<string, Service>();

/**
 * The actions and condition keys of the service with a prefix such as `kms`. Undefined: the table
 * does not have the service.
 */
export function serviceWithPrefix(prefix: string): Service | undefined {
  const name = prefix.toLowerCase();
  const row = rows.get(name);
  if (row === undefined) return undefined;
  const service = services.get(name) ?? read(name, row());
  services.set(name, service);
  return service;
}

function formOf(text: string): ArnForm {
  return { text, parts: arnParts(text) ?? [] };
}

/** A resource type that the reference names but does not describe. */
const unnamed = { form: formOf('arn:*:*:*:*:*'), held: '' };

function read(prefix: string, { types, keys, actions }: ServiceRow): Service {
  const byType = new Map(Object.entries(types).map(([type, [arn, held]]) => [type, { form: formOf(arn), held }]));
  const described = (name: string, [on, own]: ServiceRow['actions'][string]): (() => Action) => {
    let made: Action | undefined;
    return () => {
      if (made !== undefined) return made;
      const resources = words(on).map((type) => byType.get(type) ?? unnamed);
      made = {
        name,
        resources: resources.map(({ form }) => form),
        keys: [...new Set([...words(own), ...resources.flatMap(({ held }) => words(held))])],
      };
      return made;
    };
  };
  return {
    actions: new Map(
      Object.entries(actions).map(([own, row]) => {
        const name = `${prefix}:${own}`;
        return [name.toLowerCase(), described(name, row)];
      }),
    ),
    keys: new Map(Object.entries(keys)),
  };
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}

/**
 * An action by its name, in any case. Undefined: there is no such action, or the table does not
 * have its service.
 */
export function findAction(name: string): Action | undefined {
  return serviceWithPrefix(prefixOf(name))?.actions.get(name.toLowerCase())?.();
}

/**
 * Whether requests for an action may carry a condition key of the called service or a tag. A key
 * that an action does not carry is absent. `keyId`: lower-case name of the key.
 */
export function carriesKey(action: string, keyId: string): boolean {
  return findAction(action)?.keys.some((key) => isKeyOf(key.toLowerCase(), keyId)) === true;
}

/** In the reference, the name of a tag is `*` or, for some services, `tag-key`. */
function isKeyOf(listed: string, keyId: string): boolean {
  const open = /(?:\*|(?<=\/)tag-key)$/.exec(listed);
  return open === null ? listed === keyId : keyId.startsWith(listed.slice(0, open.index));
}

/** Whether AWS has a service with this prefix, in any case. */
export function isServicePrefix(prefix: string): boolean {
  return prefixes.has(prefix.toLowerCase());
}

const prefixes: ReadonlySet<string> = new Set(words(data.prefixes));

/** `kms` for `kms:Decrypt`; the full text if there is no colon. */
export function prefixOf(action: string): string {
  return servicePrefix(action) ?? action;
}
