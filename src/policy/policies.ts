import { isJson, isList } from '../base/json.ts';
import { lazily } from '../base/lazily.ts';
import type { Walks } from './automaton.ts';
import { writeDecimal } from './decimal.ts';
import type { Statement } from './document.ts';
import { type DocumentFault } from './fault.ts';
import type { Grant } from './grants.ts';
import { readInstant } from './matchers.ts';
import { type Parsed, parse } from './parse.ts';
import { indexByAction, type Selected } from './statement-index.ts';
import type { PolicyKind } from './statement-ref.ts';
import { type Fact, grantsFact, or, policyFact, type Truth, unknownBy } from './truth.ts';
import type { Warning } from './warning.ts';

export interface NamedPolicy {
  readonly name: string;
  /** An object, JSON text or URL-encoded JSON text. */
  readonly document: unknown;
}

/** A policy or layer that exists, or may exist, and could not be read. */
export interface Unread {
  readonly name?: string;
  readonly unread: string;
  /** The policy exists for certain. Absent: there may be none. */
  readonly exists?: true;
}

type GivenPolicies = readonly (NamedPolicy | Unread)[];

/**
 * The policies that take part in a request. A layer that is left out or empty does not exist
 * (iam-evaluation 14.21). A level of SCPs exists if it is listed, and allows nothing without a
 * policy. If the policy of a KMS key is left out, it counts as unread, because every key has a
 * policy.
 */
export interface Policies {
  readonly identity: readonly (NamedPolicy | Unread)[];
  readonly boundary?: readonly (NamedPolicy | Unread)[];
  readonly session?: readonly (NamedPolicy | Unread)[];
  readonly endpoint?: readonly (NamedPolicy | Unread)[];
  /** A KMS key may have two policies (iam-evaluation 14.22). */
  readonly resource?: NamedPolicy | Unread | readonly (NamedPolicy | Unread)[];
  /** One list for each level, root first. */
  readonly scps?: readonly (readonly (NamedPolicy | Unread)[])[] | Unread;
  readonly rcps?: readonly (readonly (NamedPolicy | Unread)[])[] | Unread;
  readonly grants?: readonly Grant[] | Unread;
}

export interface PolicyFault extends DocumentFault {
  readonly policy: PolicyKind;
  readonly name: string;
}

/** A warning, and the policy that it is about. */
export type PolicyWarning = Warning & { readonly policy: PolicyKind; readonly name: string };

/** Thrown for policies that AWS would not accept. They never lead to a decision. */
export class InvalidPolicies extends Error {
  readonly faults: readonly PolicyFault[];

  constructor(faults: readonly PolicyFault[]) {
    const [first] = faults;
    super(
      first === undefined
        ? 'a policy is invalid'
        : `${first.policy} policy \`${first.name}\`: \`${first.path}\` ${first.says}`,
    );
    this.name = 'InvalidPolicies';
    this.faults = faults;
  }
}

/** The policies of one layer, indexed by action. */
export interface Layer {
  readonly statements: readonly Statement[];
  readonly select: (action: string) => Selected;
  readonly unread: readonly Fact[];
}

export interface Layers {
  readonly identity: Layer;
  readonly boundary: Layer | undefined;
  /** Whether the caller has a permissions boundary. */
  readonly hasBoundary: Truth;
  readonly session: Layer | undefined;
  readonly endpoint: Layer | undefined;
  readonly resource: Layer | undefined;
  readonly scps: readonly Layer[];
  readonly rcps: readonly Layer[];
  readonly grants: readonly Grant[] | Fact;
  readonly walks: Walks;
  /** All layers, in the order in which AWS describes its evaluation (iam-evaluation 5.4). */
  readonly all: readonly { readonly kind: PolicyKind; readonly layer: Layer; readonly level?: number }[];
}

/** A layer, and the faults and warnings of its policies. */
interface ReadLayer {
  readonly layer: Layer;
  readonly faults: readonly PolicyFault[];
  readonly warnings: () => readonly PolicyWarning[];
}

/**
 * A cache of documents, by kind and name, and of layers, by the list of their policies. Many
 * principals have policies with the same text or object, which are then read once.
 */
