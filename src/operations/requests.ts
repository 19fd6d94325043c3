import { catalogue, findOperation } from './catalogue.ts';
import type { Operation } from './operation.ts';
import type { OperationParameters, ParameterKinds } from './parameters.ts';
import { allParameters, rowOf } from './request-parameters.ts';
import type { SourceFlag } from './source-flags.ts';

/*
 * How the requests of RDS's APIs name what the commands name by flags, so that a request that was recorded can be asked about. Names are those of the API; records
 * spell them in other cases.
 */

/** A request by which a command's operation is asked for. */
export interface RequestShape {
  readonly command: string;
  /** Of APIs that several operations share: the parameter that tells this one, and what its value holds. */
  readonly when?: { readonly parameter: string; readonly holds: string };
  /** Which parameters may name what is read. */
  readonly source?: { readonly flag: SourceFlag; readonly parameters: readonly string[] };
  /** The parameter that names what is made. */
  readonly to?: string;
}

const exported = 'SourceArn';

/** By API. The first shape counts whose `when` holds. */
const shapes: Readonly<Record<string, readonly RequestShape[]>> = {
  CreateDBClusterSnapshot: [
    {
      command: 'create-snapshot',
      source: { flag: 'cluster', parameters: ['DBClusterIdentifier'] },
      to: 'DBClusterSnapshotIdentifier',
    },
  ],
  CreateDBSnapshot: [
    {
      command: 'create-snapshot',
      source: { flag: 'instance', parameters: ['DBInstanceIdentifier'] },
      to: 'DBSnapshotIdentifier',
    },
  ],
  RestoreDBClusterFromSnapshot: [
    {
      command: 'restore',
      source: { flag: 'snapshot', parameters: ['SnapshotIdentifier'] },
      to: 'DBClusterIdentifier',
    },
  ],
  RestoreDBInstanceFromDBSnapshot: [
    {
      command: 'restore',
      source: { flag: 'instance-snapshot', parameters: ['DBSnapshotIdentifier'] },
      to: 'DBInstanceIdentifier',
    },
  ],
  RestoreDBClusterToPointInTime: [
    {
      command: 'clone',
      when: { parameter: 'RestoreType', holds: 'copy-on-write' },
      source: { flag: 'cluster', parameters: ['SourceDBClusterIdentifier', 'SourceDbClusterResourceId'] },
      to: 'DBClusterIdentifier',
    },
    {
      command: 'restore-to-point-in-time',
      source: { flag: 'cluster', parameters: ['SourceDBClusterIdentifier', 'SourceDbClusterResourceId'] },
      to: 'DBClusterIdentifier',
    },
  ],
  RestoreDBInstanceToPointInTime: [
    {
      command: 'restore-to-point-in-time',
      source: {
        flag: 'instance',
        parameters: ['SourceDBInstanceIdentifier', 'SourceDbiResourceId', 'SourceDBInstanceAutomatedBackupsArn'],
      },
      to: 'TargetDBInstanceIdentifier',
    },
  ],
  CopyDBClusterSnapshot: [
    {
      command: 'copy-snapshot',
      source: { flag: 'snapshot', parameters: ['SourceDBClusterSnapshotIdentifier'] },
      to: 'TargetDBClusterSnapshotIdentifier',
    },
  ],
  CopyDBSnapshot: [
    {
      command: 'copy-snapshot',
      source: { flag: 'instance-snapshot', parameters: ['SourceDBSnapshotIdentifier'] },
      to: 'TargetDBSnapshotIdentifier',
    },
  ],
  ModifyDBClusterSnapshotAttribute: [
    { command: 'share-snapshot', source: { flag: 'snapshot', parameters: ['DBClusterSnapshotIdentifier'] } },
  ],
  ModifyDBSnapshotAttribute: [
    { command: 'share-snapshot', source: { flag: 'instance-snapshot', parameters: ['DBSnapshotIdentifier'] } },
  ],
  StartExportTask: [
    {
      command: 'export-snapshot',
      when: { parameter: exported, holds: ':cluster:' },
      source: { flag: 'cluster', parameters: [exported] },
    },
    {
      command: 'export-snapshot',
      when: { parameter: exported, holds: ':snapshot:' },
      source: { flag: 'instance-snapshot', parameters: [exported] },
    },
    { command: 'export-snapshot', source: { flag: 'snapshot', parameters: [exported] } },
  ],
  CreateDBCluster: [
    {
      command: 'create-replica',
      when: { parameter: 'ReplicationSourceIdentifier', holds: '' },
      source: { flag: 'cluster', parameters: ['ReplicationSourceIdentifier'] },
      to: 'DBClusterIdentifier',
    },
    { command: 'create-cluster', to: 'DBClusterIdentifier' },
  ],
  CreateDBInstance: [
    {
      command: 'create-instance',
      when: { parameter: 'DBClusterIdentifier', holds: '' },
      source: { flag: 'in-cluster', parameters: ['DBClusterIdentifier'] },
      to: 'DBInstanceIdentifier',
    },
    { command: 'create-instance', to: 'DBInstanceIdentifier' },
  ],
  CreateDBInstanceReadReplica: [
    {
      command: 'create-replica',
      source: { flag: 'instance', parameters: ['SourceDBInstanceIdentifier'] },
      to: 'DBInstanceIdentifier',
    },
  ],
  DeleteDBCluster: [
    {
      command: 'delete-cluster',
      source: { flag: 'cluster', parameters: ['DBClusterIdentifier'] },
      to: 'FinalDBSnapshotIdentifier',
    },
  ],
  DeleteDBInstance: [
    {
      command: 'delete-instance',
      source: { flag: 'instance', parameters: ['DBInstanceIdentifier'] },
      to: 'FinalDBSnapshotIdentifier',
    },
  ],
  StartDBCluster: [{ command: 'start-cluster', source: { flag: 'cluster', parameters: ['DBClusterIdentifier'] } }],
  StartDBInstance: [{ command: 'start-instance', source: { flag: 'instance', parameters: ['DBInstanceIdentifier'] } }],
  StopDBCluster: [{ command: 'stop-cluster', source: { flag: 'cluster', parameters: ['DBClusterIdentifier'] } }],
  StopDBInstance: [{ command: 'stop-instance', source: { flag: 'instance', parameters: ['DBInstanceIdentifier'] } }],
};

