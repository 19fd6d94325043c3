import { type ResourceKind, resourceKind } from './arn.ts';
import { type Caller, type CallerInput, callerKey, readCaller } from './caller.ts';
import { absent, byNames, certain, isAnyText, type Possible, present, presentUnknown, unknown } from './possible.ts';
import { type Fact, factKey, type Truth, unknownBy } from './truth.ts';

/** One authorization question, as the users of the engine ask it (iam-evaluation 1.1). */
export interface RequestInput {
  /**
   * The ARN of a user, role, assumed-role session, root user or federated user, or the name of a
   * service principal. A role ARN means any session of that role.
   */
  readonly principal: string;
  readonly action: string;
  readonly resource: {
    readonly arn: string;
    readonly account: string;
    /** Only the start of the ARN is known, as for a resource that does not exist yet. */
    readonly nameUnknown?: boolean;
    /** If the name is unknown: the text by which policies name this resource alone. */
    readonly writtenAs?: string | undefined;
    /** If the name is unknown: full ARNs that the resource certainly does not have. */
    readonly isNot?: ReadonlySet<string> | undefined;
    /** If the name is unknown: a longer start than that of `arn`, which the ARN certainly does not have. */
    readonly beginsNot?: string | undefined;
  };
  /** Known condition keys. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /**
   * Keys that may or may not be present, with unknown values. '*' means every key that is not
   * given. All other keys are absent.
   */
  readonly unknownKeys?: readonly string[];
  /**
   * More exact knowledge about a key, by its name in lower case. It takes precedence over `context`
   * and `unknownKeys`.
   */
  readonly possible?: (keyId: string) => Possible | undefined;
  /** The ARN (with path) of the role behind an assumed-role session. */
  readonly roleArn?: string | undefined;
  /** The unique ID of the user or role (AIDA..., AROA...). */
  readonly userId?: string | undefined;
  /** The ARN of the IAM user behind a federated user. */
  readonly federatingUser?: string | undefined;
  /** The caller's account is the management account of its organization. */
  readonly managementAccount?: boolean | undefined;
  readonly resourceInManagementAccount?: boolean | undefined;
  /** The resource is an AWS managed KMS key. */
  readonly awsManagedKey?: boolean;
  /** If given, the worlds that were tried for the request are added to it. */
  readonly effort?: Effort | undefined;
}

/** How much work decisions took, so that a caller with many requests can stop in time. */
export interface Effort {
  /** Decisions, and the worlds that were tried for them. */
  spent: number;
}

/**
 * A request as the engine reads it: plain data that is cheap to make, because a decision takes
 * about a microsecond.
 */
export interface EngineRequest {
  readonly input: RequestInput;
  readonly caller: Caller;
  /** Lower case. */
  readonly action: string;
  readonly arn: string;
  readonly kind: ResourceKind;
  /** `arn` is only the start of the resource's ARN. */
  readonly nameUnknown: boolean;
  /** Whether the caller has a permissions boundary. */
  readonly hasBoundary: Truth;
  /**
   * What is supposed while worlds are tried (worlds.ts): states of context keys by their lower-case
   * names, and other facts by `factKey`.
   */
  readonly states: ReadonlyMap<string, Possible> | undefined;
  readonly facts: ReadonlyMap<string, string> | undefined;
}

/** What a world supposes about a request. */
export interface Supposition {
  readonly states?: ReadonlyMap<string, Possible>;
  /** By `factKey`. */
  readonly facts?: ReadonlyMap<string, string>;
  readonly caller?: Caller;
  /** The full ARN of a resource of which only the start is known. */
  readonly arn?: string;
}

/** The most principals and resources that are kept in memory. */
const mostKept = 256;

/** The same function, but with a cache of its results. */
function keeping<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  let last: { readonly text: string; readonly value: T } | undefined;
  return (text) => {
    if (last?.text === text) return last.value;
    const value = made.get(text) ?? make(text);
    if (made.size >= mostKept) made.clear();
    made.set(text, value);
    last = { text, value };
    return value;
  };
}

/**
 * A cache for callers. Their name is not enough as the key, because more facts about them may be
 * known.
 */
function keepingCallers(): (input: CallerInput) => Caller {
  const made = new Map<string, KnownCaller>();
  let last: KnownCaller | undefined;
  return (input) => {
    if (last !== undefined && isOf(last, input)) return last.caller;
    const { principal, roleArn, userId, federatingUser } = input;
    const known = made.get(principal);
    last =
      known !== undefined && isOf(known, input)
        ? known
        : { principal, roleArn, userId, federatingUser, caller: readCaller(input) };
    if (made.size >= mostKept) made.clear();
    made.set(principal, last);
    return last.caller;
  };
}

interface KnownCaller extends Pick<RequestInput, 'principal' | 'roleArn' | 'userId'> {
  readonly federatingUser: string | undefined;
  readonly caller: Caller;
}

function isOf({ principal, roleArn, userId, federatingUser }: KnownCaller, input: CallerInput): boolean {
  return (
    principal === input.principal &&
    roleArn === input.roleArn &&
    userId === input.userId &&
    federatingUser === input.federatingUser
  );
}

