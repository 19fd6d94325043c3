import { isArn, parseArn, placeOf, resourceTypeOf } from '../base/arn.ts';
import { isJson, isList } from '../base/json.ts';
import { laterTags } from '../base/planned-name.ts';
import { catalogue } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import { type OperationParameters, type Parameter, parameterTable } from '../operations/parameters.ts';
import type { SourceFlag } from '../operations/source-flags.ts';
import { propertyOf } from './configuration.ts';
import { textIn } from './overlay-row.ts';
import { isOfAnotherRegion, type PlannedPlaces } from './places.ts';
import { nameOfValue, type PlannedChange, type PlannedChanges } from './planned-change.ts';
import { type ProviderRead, readOfInstance, readsAfter } from './reads.ts';
import { tagsOf } from './tags.ts';

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
  readonly account: string | undefined;
  readonly region: string | undefined;
  /** Whether the request creates the resource, which then does not exist yet. */
  readonly makes: boolean;
  /** Whether the request is about a resource that the plan deletes. */
  readonly isOfOld: boolean;
  /** The values that the plan does not have, such as `kms_key_id (from local.k)`. */
  readonly open: readonly string[];
  /** The provider signs the request for one Region and sends it to another. */
  readonly isSignedForAnother: boolean;
  /**
   * If AWS itself chooses the plan's value for this attribute, the provider does not send the
   * request. Undefined: the provider always sends it.
   */
  readonly unlessChosen: string | undefined;
  /** Reads that the provider makes after the request. If AWS denies a read, the apply fails. */
  readonly reads: readonly ProviderRead[];
}

/** Derives the requests that the apply of a plan sends, in order for each resource. */
export function derivedRequests(planned: PlannedChanges, places: PlannedPlaces): readonly DerivedRequest[] {
  return planned.changes.flatMap((change) => {
    const derived = derivedOf(planned, places, change);
    const [first, ...others] = derived;
    // After a delete, the provider repeats a read that the refresh has already made.
    if (first === undefined || change.kind === 'delete') return derived;
    return [{ ...first, reads: readsAfter(change, places.arnOf(change)) }, ...others];
  });
}

function derivedOf(planned: PlannedChanges, places: PlannedPlaces, change: PlannedChange): readonly DerivedRequest[] {
  const row = change.isAws && Object.hasOwn(rows, change.type) ? rows[change.type] : undefined;
  if (row === undefined || change.isData) return [];
  const deriving = { planned, places, change };
  const { create, update, destroy } = row;
  switch (change.kind) {
    case 'create':
      return create(deriving);
    case 'update':
      return update(deriving);
    case 'delete':
      return destroy(deriving);
    case 'replace':
      // The order of the two requests makes no difference to the answers.
      return [...destroy(deriving), ...create({ ...deriving, change: { ...change, before: undefined } })];
    default:
      return [];
  }
}

interface Deriving {
  readonly planned: PlannedChanges;
  readonly places: PlannedPlaces;
  readonly change: PlannedChange;
}

type Derive = (deriving: Deriving) => readonly DerivedRequest[];

interface Row {
  readonly create: Derive;
  readonly update: Derive;
  readonly destroy: Derive;
}

const none: Derive = () => [];

type Path = readonly (string | number)[];

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

function request({ planned, places, change }: Deriving, spec: RequestSpec): DerivedRequest {
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
  const place = places.placeOf(change);
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
    otherwise: {
      // One parameter varies at a time: the others keep their first value.
      parameters: [
        ...sent.flatMap((chosen) =>
          chosen.values.slice(1).map((value) => parametersWith((one) => (one === chosen ? value : one.values[0]))),
        ),
        // Nobody knows whether there are any tags.
        ...(tags === 'unknown' ? [withoutTags(parametersWith(firstOf))] : []),
      ],
      because: [...sent.flatMap(({ because }) => because), ...(tags === 'unknown' ? ['tags'] : [])],
    },
    account: places.accountOf(change),
    region: place?.region,
    open: [...new Set(open)],
    unlessChosen,
    reads: [],
    isSignedForAnother: false,
    isOfOld: before === true || change.kind === 'delete',
    makes: operation?.makes !== undefined && change.kind !== 'delete' && before !== true && !isUpdate(change),
  };
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

/**
 * A parameter of a request with its possible values. If `values` has undefined, the parameter may
 * be left out of the request.
 */
interface Sent {
  readonly property: string;
  readonly values: readonly [Value, ...Value[]];
  /** The sources of the several values. */
  readonly because: readonly string[];
  /** The source of the value, if the possible values are not known. */
  readonly open?: string;
}

const keyParameters: readonly Parameter[] = [
  'kms-key-id',
  'master-user-secret-kms-key-id',
  'performance-insights-kms-key-id',
];

