import { isArn, nameOf } from '../base/arn.ts';
import { isJson, isList } from '../base/json.ts';
import { beginningOfPlanned, laterTags, plannedOther } from '../base/planned-name.ts';
import { list } from '../base/wording.ts';
import { catalogue } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import { type OperationParameters, type Parameter, parameterTable } from '../operations/parameters.ts';
import type { SourceFlag } from '../operations/source-flags.ts';
import { propertyOf } from './configuration.ts';
import { textIn } from './overlay-row.ts';
import { isOfAnotherPlace, isPartOfText, type PlannedPlaces } from './places.ts';
import {
  nameOfAny,
  nameOfValue,
  type PlannedChange,
  type PlannedChanges,
  type PlannedValue,
} from './planned-change.ts';
import { tagsOf } from './planned-tags.ts';
import type { ProviderRead } from './reads.ts';

/* One request to RDS, made of the attributes of a change. */

/** A request to RDS that applying a plan sends. */
export interface DerivedRequest {
  readonly change: PlannedChange;
  readonly api: string;
  /** Undefined: the operation is not in the catalog, so the request is not checked. */
  readonly operation: Operation | undefined;
  /** Name or ARN of the source. Undefined: none, or not known. */
  readonly source: string | undefined;
  readonly parameters: OperationParameters;
  /**
   * Other parameters that the request may have instead, where an expression has several values.
   * `because`: the sources of the values.
   */
  readonly otherwise: { readonly parameters: readonly OperationParameters[]; readonly because: readonly string[] };
  /** What the request would have if another instance gave one of its values. */
  readonly instead: readonly OfOtherInstance[];
  readonly account: string | undefined;
  readonly region: string | undefined;
  /** Whether the plan does not show which of several Regions the provider is in. */
  readonly isInRegionOfEach: boolean;
  /** Whether the request creates the resource, which then does not exist yet. */
  readonly makes: boolean;
  /** Whether the request is about a resource that the plan deletes. */
  readonly isOfOld: boolean;
  /** Whether the provider also changes the tags of the resource, before the request or after it. */
  readonly isRetagged: boolean;
  /** The values that the plan does not have, such as `kms_key_id (from local.k)`. */
  readonly open: readonly string[];
  /** The provider signs the request for one Region and sends it to another. */
  readonly isSignedForAnother: boolean;
  /** The cluster joins the clusters of other Regions, and the request names no key. */
  readonly lacksKey: boolean;
  /** RDS is asked to manage the password of a cluster that cannot have a managed password. */
  readonly isPasswordRefused: boolean;
  /**
   * The request has an interval of Enhanced Monitoring and no role, or a role and no interval.
   * `because`: the source of the value that decides, if it is known only after apply.
   */
  readonly halfMonitored: { readonly lacks: MonitoringPart; readonly because: string | undefined } | undefined;
  /**
   * If AWS itself chooses the plan's value for this attribute, the provider does not send the
   * request. Undefined: the provider always sends it.
   */
  readonly unlessChosen: string | undefined;
  /**
   * A name such as RDS gives the DB instance of the request in a blue/green deployment. Absent: the
   * instance has its own name.
   */
  readonly otherName?: string;
  /** Reads that the provider makes after the request. If AWS denies a read, the apply fails. */
  readonly reads: readonly ProviderRead[];
}

/**
 * A request with a value of another instance of a resource. `attribute` has the value, and
 * `assumed` is the address of the instance that the request is assumed to name.
 */
export interface OfOtherInstance {
  readonly attribute: string;
  readonly assumed: string;
  readonly source: string | undefined;
  readonly parameters: OperationParameters;
}

export interface Deriving {
  readonly planned: PlannedChanges;
  readonly places: PlannedPlaces;
  readonly change: PlannedChange;
}

export type Derive = (deriving: Deriving) => readonly DerivedRequest[];

