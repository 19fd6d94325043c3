import { nameOf, withoutPath } from '../base/arn.ts';
import type { PolicyWord } from '../contract/report.ts';
import { findAction } from '../operations/action-table.ts';
import { catalogue } from '../operations/catalogue.ts';
import type { CallKind, CallRow, ErrorCode, Operation, PreconditionCode } from '../operations/operation.ts';
import { framedBy, plainText } from './error-frames.ts';
import { type KnownReading, type KnownText, knownTexts } from './known-texts.ts';

/** An AWS error, as read from its text. */
export interface AwsError {
  /** Absent: the text has no code. For example, a task that fails later has none. */
  readonly code?: string;
  /** The message without the text that a program put before it. */
  readonly message: string;
  readonly api?: string;
  /** The KMS action that failed, if the text is not a denial that names it. */
  readonly call?: string;
  readonly denied?: Denied;
  readonly key?: NamedKey;
  /**
   * `calls` and `preconditions`: what the error can be about, if the text shows that better than
   * the code.
   */
  readonly calls?: readonly CallKind[];
  readonly preconditions?: readonly PreconditionCode[];
  /** The text itself says what is wrong, independent of policies. Absent: false. */
  readonly explains?: true;
  /** The service or action that the error is about, if no operation of the catalog can show it. */
  readonly outside?: string;
  /** The facts in the text, in the order in which the report shows them. */
  readonly says: readonly ErrorReading[];
}

/** A fact in an AWS error text. */
export type ErrorReading =
  | KnownReading
  /** `name`: a text in place of the key that is not a key, such as `None`. */
  | { readonly code: 'key-name-unset'; readonly name: string }
  /** The ID of authorization details that AWS stores (iam-evaluation 14.20). */
  | { readonly code: 'authorization-details-kept'; readonly id: string }
  /** CloudTrail's KMS event has the complete denial (iam-evaluation 14.25). */
  | { readonly code: 'kms-event-tells-more' }
  /** `error`: a code that many errors share. The text is not a known text. */
  | { readonly code: 'error-code-is-generic'; readonly error: string }
  | ({ readonly code: 'error-names-key' } & NamedKey)
  /** `shown`: the text in place of the key (rds-kms-operations-2 13.4). */
  | { readonly code: 'error-shows-no-key'; readonly shown: string }
  | { readonly code: 'kms-refusal-unspecified' }
  | {
      readonly code: 'denied-by-unnamed-policy';
      readonly action: string;
      readonly resource?: string;
      readonly denial?: 'explicit';
    }
  | {
      readonly code: 'denied-by-named-policy';
      readonly action: string;
      readonly resource?: string;
      readonly policy: NamedPolicyKind;
      readonly denial: 'explicit' | 'implicit';
      /** The last part of the ARN of the policy. */
      readonly name?: string;
    }
  | { readonly code: 'key-policy-named-without-proof' }
  | { readonly code: 'one-policy-kind-named' }
  | { readonly code: 'denial-is-encoded' };

/** The kinds of policy that an error text can name. */
export type NamedPolicyKind = PolicyWord | 'resource policy' | 'role trust policy';

/** The facts in the text of a denial (rds-kms-operations 1.3). */
export interface Denied {
  /** Absent: the text does not say who was denied. */
  readonly principal?: string;
  readonly action: string;
  readonly resource?: string;
  readonly policy?: NamedPolicyKind;
  /** Older texts report an explicit deny without naming the kind of policy. */
  readonly denial?: 'explicit' | 'implicit';
  readonly policyArn?: string;
}

/**
 * The key in an error text. The word before `KMS key` shows which key failed (rds-kms-operations
 * 2.2).
 */
export interface NamedKey {
  readonly which: 'source snapshot' | 'target' | 'specified';
  /**
   * The name in the text, which can be a text such as `None`, which no key has. Absent: the text
   * names no key.
   */
  readonly name?: string;
  /**
   * The text that RDS shows in place of a key that the request did not name. Absent: the text shows
   * nothing in its place.
   */
  readonly shown?: string;
}

/**
 * Texts that scripts send as the name of a key if a variable is not set (rds-kms-operations-2
 * 13.4).
 */
const unsetNames: readonly string[] = ['', 'none', 'null', 'nil', 'undefined', 'nan', 'false', '""', "''"];