/** What a request may name and every check takes at its default. */
export const takenByDefault: readonly string[] = [
  'DBSubnetGroupName',
  'DBClusterParameterGroupName',
  'DBParameterGroupName',
  'OptionGroupName',
];

/** A request, as the operation that it asks for and where it names what. `text` is the value of a parameter; undefined: it is not there. */
export function readRequest(
  api: string,
  text: (parameter: string) => string | undefined,
): { readonly operation: Operation; readonly shape: RequestShape } | undefined {
  const shape = shapes[api]?.find(
    ({ when }) => when === undefined || text(when.parameter)?.includes(when.holds) === true,
  );
  const operation = shape === undefined ? undefined : findOperation(shape.command, shape.source?.flag);
  return shape === undefined || operation === undefined ? undefined : { operation, shape };
}

/** The operation of the same API that a service such as AWS Backup asks for as a role that it assumes. */
export function asRoleOf(service: string | undefined, { api }: Operation): Operation | undefined {
  return catalogue.find((one) => one.api === api && one.runsAsRole === true && one.assumedBy === service);
}

/** A field of a request, whose names records spell in their own way: `dBClusterIdentifier`. */
export function fieldOf(from: unknown, name: string): unknown {
  if (typeof from !== 'object' || from === null) return undefined;
  const found = Object.entries(from).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return found?.[1];
}

/** The same, if it holds a text that says something. */
export function textOf(from: unknown, name: string): string | undefined {
  return readers.text(fieldOf(from, name));
}

/** The parameters of a recorded request that mean the same in every API. */
export function parametersOf(request: unknown): OperationParameters {
  const pairs = allParameters().flatMap((flag): readonly (readonly [string, unknown])[] => {
    const { property, kind, request: name } = rowOf(flag);
    const value = name === undefined ? undefined : readers[kind](fieldOf(request, name));
    return value === undefined ? [] : [[property, value]];
  });
  return Object.fromEntries(pairs);
}

/** What a request holds for each kind of parameter. Undefined: nothing of the kind. */
const readers: { readonly [Kind in keyof ParameterKinds]: (value: unknown) => ParameterKinds[Kind] | undefined } = {
  text: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
  switch: (value) => (typeof value === 'boolean' ? value : undefined),
  list: (value) => (Array.isArray(value) && value.length > 0 ? value.map(String) : undefined),
  tags: (value) => {
    if (!Array.isArray(value) || value.length === 0) return undefined;
    const pairs = value.flatMap((tag): readonly (readonly [string, string])[] => {
      const key = textOf(tag, 'key');
      return key === undefined ? [] : [[key, textOf(tag, 'value') ?? '']];
    });
    return Object.fromEntries(pairs);
  },
};