export interface RequestRow {
  readonly create: Derive;
  readonly update: Derive;
  readonly destroy: Derive;
}

export const none: Derive = () => [];

export type Path = readonly (string | number)[];

interface RequestSpec {
  readonly api: string;
  /** Needed if several operations in the catalog have the API. */
  readonly command?: string;
  /** The flag that names the source, and the attribute that holds the name. */
  readonly source?: readonly [flag: SourceFlag, ...path: Path];
  /** Attributes by the flag of the parameter that they are sent as. */
  readonly send?: Readonly<Partial<Record<Parameter, Path>>>;
  /** Parameters with a fixed value for the resource. */
  readonly fixed?: OperationParameters;
  /** The request is about the old resource. */
  readonly before?: true;
  /** See DerivedRequest. */
  readonly unlessChosen?: string | undefined;
}

export function request({ planned, places, change }: Deriving, spec: RequestSpec): DerivedRequest {
  const { api, command, source, send = {}, fixed = {}, before, unlessChosen } = spec;
  const flag = source?.[0];
  const operation = catalogue.find(
    (one) =>
      one.api === api &&
      one.reads?.flag === flag &&
      (command === undefined || one.command === command) &&
      one.runsAsRole !== true,
  );
  const taken = operation?.parameters ?? [];
  const sent = Object.entries(send).flatMap(([name, path]) => {
    const parameter = taken.find((one) => one === name);
    return parameter === undefined ? [] : [sentValue(parameter, path, { planned, places, change })];
  });
  const named =
    source === undefined ? undefined : sourceOf(source.slice(1), { planned, places, change }, before === true);
  const tags = taken.includes('tag') ? tagsOf(planned, change) : undefined;
  const sentTags = tags === 'unknown' ? laterTags : tags;
  const open = [
    ...sent.flatMap(({ open: one }) => one ?? []),
    ...(source !== undefined && named === undefined ? [nameOfOpen(planned, change, source.slice(1))] : []),
  ];
  // A replacement can move a resource to another Region, and its deletion is still in the old one.
  const placed = before === true && change.after !== undefined ? { ...change, after: undefined } : change;
  const parametersWith = (pick: (one: Sent) => Value): OperationParameters => ({
    ...Object.fromEntries(
      sent.flatMap((one) => {
        const value = pick(one);
        return value === undefined ? [] : [[one.property, value] as const];
      }),
    ),
    ...(sentTags === undefined || Object.keys(sentTags).length === 0 ? {} : { tags: sentTags }),
    ...fixed,
  });
  return {
    change,
    api,
    operation,
    source: named,
    parameters: parametersWith(firstOf),
    otherwise: otherwiseOf(sent, parametersWith, tags === 'unknown'),
    instead: insteadOf(sent, parametersWith, {
      source: named,
      sources: sourcesInstead({ planned, places, change }, source?.slice(1) ?? [], before === true),
    }),
    account: places.accountOf(placed),
    region: places.regionOf(placed),
    isInRegionOfEach: places.isInRegionOfEach(change),
    open: [...new Set(open)],
    unlessChosen,
    reads: [],
    isRetagged: false,
    isSignedForAnother: false,
    lacksKey: false,
    isPasswordRefused: false,
    halfMonitored: monitoringRequests.has(api) ? halfMonitored({ planned, change }) : undefined,
    isOfOld: before === true || change.kind === 'delete',
    makes: operation?.makes !== undefined && change.kind !== 'delete' && before !== true && !isUpdate(change),
  };
}

/** The requests that turn Enhanced Monitoring on for a new database. */
const monitoringRequests: ReadonlySet<string> = new Set([
  'CreateDBCluster',
  'CreateDBInstance',
  'CreateDBInstanceReadReplica',
  'ModifyDBInstance',
]);

/** The two parameters of Enhanced Monitoring, each of which needs the other. */
export type MonitoringPart = 'role' | 'interval';