export class ReadDocuments {
  readonly #objects = new WeakMap<object, Map<string, Parsed>>();
  readonly #ofObjects = new Map<string, Map<string, Parsed>>();
  readonly #texts = new Map<string, Map<string, Parsed>>();
  readonly #layers = new WeakMap<object, Map<PolicyKind, ReadLayer>>();
  readonly #selecting = new WeakMap<readonly Statement[], Layer['select']>();
  readonly walks: Walks = new Map();

  layer(kind: PolicyKind, given: GivenPolicies): ReadLayer {
    const [only] = given;
    const name = only !== undefined && given.length === 1 ? only : given;
    const known = this.#layers.get(name) ?? new Map<PolicyKind, ReadLayer>();
    this.#layers.set(name, known);
    const made = known.get(kind) ?? readLayer(kind, given, this);
    known.set(kind, made);
    return made;
  }

  /**
   * The statements of each policy by action. Documents with the same text are read once, whatever
   * their names are.
   * @throws InvalidPolicies
   */
  selectingAlone(kind: PolicyKind, given: GivenPolicies): readonly Layer['select'][] {
    return given.flatMap((policy) => {
      if ('unread' in policy) return [];
      const parsed = this.parseAlike(kind, policy.name, policy.document);
      // Read the document again, to report the faults under the name of this policy.
      if ('faults' in parsed) throw new InvalidPolicies(this.layer(kind, given).faults);
      return [this.selecting(parsed.policy.statements)];
    });
  }

  /** The statements of a document or layer by action. The index is built when it is first used. */
  selecting(statements: readonly Statement[]): Layer['select'] {
    const known = this.#selecting.get(statements);
    if (known !== undefined) return known;
    let filed: Layer['select'] | undefined;
    const select: Layer['select'] = (action) => (filed ??= indexByAction(statements))(action);
    this.#selecting.set(statements, select);
    return select;
  }