/**
 * Reads the requests of one set of policies. It caches principals and resources, because many
 * requests share them, and reading an ARN costs more than a simple decision.
 */
export function requestReader(hasBoundary: Truth): (input: RequestInput) => EngineRequest {
  const callerOf = keepingCallers();
  const kindOf = keeping(resourceKind);
  return (input) => {
    const { arn } = input.resource;
    return {
      input,
      caller: callerOf(input),
      action: input.action.toLowerCase(),
      arn,
      kind: kindOf(arn),
      nameUnknown: input.resource.nameUnknown === true,
      hasBoundary,
      states: undefined,
      facts: undefined,
    };
  };
}

/** The same request with further suppositions. */
export function supposing(request: EngineRequest, more: Supposition): EngineRequest {
  const arn = more.arn ?? request.arn;
  return {
    ...request,
    caller: more.caller ?? request.caller,
    arn,
    kind: arn === request.arn ? request.kind : resourceKind(arn),
    nameUnknown: request.nameUnknown && more.arn === undefined,
    states: more.states === undefined ? request.states : new Map([...(request.states ?? []), ...more.states]),
    facts: more.facts === undefined ? request.facts : new Map([...(request.facts ?? []), ...more.facts]),
  };
}

/** Whether a fact other than a context key holds: unknown, unless a world supposes an answer. */
export function factHolds(fact: Fact, request: EngineRequest): Truth {
  const supposed = request.facts?.get(factKey(fact));
  return supposed === undefined ? unknownBy(fact) : supposed === 'true';
}

/**
 * The state of a context key. Every key has a state. The order of sources: what is supposed, then
 * the more exact knowledge, then what is given, then what follows from the caller and resource.
 * `keyId` is lower case.
 */
export function contextOf(request: EngineRequest, keyId: string): Possible {
  const known = stated(request, keyId);
  if (known !== undefined) return known;
  if (keyId === 'aws:viaawsservice') return viaAwsService(contextOf(request, 'kms:viaservice'));
  return derivedKey(keyId, request) ?? (request.input.unknownKeys?.includes('*') === true ? unknown : absent);
}

/** What is supposed or given about a key itself. */
function stated(request: EngineRequest, keyId: string): Possible | undefined {
  return request.states?.get(keyId) ?? stateGiven(request.input, keyId);
}

/** What a request itself says about a key. Undefined: nothing. `keyId` is lower case. */
export function stateGiven(input: RequestInput, keyId: string): Possible | undefined {
  const known = input.possible?.(keyId);
  if (known !== undefined) return known;
  const given = input.context === undefined ? undefined : lookUp(input.context, keyId);
  if (given !== undefined) return given;
  const { unknownKeys } = input;
  return unknownKeys !== undefined && unknownKeys.some((key) => key.toLowerCase() === keyId) ? unknown : undefined;
}

/**
 * The key from which another key follows, if nothing else gives it: aws:ViaAWSService follows from
 * kms:ViaService (iam-evaluation 7.4).
 */
export function leadingKey(request: EngineRequest, keyId: string): string | undefined {
  return keyId === 'aws:viaawsservice' && stated(request, keyId) === undefined ? 'kms:ViaService' : undefined;
}

/** The other key that holds the time of the request (iam-evaluation 7B). */
export function sameInstant(keyId: string): string | undefined {
  if (keyId === 'aws:currenttime') return 'aws:epochtime';
  return keyId === 'aws:epochtime' ? 'aws:currenttime' : undefined;
}

/** Names compare without case; `keyId` is lower case. */
function lookUp(context: NonNullable<RequestInput['context']>, keyId: string): Possible | undefined {
  let found: Possible | undefined;
  for (const key in context) {
    if (key.length !== keyId.length || (key !== keyId && key.toLowerCase() !== keyId)) continue;
    const value = context[key];
    if (value === undefined) continue;
    const values = [typeof value === 'string' ? [value] : value];
    found =
      found === undefined || isAnyText(found.values)
        ? { absent: false, values }
        : byNames([...found.values, ...values]);
  }
  return found;
}

function viaAwsService(viaService: Possible): Possible {
  if (certain(viaService) === 'absent') return present('false');
  return viaService.absent ? { absent: false, values: [['true'], ['false']] } : present('true');
}

/**
 * The state of a key that follows from the caller and the resource (iam-evaluation 4.9, 7B).
 * Undefined: other keys.
 */
function derivedKey(keyId: string, { caller, action, kind, input }: EngineRequest): Possible | undefined {
  switch (keyId) {
    case 'kms:calleraccount':
      return action.startsWith('kms:') ? callerKey(keyId, caller) : undefined;
    case 'aws:resourceaccount':
      return present(input.resource.account);
    case 'aws:requestedregion': {
      const { region } = kind;
      return region === undefined || region === '' ? presentUnknown : present(region);
    }
    case 'aws:securetransport':
      return present('true');
    case 'aws:currenttime':
    case 'aws:epochtime':
      return presentUnknown;
    default:
      return callerKey(keyId, caller);
  }
}