/**
 * What a new database lacks for Enhanced Monitoring. With an interval of 0, the provider sends no
 * interval (rds-kms-operations-2 14.5).
 */
function halfMonitored({ planned, change }: Pick<Deriving, 'planned' | 'change'>): DerivedRequest['halfMonitored'] {
  const interval = planned.valueAt(change, ['monitoring_interval']);
  const role = planned.valueAt(change, ['monitoring_role_arn']);
  if (change.before !== undefined) return undefined;
  // Whether a local value is null is only inferred.
  if ([interval, role].some((one) => one.is === 'not given' && one.local !== undefined)) return undefined;
  const hasInterval = interval.is === 'known' && typeof interval.value === 'number' && interval.value > 0;
  if (role.is === 'not given')
    return hasInterval ? { lacks: 'role', because: undefined } : lackingPerhaps('role', interval);
  // Only the apply shows whether the value of another resource is null.
  const isSure = role.is === 'known' || (role.is === 'later' && role.of.type === 'aws_iam_role');
  if (!isSure) return hasInterval ? undefined : lackingPerhaps('interval', role);
  return hasInterval ? undefined : (lackingPerhaps('interval', interval) ?? { lacks: 'interval', because: undefined });
}

/** What a request may lack because of a value. Undefined: the value is known. */
function lackingPerhaps(lacks: MonitoringPart, value: PlannedValue): DerivedRequest['halfMonitored'] {
  if (value.is === 'later') return { lacks, because: nameOfAny(value) };
  return value.is === 'undetermined' ? { lacks, because: value.name } : undefined;
}

/** The parameters of a request, with a value for each. */
type ParametersWith = (pick: (one: Sent) => Value) => OperationParameters;

/** `areTagsUnknown`: nobody knows whether there are any tags. */
function otherwiseOf(
  sent: readonly Sent[],
  parametersWith: ParametersWith,
  areTagsUnknown: boolean,
): DerivedRequest['otherwise'] {
  return {
    // One parameter varies at a time: the others keep their first value.
    parameters: [
      ...sent.flatMap((chosen) =>
        chosen.values.slice(1).map((value) => parametersWith((one) => (one === chosen ? value : one.values[0]))),
      ),
      ...(areTagsUnknown ? [withoutTags(parametersWith(firstOf))] : []),
    ],
    because: [...sent.flatMap(({ because }) => because), ...(areTagsUnknown ? ['tags'] : [])],
  };
}

/** The requests with a value of another instance. `source`: the source that is assumed. */
function insteadOf(
  sent: readonly Sent[],
  parametersWith: ParametersWith,
  { source, sources }: { readonly source: string | undefined; readonly sources: readonly Instead[] },
): readonly OfOtherInstance[] {
  const parameters = parametersWith(firstOf);
  const ofSent = sent.flatMap((chosen) =>
    chosen.instead.map(({ text, ...one }) => ({
      ...one,
      source,
      parameters: parametersWith((other) => (other === chosen ? text : firstOf(other))),
    })),
  );
  return [...sources.map(({ text, ...one }) => ({ ...one, source: text, parameters })), ...ofSent];
}

function firstOf({ values }: Sent): Value {
  return values[0];
}

function withoutTags(parameters: OperationParameters): OperationParameters {
  const { tags: _, ...others } = parameters;
  return others;
}

function sourceOf(path: Path, { planned, places, change }: Deriving, isBefore: boolean): string | undefined {
  const [name] = path;
  if (isBefore && typeof name === 'string') return textIn(change.before, name);
  const own = path.length === 1 && typeof name === 'string' && places.isOwnName(change, name);
  // An update uses the old name of the resource.
  const held = own && isUpdate(change) ? textIn(change.before, name) : undefined;
  if (held !== undefined) return held;
  const found = planned.valueAt(change, path);
  const text = places.textAt(change, ...path);
  // A name alone means nothing in another Region, so it is a part of a text, such as an ARN.
  const isPart =
    found.is === 'later' &&
    text !== undefined &&
    !isArn(text) &&
    places.placeOf(found.of)?.region !== places.placeOf(change)?.region;
  return isPart ? undefined : (text ?? (own ? places.arnOf(change) : undefined));
}