  /**
   * The document as it was read for any policy of this kind: its statements may carry another name.
   */
  parseAlike(kind: PolicyKind, name: string, document: unknown): Parsed {
    for (const [read, parsed] of this.#knownOf(document) ?? []) if (read.startsWith(`${kind} `)) return parsed;
    return this.parse(kind, name, document);
  }

  parse(kind: PolicyKind, name: string, document: unknown): Parsed {
    const known = this.#knownOf(document);
    const parsed = known?.get(`${kind} ${name}`) ?? parse(kind, name, document);
    known?.set(`${kind} ${name}`, parsed);
    return parsed;
  }

  #knownOf(document: unknown): Map<string, Parsed> | undefined {
    if (typeof document === 'string') return filedUnder(this.#texts, document);
    if (!isJson(document)) return undefined;
    const known = this.#objects.get(document) ?? this.#likeOf(document);
    this.#objects.set(document, known);
    return known;
  }

  #likeOf(document: object): Map<string, Parsed> {
    const text = jsonOf(document);
    return text === undefined ? new Map<string, Parsed>() : filedUnder(this.#ofObjects, text);
  }
}

/**
 * Undefined: the object has no JSON, such as an object that contains itself. Parsing reports what
 * is wrong.
 */
function jsonOf(document: object): string | undefined {
  try {
    return JSON.stringify(document);
  } catch {
    return undefined;
  }
}

type Filing<K> = Pick<Map<K, Map<string, Parsed>>, 'get'> & {
  readonly set: (key: K, known: Map<string, Parsed>) => unknown;
};

function filedUnder<K>(filing: Filing<K>, key: K): Map<string, Parsed> {
  const known = filing.get(key);
  if (known !== undefined) return known;
  const made = new Map<string, Parsed>();
  filing.set(key, made);
  return made;
}

function readLayer(kind: PolicyKind, given: GivenPolicies, read: ReadDocuments): ReadLayer {
  const faults: PolicyFault[] = [];
  const warned: (() => readonly PolicyWarning[])[] = [];
  const unread: Fact[] = [];
  const documents: (readonly Statement[])[] = [];
  for (const policy of given) {
    if ('unread' in policy) unread.push(unreadFact(kind, policy));
    else {
      const parsed = read.parse(kind, policy.name, policy.document);
      const at = { policy: kind, name: policy.name };
      // Push the faults one by one: a hostile document may have more than one call can take as
      // arguments.
      if ('faults' in parsed) for (const fault of parsed.faults) faults.push({ ...fault, ...at });
      else {
        documents.push(parsed.policy.statements);
        warned.push(() => parsed.warnings().map((warning) => ({ ...warning, ...at })));
      }
    }
  }
  const [only = []] = documents;
  const statements = documents.length < 2 ? only : documents.flat();
  const layer = { statements, select: read.selecting(statements), unread };
  return { layer, faults, warnings: () => warned.flatMap((warnings) => warnings()) };
}

/** Reads and indexes the policies. @throws InvalidPolicies */
export function readLayers(
  policies: Policies,
  read = new ReadDocuments(),
): {
  readonly layers: Layers;
  readonly warnings: () => readonly PolicyWarning[];
  readonly times: () => readonly number[];
} {
  const made: ReadLayer[] = [];
  const layer = (kind: PolicyKind, given: GivenPolicies): Layer => {
    const one = read.layer(kind, given);
    made.push(one);
    return one.layer;
  };
  const maybe = (kind: PolicyKind, given: GivenPolicies | undefined): Layer | undefined =>
    given === undefined || given.length === 0 ? undefined : layer(kind, given);
  const levels = (kind: 'scp' | 'rcp', given: Policies['scps']): readonly Layer[] => {
    if (given === undefined) return [];
    return 'unread' in given ? [layer(kind, [given])] : given.map((level) => layer(kind, level));
  };
  const grants = policies.grants ?? [];
  const layers = {
    identity: layer('identity', policies.identity),
    boundary: maybe('boundary', policies.boundary),
    hasBoundary: existence('boundary', policies.boundary ?? []),
    session: maybe('session', policies.session),
    endpoint: maybe('endpoint', policies.endpoint),
    resource: maybe('resource', asList(policies.resource)),
    scps: levels('scp', policies.scps),
    rcps: levels('rcp', policies.rcps),
    grants: 'unread' in grants ? grantsFact(grants.unread) : grants,
    walks: read.walks,
  };
  const faults = made.flatMap((one) => one.faults);
  if (faults.length > 0) throw new InvalidPolicies(faults);
  return {
    layers: { ...layers, all: inOrder(layers) },
    warnings: () => made.flatMap(({ warnings }) => warnings()),
    times: lazily(() => made.flatMap(({ layer: { statements } }) => statements.flatMap(timesIn))),
  };
}

const timesOfCalls: ReadonlySet<string> = new Set(['aws:currenttime', 'aws:epochtime']);

/** The times with which a statement compares the time of a call, in seconds since 1970. */
function timesIn({ tests }: Statement): readonly number[] {
  return tests
    .filter(({ keyId }) => timesOfCalls.has(keyId))
    .flatMap(({ values }) => values)
    .flatMap(({ text }) => {
      const instant = readInstant(text);
      return instant === undefined || 'rule' in instant ? [] : [Number(writeDecimal(instant))];
    });
}

/** Whether there is a policy of a kind, among policies of which some could not be read. */
function existence(kind: PolicyKind, given: GivenPolicies): Truth {
  let truth: Truth = false;
  for (const policy of given)
    truth = or(truth, 'unread' in policy && policy.exists !== true ? unknownBy(unreadFact(kind, policy)) : true);
  return truth;
}

function unreadFact(kind: PolicyKind, { name = '', unread }: Unread): Fact {
  return policyFact(kind, name, unread);
}

function asList(given: Policies['resource']): GivenPolicies {
  if (given === undefined) return [];
  return isList(given) ? given : [given];
}

function inOrder(layers: Omit<Layers, 'all'>): Layers['all'] {
  const one = (kind: PolicyKind, layer: Layer | undefined) => (layer === undefined ? [] : [{ kind, layer }]);
  return [
    ...layers.rcps.map((layer, level) => ({ kind: 'rcp' as const, layer, level })),
    ...layers.scps.map((layer, level) => ({ kind: 'scp' as const, layer, level })),
    ...one('resource', layers.resource),
    ...one('identity', layers.identity),
    ...one('boundary', layers.boundary),
    ...one('session', layers.session),
    ...one('endpoint', layers.endpoint),
  ];
}