function sentValue(parameter: Parameter, path: Path, { planned, places, change }: Deriving): Sent {
  const { property, kind } = parameterTable[parameter];
  const found = planned.valueAt(change, path);
  const sure = (value: Value): Sent => ({ property, values: [value], because: [] });
  if (found.is === 'not given') return sure(undefined);
  // The provider always says whether a database has a public address.
  const off = parameter === 'publicly-accessible' ? false : undefined;
  if (kind === 'switch' && found.is === 'known') return sure(found.value === true ? true : off);
  // The name of the new resource may be unknown; then the answer holds for every name.
  if (parameter === 'to') return sure(found.is === 'known' ? places.textOf(found) : undefined);
  const text = kind === 'switch' ? undefined : places.textAt(change, ...path);
  const name = nameOfOpen(planned, change, path);
  if (text !== undefined && isOfAnotherRegion(found, text, places.placeOf(change)))
    return { ...sure(undefined), open: name };
  if (text !== undefined) return sure(path.at(-1)?.toString().endsWith('_name') === true ? lastOf(text) : text);
  const choices = keyParameters.includes(parameter) ? planned.choicesAt(change, path) : [];
  const texts = choices.map((choice) => (choice.is === 'not given' ? null : places.textOf(choice)));
  const [first, ...others] = [...new Set(texts)];
  return first === undefined || others.includes(undefined)
    ? { ...sure(undefined), open: name }
    : { property, values: [first ?? undefined, ...others.map((one) => one ?? undefined)], because: [name] };
}

/**
 * The name in an ARN. A plan prints an instance with `each.key` without its attribute, so a name
 * looks like an ARN.
 */
function lastOf(text: string): string {
  return isArn(text) ? text.slice(Math.max(text.lastIndexOf(':'), text.lastIndexOf('/')) + 1) : text;
}

/** Leaves a request open if an attribute that decides it is known only after apply. */
function unlessKnown({ planned, places, change }: Deriving, made: DerivedRequest, ...path: Path): DerivedRequest {
  const value = planned.valueAt(change, path);
  const isKnown = value.is === 'not given' || places.textOf(value) !== undefined;
  return isKnown ? made : { ...made, open: [...made.open, nameOfOpen(planned, change, path)] };
}

/** The attribute of an unknown value, and the last name of its trail. */
function nameOfOpen(planned: PlannedChanges, change: PlannedChange, path: Path): string {
  const found = planned.valueAt(change, path);
  const own = path.filter((step) => typeof step === 'string').join('.');
  const from = found.is === 'known' || found.is === 'not given' ? own : nameOfValue(found);
  return from === own ? own : `${own} (from ${from})`;
}