function isUpdate({ kind }: PlannedChange): boolean {
  return kind === 'update';
}

type Value = string | boolean | undefined;

/** A value that another instance of a resource would give. */
interface Instead extends Pick<OfOtherInstance, 'attribute' | 'assumed'> {
  readonly text: string;
}

function insteadAt({ planned, places, change }: Deriving, path: Path): readonly Instead[] {
  const found = path.length === 0 ? [] : planned.valuesAt(change, path);
  const assumed = found.flatMap((value) => (value.is === 'later' ? [value.of.address] : []));
  if (assumed.length < found.length || assumed.length === 0) return [];
  const own = new Set(found.map(places.textOf));
  const texts = new Set(planned.insteadAt(change, path).flatMap((value) => places.textOf(value) ?? []));
  return [...texts]
    .filter((text) => !own.has(text))
    .map((text) => ({ attribute: nameOfPath(path), assumed: list([...new Set(assumed)], 'or'), text }));
}

/** The sources that other instances would give. A request about an old resource has its old source. */
function sourcesInstead(deriving: Deriving, path: Path, isBefore: boolean): readonly Instead[] {
  const { kind } = deriving.change;
  return isBefore || kind === 'delete' || kind === 'update' ? [] : insteadAt(deriving, path);
}

function nameOfPath(path: Path): string {
  return path.filter((step) => typeof step === 'string').join('.');
}

/**
 * A parameter of a request with its possible values. If `values` has undefined, the parameter may
 * be left out of the request.
 */
export interface Sent {
  readonly property: string;
  readonly values: readonly [Value, ...Value[]];
  /** The sources of the several values. */
  readonly because: readonly string[];
  /** The source of the value, if the possible values are not known. */
  readonly open?: string;
  readonly instead: readonly Instead[];
}

/** Parameters with the name of a group, of which only the policies of the principal can decide. */
const groupNames: readonly Parameter[] = [
  'db-cluster-parameter-group-name',
  'db-parameter-group-name',
  'db-subnet-group-name',
  'option-group-name',
];

/** Parameters that may have several possible values, each of which is checked. */
const chosenParameters: readonly Parameter[] = [
  ...groupNames,
  'kms-key-id',
  'master-user-secret-kms-key-id',
  'monitoring-role-arn',
  'performance-insights-kms-key-id',
];

function sentValue(parameter: Parameter, path: Path, { planned, places, change }: Deriving): Sent {
  const { property, kind } = parameterTable[parameter];
  const found = planned.valueAt(change, path);
  const sure = (value: Value): Sent => ({ property, values: [value], because: [], instead: [] });
  if (parameter === 'to') return sure(found.is === 'known' ? places.textOf(found) : begunName(change, places));
  if (found.is === 'not given') return sure(undefined);
  // The provider always says whether a database has a public address, and sends a configured
  // `storage_encrypted` as it is. It leaves out other switches that are false.
  const off = parameter === 'publicly-accessible' || parameter === 'storage-encrypted' ? false : undefined;
  if (kind === 'switch' && found.is === 'known') return sure(found.value === true ? true : off);
  const text = kind === 'switch' ? undefined : places.textAt(change, ...path);
  const name = nameOfOpen(planned, change, path);
  if (text !== undefined && isOfAnotherPlace(found, text, change, places)) return { ...sure(undefined), open: name };
  const sentAs = (one: string): string => (path.at(-1)?.toString().endsWith('_name') === true ? lastOf(one) : one);
  if (text !== undefined)
    return {
      ...sure(sentAs(text)),
      instead: insteadAt({ planned, places, change }, path).map((one) => ({ ...one, text: sentAs(one.text) })),
    };
  const choices = chosenParameters.includes(parameter) ? planned.choicesAt(change, path) : [];
  const texts = choices.map((choice) => {
    const one = choice.is === 'not given' ? null : places.textOf(choice);
    return typeof one === 'string' && isPartOfText(path, choice, one) ? undefined : one;
  });
  // The plan does not have the values of `locals`, which hold the names of new groups in many modules.
  const isLocal = found.is === 'undetermined' && found.name.startsWith('local.');
  const isAny = isLocal && groupNames.includes(parameter);
  const [first, ...others] = [...new Set(isAny ? anyName(change) : texts)];
  return first === undefined || others.includes(undefined)
    ? { ...sure(undefined), open: name }
    : {
        property,
        values: [first ?? undefined, ...others.map((one) => one ?? undefined)],
        because: [name],
        instead: insteadAt({ planned, places, change }, path),
      };
}