/**
 * Whether the name of a key comes from an unset variable, or is a variable or placeholder that
 * nobody filled in.
 */
export function isUnsetName(name: string): boolean {
  return unsetNames.includes(name.trim().toLowerCase()) || /^(?:\$|%\w+%$|\{\{|<\w)/.test(name.trim());
}

/**
 * What RDS shows in place of the `specified` key if the request names none and RDS may not use the
 * default key. A script can send `null` as well (rds-kms-operations-2 13.4).
 */
const unnamed: readonly string[] = ['', 'null'];

const kmsFault = 'KMSKeyNotAccessibleFault';

const accessDenied = 'AccessDenied';

/**
 * Whether two error codes mean the same. API responses and SDK shapes use different endings for the
 * same code (rds-kms-operations 2.1), and CloudTrail puts `Client.` before some codes.
 */
export function sameCode(one: string, other: string): boolean {
  return bareCode(one) === bareCode(other);
}

function bareCode(code: string): string {
  const bare = code
    .replace(/^.*\./, '')
    .replace(/(?:Fault|Exception)$/, '')
    .toLowerCase();
  return /^unauthorized(?:operation|access)$/.test(bare) ? accessDenied.toLowerCase() : bare;
}

/** The error codes of a fault in the catalog. */
function codesOf(fault: ErrorCode | undefined): readonly string[] {
  return fault === undefined ? [] : typeof fault === 'string' ? [fault] : Object.values(fault);
}

/** The calls and preconditions of an operation that can cause an error code. */
export interface Behind {
  readonly calls: readonly CallKind[];
  readonly preconditions: readonly PreconditionCode[];
}

const callKinds: readonly CallKind[] = ['caller', 'forwarded', 'service', 'role'];

/**
 * The calls and preconditions that can cause an error. `operations`: the operations that may have
 * failed.
 */
export function behind({ code, calls, preconditions }: AwsError, operations: readonly Operation[]): Behind {
  if (calls !== undefined || preconditions !== undefined)
    return { calls: calls ?? [], preconditions: preconditions ?? [] };
  if (code === undefined || isGeneric(code)) return { calls: [], preconditions: [] };
  const kinds = callKinds.filter((kind) =>
    operations.some(({ faults }) => codesOf(faults[kind]).some((fault) => sameCode(fault, code))),
  );
  const rows = operations.flatMap((operation) => operation.preconditions);
  const names = rows.filter(({ fault }) => codesOf(fault).some((one) => sameCode(one, code))).map((row) => row.code);
  return { calls: kinds, preconditions: [...new Set(names)] };
}

/**
 * Whether a call creates the service-linked role of RDS. A failure of this call has its own error
 * text.
 */
export function makesRdsRole({ on }: CallRow): boolean {
  return on === 'RDS service-linked role';
}

/**
 * Codes that dozens of errors share, so only the text distinguishes the errors
 * (rds-kms-operations-2 13.3).
 */
const genericCodes: readonly string[] = [
  'invalidparametervalue',
  'invalidparametercombination',
  'invalidparameter',
  'validation',
  'validationerror',
  'invalidrequest',
  'invalidaction',
  'rds',
];

/** The ARN of the role in an RDS error text ("The IAM role arn:... isn't valid"). */
export function roleIn(text: string): string | undefined {
  return /IAM role ["'`]?(arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]*\w)/i.exec(text)?.[1];
}

/** Whether a code is meaningless without its text. */
export function isGeneric(code: string): boolean {
  return genericCodes.includes(bareCode(code));
}

const catalogued = new Set(
  catalogue
    .flatMap(({ faults, preconditions }) => [...Object.values(faults), ...preconditions.map(({ fault }) => fault)])
    .flatMap(codesOf)
    .map(bareCode),
);

/** Whether a word is an error code in the catalog, or looks like an error code. */
function isCode(word: string): boolean {
  return (
    catalogued.has(bareCode(word)) ||
    isGeneric(word) ||
    /^(?:Expired|Invalid|Missing)\w*Token(?:Id)?$/.test(word) ||
    /^(?:\w+\.)*[A-Z]\w+(?:Fault|Exception|Operation|Failure|NotFound|AlreadyExists|Exceeded|Capacity)$/.test(word)
  );
}

/**
 * The error in a text. `code`: the error code that a record has next to the text. Undefined: the
 * program does not understand the text.
 */
export function readError(text: string, code?: string): AwsError | undefined {
  const plain = plainText(text);
  const framed = framedBy(plain, isCode);
  // A record has the code in its own field. Known texts are matched with the code before the text.
  const whole = code === undefined ? plain : `${code}: ${plain}`;
  const known = knownTexts.find((one) => one.text.test(whole));
  const denied = deniedBy(plain);
  const key = keyNamedBy(plain);
  const isEncoded = /Encoded authorization failure message/i.test(plain);
  const implied = key !== undefined ? kmsFault : denied !== undefined || isEncoded ? accessDenied : known?.code;
  const shown = code ?? shownCode(framed.code);
  // CloudFormation reports a KMS key fault as AccessDenied (rds-kms-operations-2 2).
  const finalCode =
    key !== undefined && shown !== undefined && sameCode(shown, accessDenied) ? kmsFault : (shown ?? implied);
  if (finalCode === undefined && known === undefined) return undefined;
  const ofKms = framed.api !== undefined && isApiOfKms(framed.api);
  const api = (ofKms ? undefined : framed.api) ?? (denied === undefined ? undefined : apiOf(denied)) ?? known?.api;
  const isUnset = key?.name !== undefined && isUnsetName(key.name);
  const outside = known?.outside ?? (api === undefined && denied !== undefined ? unneeded(denied.action) : undefined);
  return {
    ...(finalCode === undefined ? {} : { code: finalCode }),
    message: concealed(framed.message),
    ...(api === undefined ? {} : { api }),
    ...(ofKms && denied === undefined ? { call: `kms:${framed.api}` } : {}),
    ...(denied === undefined ? {} : { denied }),
    ...(key === undefined ? {} : { key }),
    ...(known?.calls === undefined ? {} : { calls: known.calls }),
    ...(known?.preconditions === undefined ? {} : { preconditions: known.preconditions }),
    ...(known?.explains === true || isUnset ? { explains: true } : {}),
    ...(outside === undefined ? {} : { outside }),
    says: [
      ...(known === undefined ? [] : [knownReading(known, whole)]),
      ...(key === undefined ? [] : keyReadings(key)),
      ...(denied === undefined ? [] : denialReadings(denied)),
      ...(isEncoded ? [{ code: 'denial-is-encoded' } as const] : []),
      ...detailsReadings(plain),
      ...(finalCode === undefined || key !== undefined || known !== undefined ? [] : codeReadings(finalCode)),
    ],
  };
}

/** The code as AWS spells it. Java exception classes spell the KMS fault differently. */
function shownCode(code: string | undefined): string | undefined {
  return code !== undefined && sameCode(code, kmsFault) ? kmsFault : code;
}

/** Whether an API belongs to KMS and not to RDS, such as CreateGrant. */
function isApiOfKms(api: string): boolean {
  return findAction(`kms:${api}`) !== undefined && findAction(`rds:${api}`) === undefined;
}

function knownReading({ means, text }: KnownText, plain: string): KnownReading {
  const about = text.exec(plain)?.groups?.['about'];
  return { code: means, ...(about === undefined ? {} : { about }) };
}

/** The facts that only the code shows, for an unknown text that names no key. */
function codeReadings(code: string): readonly ErrorReading[] {
  if (isGeneric(code)) return [{ code: 'error-code-is-generic', error: code }];
  return sameCode(code, kmsFault) ? [unspecified, moreInKmsEvent] : [];
}

function detailsReadings(text: string): readonly ErrorReading[] {
  const found = /authorization[ -]id:? ?["'`]?(?<id>[\w-]{6,})|\/authorization-details\/(?<inLink>[\w-]{6,})/i.exec(
    text,
  )?.groups;
  const id = found?.['id'] ?? found?.['inLink'];
  return id === undefined ? [] : [{ code: 'authorization-details-kept', id }];
}

/** Shortens an encoded authorization message, which nobody can read. */
function concealed(message: string): string {
  return message.replace(/(Encoded authorization failure message:\s*)([\w+/=-]{16})[\w+/=-]+/i, '$1$2...');
}

const policyNames: Readonly<Record<string, NonNullable<Denied['policy']>>> = {
  'identity-based': 'identity policy',
  'permissions boundary': 'permissions boundary',
  session: 'session policy',
  'service control': 'service control policy',
  'resource control': 'resource control policy',
  'resource-based': 'resource policy',
  'vpc endpoint': 'VPC endpoint policy',
  'role trust': 'role trust policy',
};

const anyPolicy = Object.keys(policyNames).join('|');
const decidedBy = new RegExp(
  `because no (?<silent>${anyPolicy})|explicit deny in(?: an?| the)? (?<denying>${anyPolicy})`,
  'i',
);

/**
 * The usual text of a denial. AWS names the principal, the action and the resource, and programs
 * put each in different quotes (iam-evaluation 14.27).
 */
const deniedToUser =
  /(?:(?:User: ?["'`]?(?<user>[^\s"'`]+)|["'`]?(?<who>arn:[\w-]+:(?:iam|sts)::[^\s"'`]+))["'`]? (?:is |was )?)?(?:not authorized|not allowed|(?:does not|doesn't) have (?:the )?permissions?) to perform:? ?["'`]?(?<action>[a-z][\w-]*:\w+)["'`]?(?: on (?:the )?resources?:? ?["'`]?(?<resource>arn:[^\s"'`,;)]+|\*)["'`]?)?(?<rest>[^]*)/i;

/** The text that EC2 uses for a denial, which CloudFormation also shows for RDS. */
const apiDenial = /\bAPI: (?<action>[a-z][\w-]*:\w+) You are not authorized(?<rest>[^]*)/;

/**
 * The text of RDS if the principal may not create the secret of a managed password
 * (rds-kms-operations-2 13.8).
 */
const secretDenial = /\buser (?:isn['’]t|is not) authorized to create a secret in AWS Secrets Manager/i;

function deniedBy(text: string): Denied | undefined {
  if (secretDenial.test(text)) return { action: 'secretsmanager:CreateSecret' };
  const found = (deniedToUser.exec(text) ?? apiDenial.exec(text))?.groups;
  if (found === undefined) return undefined;
  const { user, who, action = '', resource, rest = '' } = found;
  const principal = user ?? who;
  const { silent, denying } = decidedBy.exec(rest)?.groups ?? {};
  const word = (silent ?? denying)?.toLowerCase();
  const policyArn = /: ["'`]?(arn:[^\s,;)"'`]+?)\.?(?=$|[\s,;)"'`])/.exec(rest)?.[1];
  const policy = word === undefined ? undefined : policyOf(word, action);
  const isExplicit = silent === undefined && /explicit(?:ly)? den(?:y|ied)/i.test(rest);
  return {
    ...(principal === undefined ? {} : { principal }),
    action,
    ...(resource === undefined ? {} : { resource: resource.replace(/[.,:]$/, '') }),
    ...(policy === undefined ? {} : { policy, denial: silent === undefined ? 'explicit' : 'implicit' }),
    ...(policy === undefined && isExplicit ? { denial: 'explicit' } : {}),
    ...(policyArn === undefined ? {} : { policyArn }),
  };
}

/**
 * The kind of policy that AWS's text names, which is a hint and not a proof (iam-evaluation 14.26).
 * For KMS actions, the only resource policy is the key policy.
 */
function policyOf(word: string, action: string): Denied['policy'] {
  return word === 'resource-based' && action.startsWith('kms:') ? 'key policy' : policyNames[word];
}

/**
 * To delete or stop a database with a final snapshot, a principal needs these actions
 * (rds-kms-operations 4.10).
 */
const ofFinalSnapshots: readonly string[] = ['rds:CreateDBClusterSnapshot', 'rds:CreateDBSnapshot'];

/** This permission belongs to no API: requests of several APIs need it in the other Region. */
const acrossRegions = 'rds:CrossRegionCommunication';

/**
 * The API of a denied action. Undefined: the action, such as rds:AddTagsToResource, does not show
 * which API was called.
 */
function apiOf({ action }: Denied): string | undefined {
  if (ofFinalSnapshots.includes(action)) return undefined;
  const listed = catalogue.find(({ api }) => action === `rds:${api}`)?.api;
  const isOfRds = action.startsWith('rds:') && action !== acrossRegions && findAction(action) !== undefined;
  return listed ?? (isOfRds && unneeded(action) !== undefined ? action.slice('rds:'.length) : undefined);
}

/** The action, if no operation of the catalog needs it. */
function unneeded(action: string): string | undefined {
  const isNeeded = catalogue.some(({ calls }) => calls.some((row) => row.action === action));
  return isNeeded ? undefined : action;
}

function keyNamedBy(text: string): NamedKey | undefined {
  const found =
    /(?<which>source snapshot|source|target|specified) KMS key(?: ?\[(?<name>[^\]]*)\])? (?:either )?(?:does not|doesn['’]t) exist/i.exec(
      text,
    )?.groups;
  if (found === undefined) return undefined;
  const word = found['which']?.toLowerCase() ?? '';
  const name = found['name']?.trim();
  const which = word.startsWith('source') ? 'source snapshot' : word === 'target' ? word : 'specified';
  if (name === undefined) return { which };
  return which === 'specified' && unnamed.includes(name.toLowerCase()) ? { which, shown: name } : { which, name };
}

/** RDS returns the same error for every reason that KMS has (rds-kms-operations 0.5). */
const unspecified: ErrorReading = { code: 'kms-refusal-unspecified' };

const moreInKmsEvent: ErrorReading = { code: 'kms-event-tells-more' };

/**
 * An unset name explains why KMS refuses. For any other name, only the KMS event in CloudTrail
 * shows the reason.
 */
function keyReadings(key: NamedKey): readonly ErrorReading[] {
  if (key.shown !== undefined) return [{ code: 'error-shows-no-key', shown: key.shown }, moreInKmsEvent];
  const named: ErrorReading = { code: 'error-names-key', ...key };
  return key.name !== undefined && isUnsetName(key.name)
    ? [named, { code: 'key-name-unset', name: key.name }]
    : [named, unspecified, moreInKmsEvent];
}

function denialReadings({ action, resource, policy, denial, policyArn }: Denied): readonly ErrorReading[] {
  const what = { action, ...(resource === undefined ? {} : { resource }) };
  if (policy === undefined || denial === undefined)
    return [{ code: 'denied-by-unnamed-policy', ...what, ...(denial === 'explicit' ? { denial } : {}) }];
  const name = policyArn === undefined ? undefined : withoutPath(nameOf(policyArn));
  return [
    { code: 'denied-by-named-policy', ...what, policy, denial, ...(name === undefined ? {} : { name }) },
    // AWS names one kind of policy even if several deny (rds-kms-operations 1.3). For KMS, even the
    // named kind may be wrong (iam-evaluation 0.8).
    policy === 'key policy' && denial === 'implicit'
      ? { code: 'key-policy-named-without-proof' }
      : { code: 'one-policy-kind-named' },
  ];
}

/** Whether RDS can show the code of an error if a call is denied. */
function showsCode({ fault }: CallRow, { code }: AwsError): boolean {
  return fault === undefined || (code !== undefined && sameCode(fault, code));
}

/** Whether a call can be behind an error. `kinds`: the kinds of calls that the code can be about. */
export function canCause(row: CallRow, error: AwsError, kinds: readonly CallKind[]): boolean {
  return row.fault === undefined ? kinds.includes(row.kind) : showsCode(row, error);
}

/** A possible cause of an error, according to the catalog. */
export type Cause =
  /** `actions`: absent if several operations are possible and need different actions. */
  | { readonly code: 'calls-denied'; readonly kind: CallKind; readonly actions?: readonly string[] }
  | { readonly code: 'preconditions-unmet'; readonly preconditions: readonly PreconditionCode[] };

/**
 * The possible causes of an error code, according to the catalog. `operations`: the operations that
 * may have failed.
 */
export function causesOf(error: AwsError, operations: readonly Operation[]): readonly Cause[] {
  const { calls, preconditions } = behind(error, operations);
  return [
    ...calls.map((kind): Cause => {
      const rows = operations.flatMap((operation) =>
        operation.calls.filter((row) => row.kind === kind && !makesRdsRole(row) && showsCode(row, error)),
      );
      // AWS does not publish whether it needs these permissions. They would distract from the known
      // ones.
      const common = rows.filter(({ basis }) => basis !== 'unknown');
      const actions = [...new Set(common.map(({ action }) => action))];
      // The calls that RDS makes with the principal's identity are nearly the same for all
      // operations.
      const showsActions = operations.length === 1 || kind === 'forwarded';
      return { code: 'calls-denied', kind, ...(showsActions ? { actions } : {}) };
    }),
    ...(preconditions.length === 0 ? [] : [{ code: 'preconditions-unmet', preconditions } as const]),
  ];
}