function isGiven({ planned, change }: Deriving, ...path: Path): boolean {
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
function isSet(deriving: Deriving, name: string): boolean {
  const value = deriving.planned.valueAt(deriving.change, [name]);
  const isZero = value.is === 'known' && (value.value === 0 || value.value === false);
  return isGiven(deriving, name) && (!isZero || name === 'backup_retention_period');
}

function isOn({ planned, change }: Deriving, name: string): boolean {
  const value = planned.valueAt(change, [name]);
  return value.is === 'known' && value.value === true;
}

// ---- What each type sends

type Sending = NonNullable<RequestSpec['send']>;

const passwordParameters: Sending = {
  'manage-master-user-password': ['manage_master_user_password'],
  'master-user-secret-kms-key-id': ['master_user_secret_kms_key_id'],
};

const insightsParameters: Sending = {
  'database-insights-mode': ['database_insights_mode'],
  'enable-performance-insights': ['performance_insights_enabled'],
  'performance-insights-kms-key-id': ['performance_insights_kms_key_id'],
};

const monitoring: Sending = { 'monitoring-role-arn': ['monitoring_role_arn'] };
const access: Sending = { 'publicly-accessible': ['publicly_accessible'] };
const domain: Sending = { 'domain-iam-role-name': ['domain_iam_role_name'] };

/** Parameters of every request that creates a cluster or DB instance. */
const everyDatabase: Sending = { engine: ['engine'], 'db-subnet-group-name': ['db_subnet_group_name'], ...domain };

const newDatabase: Sending = {
  ...everyDatabase,
  ...passwordParameters,
  ...insightsParameters,
  ...monitoring,
  'engine-version': ['engine_version'],
  'kms-key-id': ['kms_key_id'],
  'storage-encrypted': ['storage_encrypted'],
};

const clusterGroup: Sending = { 'db-cluster-parameter-group-name': ['db_cluster_parameter_group_name'] };
const newCluster: Sending = { ...newDatabase, ...clusterGroup, to: ['cluster_identifier'] };

/** A restore sends no password and no settings for Performance Insights. */
const restoredCluster: Sending = {
  ...everyDatabase,
  ...monitoring,
  ...clusterGroup,
  'engine-version': ['engine_version'],
  'kms-key-id': ['kms_key_id'],
  to: ['cluster_identifier'],
};

/** The parameters of a change of a cluster. Only values that differ are sent. */
const changedCluster: Sending = {
  ...passwordParameters,
  ...insightsParameters,
  ...monitoring,
  ...domain,
  ...clusterGroup,
};

/** Attributes that a restore cannot send, so a modification of the new cluster follows. */
const changedAfterRestore = [
  'backup_retention_period',
  'manage_master_user_password',
  'master_password',
  'master_password_wo',
  'master_user_secret_kms_key_id',
  'preferred_backup_window',
  'preferred_maintenance_window',
  'serverlessv2_scaling_configuration',
] as const;

/** Attributes that are set after a cluster has joined its global cluster. */
const changedAfterJoined = [
  'database_insights_mode',
  'performance_insights_enabled',
  'performance_insights_kms_key_id',
] as const;

/**
 * The first attribute that is set decides which request creates the cluster. Requests for roles,
 * and for values that the first request cannot send, follow.
 */
const createCluster: Derive = (deriving) => {
  const roles = rolesOf(deriving).map(() => request(deriving, { api: 'AddRoleToDBCluster' }));
  const isRestore =
    isGiven(deriving, 'snapshot_identifier') ||
    isGiven(deriving, 's3_import') ||
    isGiven(deriving, 'restore_to_point_in_time');
  const isJoined = !isRestore && isGiven(deriving, 'global_cluster_identifier');
  const later = isRestore ? changedAfterRestore : isJoined ? changedAfterJoined : [];
  const send = isRestore ? passwordParameters : insightsParameters;
  const changed = later.some((name) => isSet(deriving, name))
    ? [request(deriving, { api: 'ModifyDBCluster', source: ['cluster', 'cluster_identifier'], send })]
    : [];
  return [madeCluster(deriving), ...roles, ...changed];
};

function madeCluster(deriving: Deriving): DerivedRequest {
  if (isGiven(deriving, 'snapshot_identifier'))
    return request(deriving, {
      api: 'RestoreDBClusterFromSnapshot',
      source: ['snapshot', 'snapshot_identifier'],
      send: restoredCluster,
    });
  if (isGiven(deriving, 's3_import')) return request(deriving, { api: 'RestoreDBClusterFromS3' });
  if (isGiven(deriving, 'restore_to_point_in_time')) {
    const type = deriving.places.textAt(deriving.change, 'restore_to_point_in_time', 0, 'restore_type');
    const command = type === 'copy-on-write' ? 'clone' : 'restore-to-point-in-time';
    const byId = isGiven(deriving, 'restore_to_point_in_time', 0, 'source_cluster_resource_id');
    const source = byId ? 'source_cluster_resource_id' : 'source_cluster_identifier';
    const made = request(deriving, {
      api: 'RestoreDBClusterToPointInTime',
      command,
      source: ['cluster', 'restore_to_point_in_time', 0, source],
      send: restoredCluster,
    });
    // Only the type distinguishes a clone from a restore.
    return unlessKnown(deriving, made, 'restore_to_point_in_time', 0, 'restore_type');
  }
  const {
    'database-insights-mode': _mode,
    'enable-performance-insights': _enable,
    'performance-insights-kms-key-id': _key,
    ...joining
  } = newCluster;
  const send = isGiven(deriving, 'global_cluster_identifier') ? joining : newCluster;
  // The provider leaves the source out where the cluster joins a global cluster.
  if (isGiven(deriving, 'replication_source_identifier') && !isGiven(deriving, 'global_cluster_identifier')) {
    const replicated = deriving.places.textAt(deriving.change, 'replication_source_identifier');
    const isInstance = parseArn(replicated ?? '')?.type === 'db';
    return request(deriving, {
      api: 'CreateDBCluster',
      command: isInstance ? 'create-cluster-replica' : 'create-replica',
      source: [isInstance ? 'instance' : 'cluster', 'replication_source_identifier'],
      send,
    });
  }
  return request(deriving, { api: 'CreateDBCluster', command: 'create-cluster', send });
}

/** The roles of a cluster. One unknown role represents all that are not known. */
function rolesOf({ planned, change }: Deriving): readonly (string | undefined)[] {
  const value = planned.valueAt(change, ['iam_roles']);
  if (value.is === 'not given') return [];
  return value.is === 'known' ? textsIn(value.value) : [undefined];
}

/** Whether an update adds a role to a cluster, and whether it removes one. */
function changedRoles(deriving: Deriving): { readonly adds: boolean; readonly removes: boolean } {
  const [old, now] = [textsIn(propertyOf(deriving.change.before, 'iam_roles')), rolesOf(deriving)];
  const isOpen = now.includes(undefined);
  return {
    adds: now.some((one) => one === undefined || !old.includes(one)),
    removes: old.some((one) => isOpen || !now.includes(one)),
  };
}

/** Attributes that change without ModifyDBInstance, for an instance of a cluster. */
const notOfMember: ReadonlySet<string> = new Set(['region', 'tags', 'tags_all']);

/** Attributes of deletes, upgrades and tags. */
const notOfDatabase = [
  ...notOfMember,
  'allow_major_version_upgrade',
  'delete_automated_backups',
  'final_snapshot_identifier',
  'skip_final_snapshot',
];

/** Attributes that change without ModifyDBInstance. */
const notOfInstance: ReadonlySet<string> = new Set([...notOfDatabase, 'blue_green_update', 'replicate_source_db']);

/** Attributes that change without ModifyDBCluster. */
const notOfCluster: ReadonlySet<string> = new Set([
  ...notOfDatabase,
  'global_cluster_identifier',
  'iam_roles',
  'replication_source_identifier',
]);

/** The names of the attributes that an update changes, or may change. */
function changedIn({ planned, change }: Deriving): readonly string[] {
  const { before, after, unknown } = change;
  const marks = isJson(unknown) ? unknown : {};
  const names = new Set([before ?? {}, after ?? {}, marks].flatMap((one) => Object.keys(one)));
  return [...names].filter((name) => {
    // A recomputed attribute is not a request, unless the configuration sets the value.
    if (propertyOf(marks, name) === true) return planned.expressionAt(change, [name]) !== undefined;
    return JSON.stringify(propertyOf(before, name) ?? null) !== JSON.stringify(propertyOf(after, name) ?? null);
  });
}

/**
 * The parameters whose values change. The Performance Insights key is sent together with the flag
 * that turns Performance Insights on.
 */
function onlyChanged(send: Sending, changed: readonly string[]): Sending {
  const isOfInsights = (name: string): boolean => /^(?:database|performance)_insights_/.test(name);
  const isInsights = changed.some(isOfInsights);
  const isSent = ([name = '']: Path): boolean =>
    typeof name === 'string' && (changed.includes(name) || (isInsights && isOfInsights(name)));
  return Object.fromEntries(Object.entries(send).filter(([, path]) => isSent(path)));
}

const updateCluster: Derive = (deriving) => {
  const { before } = deriving.change;
  const changed = changedIn(deriving);
  const isPromoted =
    textIn(before, 'replication_source_identifier') !== undefined &&
    !isGiven(deriving, 'replication_source_identifier');
  const source = ['cluster', 'cluster_identifier'] as const;
  return [
    ...(changed.includes('enable_http_endpoint')
      ? [
          request(deriving, {
            api: isOn(deriving, 'enable_http_endpoint') ? 'EnableHttpEndpoint' : 'DisableHttpEndpoint',
            source,
          }),
        ]
      : []),
    ...(isPromoted ? [request(deriving, { api: 'PromoteReadReplicaDBCluster', source })] : []),
    ...(changed.some((name) => !notOfCluster.has(name))
      ? [request(deriving, { api: 'ModifyDBCluster', source, send: onlyChanged(changedCluster, changed) })]
      : []),
    // The provider does not move a cluster into an existing global cluster.
    ...(changed.includes('global_cluster_identifier') && textIn(before, 'global_cluster_identifier') !== undefined
      ? [request(deriving, { api: 'RemoveFromGlobalCluster', source })]
      : []),
    ...(changed.includes('iam_roles') ? rolesChanged(deriving) : []),
  ];
};

function rolesChanged(deriving: Deriving): readonly DerivedRequest[] {
  const { adds, removes } = changedRoles(deriving);
  return [
    ...(adds ? [request(deriving, { api: 'AddRoleToDBCluster' })] : []),
    ...(removes ? [request(deriving, { api: 'RemoveRoleFromDBCluster' })] : []),
  ];
}

/** The parameters for the final snapshot. A delete uses the values in the state. */
function finalSnapshot({ before }: PlannedChange): OperationParameters {
  if (propertyOf(before, 'skip_final_snapshot') === true) return { skipFinalSnapshot: true };
  const name = textIn(before, 'final_snapshot_identifier');
  return name === undefined ? {} : { to: name };
}

const deleteCluster: Derive = (deriving) => [
  ...(textIn(deriving.change.before, 'global_cluster_identifier') === undefined
    ? []
    : [request(deriving, { api: 'RemoveFromGlobalCluster', source: ['cluster', 'cluster_identifier'], before: true })]),
  request(deriving, {
    api: 'DeleteDBCluster',
    source: ['cluster', 'cluster_identifier'],
    before: true,
    fixed: finalSnapshot(deriving.change),
  }),
];

const instanceGroups: Sending = {
  'db-parameter-group-name': ['parameter_group_name'],
  'option-group-name': ['option_group_name'],
};
const newInstance: Sending = { ...newDatabase, ...access, ...instanceGroups, to: ['identifier'] };
/** The restore of a DB instance sends no key. */
const restoredInstance: Sending = { ...everyDatabase, ...access, ...instanceGroups, to: ['identifier'] };
const replica: Sending = {
  ...insightsParameters,
  ...monitoring,
  ...access,
  'kms-key-id': ['kms_key_id'],
  'db-subnet-group-name': ['db_subnet_group_name'],
  'option-group-name': ['option_group_name'],
  to: ['identifier'],
};
const changedInstance: Sending = {
  ...passwordParameters,
  ...insightsParameters,
  ...monitoring,
  ...domain,
  ...instanceGroups,
};

/** Attributes that are set after a replica is created. */
const changedAfterReplica = [
  'backup_retention_period',
  'manage_master_user_password',
  'master_user_secret_kms_key_id',
  'password',
  'password_wo',
  'replica_mode',
] as const;

/** Attributes that are set if AWS gives a replica another value. */
const comparedWithReplica = ['backup_window', 'ca_cert_identifier', 'maintenance_window', 'max_allocated_storage'];

/**
 * Attributes that are set after a DB instance is restored to a point in time. The restore sends the
 * storage, and versions 4 to 6 of the provider send neither windows nor Performance Insights.
 */
const changedAfterPointInTime = [
  'manage_master_user_password',
  'master_user_secret_kms_key_id',
  'monitoring_interval',
  'monitoring_role_arn',
  'password',
  'password_wo',
] as const;

/** Attributes that are set after a DB instance is restored from a snapshot. */
const changedAfterSnapshot = [
  ...changedAfterPointInTime,
  'allocated_storage',
  'backup_retention_period',
  'backup_window',
  'engine_version',
  'iops',
  'maintenance_window',
  'max_allocated_storage',
  'performance_insights_enabled',
  'storage_throughput',
  'storage_type',
] as const;

const createInstance: Derive = (deriving) => {
  const first = madeInstance(deriving);
  // A restore from S3 sends all attributes at once.
  if (first.api === 'RestoreDBInstanceFromS3') return [first];
  if (first.api === 'CreateDBInstanceReadReplica') return [first, ...changedReplica(deriving)];
  if (first.api === 'CreateDBInstance') return [first, ...withCertificate(deriving, ['ModifyDBInstance'])];
  const isOfSnapshot = isGiven(deriving, 'snapshot_identifier');
  const later = isOfSnapshot ? changedAfterSnapshot : changedAfterPointInTime;
  if (!later.some((name) => isSet(deriving, name))) return [first];
  const send = { ...passwordParameters, ...monitoring, ...(isOfSnapshot ? insightsParameters : {}) };
  return [first, request(deriving, { api: 'ModifyDBInstance', source: ['instance', 'identifier'], send })];
};

/** Requests that follow if AWS gives a new instance another certificate. */
function withCertificate(deriving: Deriving, apis: readonly string[]): readonly DerivedRequest[] {
  const unlessChosen = 'ca_cert_identifier';
  if (!isGiven(deriving, unlessChosen)) return [];
  return apis.map((api) => request(deriving, { api, source: ['instance', 'identifier'], unlessChosen }));
}

/**
 * A replica that was created with other values is modified, and rebooted for another parameter
 * group.
 */
const changedReplica: Derive = (deriving) => {
  const isSure = changedAfterReplica.some((name) => isSet(deriving, name));
  const group = 'parameter_group_name';
  const unlessChosen = [group, ...comparedWithReplica].find((name) => isSet(deriving, name));
  const source = ['instance', 'identifier'] as const;
  if (!isSure && unlessChosen === undefined) return [];
  const send: Sending = { ...passwordParameters, 'db-parameter-group-name': [group] };
  return [
    request(deriving, { api: 'ModifyDBInstance', source, send, unlessChosen: isSure ? undefined : unlessChosen }),
    ...(isGiven(deriving, group) ? [request(deriving, { api: 'RebootDBInstance', source, unlessChosen: group })] : []),
  ];
};

function madeInstance(deriving: Deriving): DerivedRequest {
  if (isGiven(deriving, 'replicate_source_db'))
    return request(deriving, {
      api: 'CreateDBInstanceReadReplica',
      source: ['instance', 'replicate_source_db'],
      send: replica,
    });
  if (isGiven(deriving, 's3_import')) return request(deriving, { api: 'RestoreDBInstanceFromS3' });
  if (isGiven(deriving, 'snapshot_identifier'))
    return request(deriving, {
      api: 'RestoreDBInstanceFromDBSnapshot',
      source: ['instance-snapshot', 'snapshot_identifier'],
      send: restoredInstance,
    });
  if (isGiven(deriving, 'restore_to_point_in_time')) {
    const others = ['source_dbi_resource_id', 'source_db_instance_automated_backups_arn'];
    const source =
      others.find((name) => isGiven(deriving, 'restore_to_point_in_time', 0, name)) ?? 'source_db_instance_identifier';
    return request(deriving, {
      api: 'RestoreDBInstanceToPointInTime',
      source: ['instance', 'restore_to_point_in_time', 0, source],
      send: restoredInstance,
    });
  }
  return request(deriving, { api: 'CreateDBInstance', send: newInstance });
}

const updateInstance: Derive = (deriving) => {
  const isPromoted =
    textIn(deriving.change.before, 'replicate_source_db') !== undefined && !isGiven(deriving, 'replicate_source_db');
  const source = ['instance', 'identifier'] as const;
  const modified = modifiedInstance(deriving, notOfInstance);
  return [
    ...(isPromoted ? [request(deriving, { api: 'PromoteReadReplica', source })] : []),
    ...modified,
    ...(modified.length > 0 && mayBeBlueGreen(deriving) ? blueGreen(deriving) : []),
  ];
};

const updateMember: Derive = (deriving) => modifiedInstance(deriving, notOfMember);

/** `notSent`: attributes that change without a request. */
function modifiedInstance(deriving: Deriving, notSent: ReadonlySet<string>): readonly DerivedRequest[] {
  const changed = changedIn(deriving);
  if (changed.every((name) => notSent.has(name))) return [];
  const source = ['instance', 'identifier'] as const;
  return [request(deriving, { api: 'ModifyDBInstance', source, send: onlyChanged(changedInstance, changed) })];
}

/** Whether the update uses a second instance (blue/green deployment). */
function mayBeBlueGreen({ planned, change }: Deriving): boolean {
  const value = planned.valueAt(change, ['blue_green_update', 0, 'enabled']);
  return value.is === 'known' ? value.value === true : value.is !== 'not given';
}

/** The old instance is deleted after the new one has replaced it. */
function blueGreen(deriving: Deriving): readonly DerivedRequest[] {
  return [
    request(deriving, { api: 'CreateBlueGreenDeployment' }),
    request(deriving, { api: 'SwitchoverBlueGreenDeployment' }),
    request(deriving, { api: 'DeleteBlueGreenDeployment' }),
    request(deriving, {
      api: 'DeleteDBInstance',
      source: ['instance', 'identifier'],
      before: true,
      fixed: { skipFinalSnapshot: true },
    }),
  ];
}

const deleteInstance: Derive = (deriving) => [
  request(deriving, {
    api: 'DeleteDBInstance',
    source: ['instance', 'identifier'],
    before: true,
    fixed: finalSnapshot(deriving.change),
  }),
];

/** An instance of a cluster has the volume of the cluster: no snapshot is taken of it. */
const deleteMember: Derive = (deriving) => [
  request(deriving, {
    api: 'DeleteDBInstance',
    source: ['instance', 'identifier'],
    before: true,
    fixed: { skipFinalSnapshot: true },
  }),
  // Sent if RDS refuses to delete the last instance of a replica cluster. No plan shows this, so
  // the request is listed but not checked.
  ...(propertyOf(deriving.change.before, 'force_destroy') === true
    ? [request(deriving, { api: 'PromoteReadReplicaDBCluster', before: true })]
    : []),
];

const createMember: Derive = (deriving) => [
  request(deriving, {
    api: 'CreateDBInstance',
    source: ['in-cluster', 'cluster_identifier'],
    send: {
      ...insightsParameters,
      ...monitoring,
      ...access,
      to: ['identifier'],
      engine: ['engine'],
      'db-subnet-group-name': ['db_subnet_group_name'],
      'db-parameter-group-name': ['db_parameter_group_name'],
    },
  }),
  ...withCertificate(deriving, ['ModifyDBInstance', 'RebootDBInstance']),
];

/** Sharing is a separate request. */
function sharing(
  deriving: Deriving,
  api: string,
  flag: 'snapshot' | 'instance-snapshot',
  name: string,
): readonly DerivedRequest[] {
  const value = deriving.planned.valueAt(deriving.change, ['shared_accounts']);
  if (value.is === 'not given') return [];
  const accounts = value.is === 'known' ? textsIn(value.value) : [];
  const made = request(deriving, { api, source: [flag, name], fixed: { with: accounts } });
  return [value.is === 'known' ? made : { ...made, open: [...made.open, 'shared_accounts'] }];
}

/**
 * The accounts that an update of `shared_accounts` adds and removes; an account that stays is in
 * neither list.
 */
function resharing(
  deriving: Deriving,
  api: string,
  flag: 'snapshot' | 'instance-snapshot',
  name: string,
): readonly DerivedRequest[] {
  const { before } = deriving.change;
  const value = deriving.planned.valueAt(deriving.change, ['shared_accounts']);
  if (value.is !== 'known' && value.is !== 'not given') return sharing(deriving, api, flag, name);
  const [old, now] = [textsIn(propertyOf(before, 'shared_accounts')), value.is === 'known' ? textsIn(value.value) : []];
  const [added, removed] = [now.filter((one) => !old.includes(one)), old.filter((one) => !now.includes(one))];
  const fixed = {
    ...(added.length === 0 ? {} : { with: added }),
    ...(removed.length === 0 ? {} : { valuesToRemove: removed }),
  };
  return added.length + removed.length === 0 ? [] : [request(deriving, { api, source: [flag, name], fixed })];
}

function textsIn(value: unknown): readonly string[] {
  return isList(value) ? value.filter((one) => typeof one === 'string') : [];
}

interface SnapshotRow {
  readonly flag: 'snapshot' | 'instance-snapshot';
  readonly create: string;
  readonly source: readonly [SourceFlag, string];
  readonly name: string;
  readonly attribute: string;
  readonly remove: string;
}

function snapshotRow({ flag, create, source, name, attribute, remove }: SnapshotRow): Row {
  return {
    create: (deriving) => [
      toOtherRegion(
        deriving,
        request(deriving, {
          api: create,
          source,
          send: { to: [name], 'kms-key-id': ['kms_key_id'], 'copy-tags': ['copy_tags'] },
        }),
      ),
      ...sharing(deriving, attribute, flag, name),
    ],
    update: (deriving) =>
      changedIn(deriving).includes('shared_accounts') ? resharing(deriving, attribute, flag, name) : [],
    destroy: (deriving) => [request(deriving, { api: remove, source: [flag, name], before: true })],
  };
}

/**
 * The provider signs a copy for one Region and sends the request to another one, so the result is
 * not known.
 */
function toOtherRegion(deriving: Deriving, made: DerivedRequest): DerivedRequest {
  return isGiven(deriving, 'destination_region') ? { ...made, isSignedForAnother: true } : made;
}

/** Requests that are listed but not checked if they are not in the catalog. */
function plain(create: string, remove: string | undefined, update?: string): Row {
  return {
    create: (deriving) => [request(deriving, { api: create })],
    update: update === undefined ? none : (deriving) => [request(deriving, { api: update })],
    destroy: remove === undefined ? none : (deriving) => [request(deriving, { api: remove })],
  };
}

/** The catalog is about RDS, so the same requests to another service are not in it. */
const unknownTo =
  (derive: Derive): Derive =>
  (deriving) =>
    derive(deriving).map((one) => ({ ...one, operation: undefined }));
const otherServiceCluster: Row = {
  create: unknownTo(createCluster),
  update: unknownTo(updateCluster),
  destroy: unknownTo(deleteCluster),
};

const instanceOfOtherService = plain('CreateDBInstance', 'DeleteDBInstance', 'ModifyDBInstance');
const otherServiceInstance: Row = {
  create: unknownTo(instanceOfOtherService.create),
  update: unknownTo(instanceOfOtherService.update),
  destroy: unknownTo(instanceOfOtherService.destroy),
};
const globalCluster: Row = {
  ...plain('CreateGlobalCluster', 'DeleteGlobalCluster'),
  // The provider upgrades each member if RDS says that the version is a minor one. No plan shows
  // this.
  update: (deriving) => [
    request(deriving, { api: 'ModifyGlobalCluster' }),
    ...(changedIn(deriving).includes('engine_version') ? [request(deriving, { api: 'ModifyDBCluster' })] : []),
  ],
  destroy: (deriving) => [
    ...(propertyOf(deriving.change.before, 'force_destroy') === true
      ? [request(deriving, { api: 'RemoveFromGlobalCluster' })]
      : []),
    request(deriving, { api: 'DeleteGlobalCluster' }),
  ],
};

const exportTask: Derive = (deriving) => {
  const type = resourceTypeOf(deriving.places.textAt(deriving.change, 'source_arn') ?? '');
  const flag: SourceFlag = type === 'cluster' ? 'cluster' : type === 'snapshot' ? 'instance-snapshot' : 'snapshot';
  return [
    request(deriving, {
      api: 'StartExportTask',
      source: [flag, 'source_arn'],
      send: { 's3-bucket': ['s3_bucket_name'], 'iam-role': ['iam_role_arn'], 'kms-key-id': ['kms_key_id'] },
    }),
  ];
};

const instanceState: Derive = (deriving) => {
  const api = deriving.places.textAt(deriving.change, 'state') === 'stopped' ? 'StopDBInstance' : 'StartDBInstance';
  return [unlessKnown(deriving, request(deriving, { api, source: ['instance', 'identifier'] }), 'state')];
};

/** The provider then reads the instance in its own Region, until nothing replicates its backups. */
const stopReplication: Derive = (deriving) => {
  const stop = request(deriving, { api: 'StopDBInstanceAutomatedBackupsReplication' });
  const read = request(deriving, { api: 'DescribeDBInstances', before: true });
  const instance = textIn(deriving.change.before, 'source_db_instance_arn') ?? '';
  const place = placeOf(instance);
  return [stop, place === undefined ? read : { ...read, operation: readOfInstance(instance), region: place.region }];
};

/** By the type of the resource. */
const rows: Readonly<Record<string, Row>> = {
  aws_rds_cluster: { create: createCluster, update: updateCluster, destroy: deleteCluster },
  aws_rds_cluster_instance: { create: createMember, update: updateMember, destroy: deleteMember },
  aws_db_instance: { create: createInstance, update: updateInstance, destroy: deleteInstance },
  aws_db_cluster_snapshot: snapshotRow({
    flag: 'snapshot',
    create: 'CreateDBClusterSnapshot',
    source: ['cluster', 'db_cluster_identifier'],
    name: 'db_cluster_snapshot_identifier',
    attribute: 'ModifyDBClusterSnapshotAttribute',
    remove: 'DeleteDBClusterSnapshot',
  }),
  aws_db_snapshot: snapshotRow({
    flag: 'instance-snapshot',
    create: 'CreateDBSnapshot',
    source: ['instance', 'db_instance_identifier'],
    name: 'db_snapshot_identifier',
    attribute: 'ModifyDBSnapshotAttribute',
    remove: 'DeleteDBSnapshot',
  }),
  aws_rds_cluster_snapshot_copy: snapshotRow({
    flag: 'snapshot',
    create: 'CopyDBClusterSnapshot',
    source: ['snapshot', 'source_db_cluster_snapshot_identifier'],
    name: 'target_db_cluster_snapshot_identifier',
    attribute: 'ModifyDBClusterSnapshotAttribute',
    remove: 'DeleteDBClusterSnapshot',
  }),
  aws_db_snapshot_copy: snapshotRow({
    flag: 'instance-snapshot',
    create: 'CopyDBSnapshot',
    source: ['instance-snapshot', 'source_db_snapshot_identifier'],
    name: 'target_db_snapshot_identifier',
    attribute: 'ModifyDBSnapshotAttribute',
    remove: 'DeleteDBSnapshot',
  }),
  aws_rds_export_task: {
    create: exportTask,
    update: none,
    destroy: (deriving) => [request(deriving, { api: 'CancelExportTask' })],
  },
  aws_rds_instance_state: { create: instanceState, update: instanceState, destroy: none },
  aws_docdb_cluster: otherServiceCluster,
  aws_neptune_cluster: otherServiceCluster,
  aws_docdb_cluster_instance: otherServiceInstance,
  aws_neptune_cluster_instance: otherServiceInstance,
  aws_docdb_cluster_snapshot: plain('CreateDBClusterSnapshot', 'DeleteDBClusterSnapshot'),
  aws_neptune_cluster_snapshot: plain('CreateDBClusterSnapshot', 'DeleteDBClusterSnapshot'),
  aws_docdb_global_cluster: globalCluster,
  aws_neptune_global_cluster: globalCluster,
  aws_rds_global_cluster: globalCluster,
  aws_rds_custom_db_engine_version: plain(
    'CreateCustomDBEngineVersion',
    'DeleteCustomDBEngineVersion',
    'ModifyCustomDBEngineVersion',
  ),
  aws_rds_shard_group: plain('CreateDBShardGroup', 'DeleteDBShardGroup', 'ModifyDBShardGroup'),
  aws_rds_cluster_activity_stream: plain('StartActivityStream', 'StopActivityStream'),
  aws_db_instance_automated_backups_replication: {
    update: none,
    destroy: stopReplication,
    create: (deriving) => [
      request(deriving, {
        api: 'StartDBInstanceAutomatedBackupsReplication',
        source: ['instance', 'source_db_instance_arn'],
        send: { 'kms-key-id': ['kms_key_id'] },
      }),
    ],
  },
  aws_rds_integration: plain('CreateIntegration', 'DeleteIntegration', 'ModifyIntegration'),
  aws_rds_cluster_role_association: plain('AddRoleToDBCluster', 'RemoveRoleFromDBCluster'),
  aws_db_instance_role_association: plain('AddRoleToDBInstance', 'RemoveRoleFromDBInstance'),
  aws_db_proxy: plain('CreateDBProxy', 'DeleteDBProxy', 'ModifyDBProxy'),
  aws_backup_vault: plain('CreateBackupVault', 'DeleteBackupVault'),
  aws_backup_plan: plain('CreateBackupPlan', 'DeleteBackupPlan', 'UpdateBackupPlan'),
  aws_backup_selection: plain('CreateBackupSelection', 'DeleteBackupSelection'),
};