/** No name of a group, and any name. */
function anyName({ address }: PlannedChange): readonly (string | null)[] {
  return [null, plannedOther(address, '')];
}

/**
 * A name of which only the beginning is known, such as that of `cluster_identifier_prefix`. Undefined:
 * nothing is known, and then the answer is for every name.
 */
function begunName(change: PlannedChange, places: PlannedPlaces): string | undefined {
  const arn = places.arnOf(change) ?? '';
  return nameOf(beginningOfPlanned(arn) ?? '') === '' ? undefined : nameOf(arn);
}

/**
 * The name in an ARN. A plan prints an instance with `each.key` without its attribute, so a name
 * looks like an ARN.
 */
function lastOf(text: string): string {
  return isArn(text) ? text.slice(Math.max(text.lastIndexOf(':'), text.lastIndexOf('/')) + 1) : text;
}

/** Leaves a request open if an attribute that decides it is known only after apply. */
export function unlessKnown(
  { planned, places, change }: Deriving,
  made: DerivedRequest,
  ...path: Path
): DerivedRequest {
  const value = planned.valueAt(change, path);
  const isKnown = value.is === 'not given' || places.textOf(value) !== undefined;
  return isKnown ? made : { ...made, open: [...made.open, nameOfOpen(planned, change, path)] };
}

/** The attribute of an unknown value, and the last name of its trail. */
function nameOfOpen(planned: PlannedChanges, change: PlannedChange, path: Path): string {
  const found = planned.valueAt(change, path);
  const own = nameOfPath(path);
  const from = found.is === 'known' || found.is === 'not given' ? own : nameOfValue(found);
  return from === own ? own : `${own} (from ${from})`;
}

export function isGiven({ planned, change }: Deriving, ...path: Path): boolean {
  const [name = ''] = path;
  // A plan never has a write-only value, so only the configuration shows it.
  if (typeof name === 'string' && name.endsWith('_wo')) {
    const expression = planned.expressionAt(change, path);
    return isJson(expression) && propertyOf(expression, 'constant_value') !== null;
  }
  return planned.valueAt(change, path).is !== 'not given';
}

/**
 * Whether the provider sends an attribute after it has created the resource. The provider treats 0
 * and false as not set, except the retention of 0 days for a DB instance.
 */
export function isSet(deriving: Deriving, name: string): boolean {
  const value = deriving.planned.valueAt(deriving.change, [name]);
  const isZero = value.is === 'known' && (value.value === 0 || value.value === false);
  return isGiven(deriving, name) && (!isZero || name === 'backup_retention_period');
}

export function isOn({ planned, change }: Deriving, name: string): boolean {
  const value = planned.valueAt(change, [name]);
  return value.is === 'known' && value.value === true;
}

export type Sending = NonNullable<RequestSpec['send']>;

export function textsIn(value: unknown): readonly string[] {
  return isList(value) ? value.filter((one) => typeof one === 'string') : [];
}
