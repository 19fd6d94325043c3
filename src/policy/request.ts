import { parseArn } from './arn.ts';
import { type Caller, callerKey, readCaller } from './caller.ts';
import { absent, certain, type Possible, present, presentUnknown, unknown } from './possible.ts';
import { type Fact, type Truth, unsettled } from './truth.ts';

/** One authorization question, as the users of the engine ask it. */
export interface RequestInput {
  /** ARN of a user, role, assumed-role session, root user or federated user, or the name of a service principal. A role ARN means any session of that role. */
  readonly principal: string;
  readonly action: string;
  readonly resource: {
    readonly arn: string;
    readonly account: string;
    /** The ARN goes on in a way that is not known, as that of a resource that does not exist yet. */
    readonly nameUnknown?: boolean;
  };
  /** Known condition keys. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** Keys of which neither presence nor value is known; '*' = every key that is not given. All others are absent. */
  readonly unknownKeys?: readonly string[];
  /** Finer knowledge, asked first, by lower-case key name. */
  readonly possible?: (keyId: string) => Possible | undefined;
  /** ARN (with path) of the role behind an assumed-role session. */
  readonly roleArn?: string;
  /** Unique id of the user or role (AIDA..., AROA...). */
  readonly userId?: string;
  /** ARN of the IAM user behind a federated user. */
  readonly federatingUser?: string;
  /** The caller's account is the management account of its organization. */
  readonly managementAccount?: boolean;
  readonly resourceInManagementAccount?: boolean;
  /** The resource is an AWS managed KMS key. */
  readonly awsManagedKey?: boolean;
}

export interface Request {
  readonly caller: Caller;
  /** Lower case. */
  readonly action: string;
  /** As it was asked. */
  readonly actionName: string;
  readonly resource: { readonly arn: string; readonly account: string; readonly nameUnknown: boolean };
  /** Total: every key has an answer. `keyId` is lower case. */
  readonly context: (keyId: string) => Possible;
  /** Pairs of the encryption context, names as written; undefined if they are not known. */
  readonly encryptionContext: Readonly<Record<string, string>> | undefined;
  readonly hasBoundary: boolean;
  readonly managementAccount: boolean;
  readonly resourceInManagementAccount: boolean;
  readonly awsManagedKey: boolean;
  /** What is supposed of facts that are not context keys, while worlds are tried (worlds.ts). */
  readonly supposing: ReadonlyMap<Fact, string>;
  /** The same request with more known or supposed of it. */
  readonly with: (more: Supposition) => Request;
}

/** What a world supposes of a request. */
export interface Supposition {
  /** States of context keys, by lower-case name. */
  readonly context?: ReadonlyMap<string, Possible>;
  readonly facts?: ReadonlyMap<Fact, string>;
  readonly caller?: Caller;
  /** The whole ARN of a resource of which only the beginning is known. */
  readonly resourceArn?: string;
}

const nothing: Required<Pick<Supposition, 'context' | 'facts'>> = { context: new Map(), facts: new Map() };

/** @throws InvalidRequest */
export function readRequest(input: RequestInput, hasBoundary: boolean): Request {
  return build(input, hasBoundary, { ...nothing, caller: readCaller(input) });
}

type Supposed = Supposition & Required<Pick<Supposition, 'context' | 'facts' | 'caller'>>;

function build(input: RequestInput, hasBoundary: boolean, supposed: Supposed): Request {
  const { caller, context: states, facts, resourceArn } = supposed;
  const read = contextOf(input, caller);
  const { arn, account, nameUnknown } = input.resource;
  return {
    caller,
    action: input.action.toLowerCase(),
    actionName: input.action,
    resource: { arn: resourceArn ?? arn, account, nameUnknown: nameUnknown === true && resourceArn === undefined },
    context: states.size === 0 ? read : (keyId) => states.get(keyId) ?? read(keyId),
    encryptionContext: encryptionContextOf(input),
    hasBoundary,
    managementAccount: input.managementAccount === true,
    resourceInManagementAccount: input.resourceInManagementAccount === true,
    awsManagedKey: input.awsManagedKey === true,
    supposing: facts,
    with: (more) =>
      build(input, hasBoundary, {
        ...supposed,
        ...more,
        context: more.context === undefined ? states : new Map([...states, ...more.context]),
        facts: more.facts === undefined ? facts : new Map([...facts, ...more.facts]),
      }),
  };
}

/** A fact that is not a context key: open, unless a world supposes that it is so or not. */
export function settle(fact: Fact, request: Request): Truth {
  const supposed = request.supposing.get(fact);
  return supposed === undefined ? unsettled(fact) : supposed === 'true';
}

const contextPrefix = 'kms:encryptioncontext:';

function encryptionContextOf(input: RequestInput): Readonly<Record<string, string>> | undefined {
  if (input.unknownKeys?.some((key) => key === '*' || key.toLowerCase().startsWith('kms:encryptioncontext')))
    return undefined;
  const keys = input.possible?.('kms:encryptioncontextkeys');
  if (keys !== undefined && certain(keys) === undefined) return undefined;
  const pairs: [string, string][] = [];
  for (const [key, value] of Object.entries(input.context ?? {})) {
    if (key.toLowerCase().startsWith(contextPrefix) && typeof value === 'string')
      pairs.push([key.slice(contextPrefix.length), value]);
  }
  return Object.fromEntries(pairs);
}

function contextOf(input: RequestInput, caller: Caller): (keyId: string) => Possible {
  const given = new Map<string, Possible>();
  for (const [key, value] of Object.entries(input.context ?? {})) {
    given.set(key.toLowerCase(), { absent: false, values: [typeof value === 'string' ? [value] : value] });
  }
  for (const key of input.unknownKeys ?? []) given.set(key.toLowerCase(), unknown);
  const otherwise = given.get('*') ?? absent;
  const viaService = given.get('kms:viaservice') ?? absent;
  const derived = (keyId: string): Possible => derivedKey(keyId, caller, input) ?? otherwise;
  return (keyId) =>
    input.possible?.(keyId) ??
    given.get(keyId) ??
    (keyId === 'aws:viaawsservice' ? viaAwsService(viaService) : derived(keyId));
}

/** aws:ViaAWSService goes with kms:ViaService (iam-evaluation 7.4). */
function viaAwsService(viaService: Possible): Possible {
  const forwarded = !(Array.isArray(viaService.values) && viaService.values.length === 0);
  if (!forwarded) return present('false');
  return viaService.absent ? { absent: false, values: [['true'], ['false']] } : present('true');
}

/** What the caller and the resource themselves tell (iam-evaluation 4.9, 7B); undefined for other keys. */
function derivedKey(keyId: string, caller: Caller, input: RequestInput): Possible | undefined {
  switch (keyId) {
    case 'kms:calleraccount':
      return /^kms:/i.test(input.action) ? callerKey(keyId, caller) : undefined;
    case 'aws:resourceaccount':
      return present(input.resource.account);
    case 'aws:requestedregion': {
      const region = parseArn(input.resource.arn)?.region;
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
