/*
 * The flags that name the source of an operation. Options, help, examples and the types of sources
 * all follow from this table.
 */

/** By flag. An operation says which of a flag's types its API can read. */
export const sourceFlags = {
  cluster: {
    property: 'cluster',
    help: 'identifier, ARN or resource ID of the cluster',
    types: ['cluster', 'cluster-auto-backup'],
    example: 'orders',
    inDemo: true,
  },
  instance: {
    property: 'instance',
    help: 'identifier, ARN or resource ID of the DB instance',
    types: ['db', 'auto-backup'],
    example: 'reports',
    inDemo: true,
  },
  snapshot: {
    property: 'snapshot',
    help: 'identifier or ARN of the cluster snapshot',
    // A cluster can also be restored from a DB snapshot.
    types: ['cluster-snapshot', 'snapshot'],
    example: 'ledger-monthly',
    inDemo: true,
  },
  'instance-snapshot': {
    property: 'instanceSnapshot',
    help: 'identifier or ARN of the DB snapshot',
    types: ['snapshot'],
    example: 'reports-monthly',
    inDemo: false,
  },
  'in-cluster': {
    property: 'inCluster',
    help: 'identifier or ARN of the cluster that the instance joins',
    types: ['cluster'],
    example: 'orders',
    inDemo: true,
  },
} as const satisfies Readonly<Record<string, SourceFlagRow>>;

interface SourceFlagRow {
  /** The name of the value in commander. */
  readonly property: string;
  readonly help: string;
  /** The types of resources that the flag may name, as in ARNs. */
  readonly types: readonly string[];
  /** A name that help shows. */
  readonly example: string;
  /** The embedded example has such a resource. */
  readonly inDemo: boolean;
}

type SourceFlags = typeof sourceFlags;

export type SourceFlag = keyof SourceFlags;

type TypeOf<Flag extends SourceFlag> = SourceFlags[Flag]['types'][number];

/** The types of sources, as in ARNs. */
export type SourceType = TypeOf<SourceFlag>;

/** The source of an operation: the flag that names it, and its types with the likeliest first. */
export type Reads = {
  readonly [Flag in SourceFlag]: {
    readonly flag: Flag;
    readonly types: readonly [TypeOf<Flag>, ...TypeOf<Flag>[]];
  };
}[SourceFlag];

/** The flags that name the source, as commander returns them. */
export type SourceNames = {
  readonly [Flag in SourceFlag as SourceFlags[Flag]['property']]?: string;
};

/** The same if each flag may be repeated. */
export type SourceLists = {
  readonly [Flag in SourceFlag as SourceFlags[Flag]['property']]?: readonly string[];
};

function isSourceFlag(flag: string): flag is SourceFlag {
  return Object.hasOwn(sourceFlags, flag);
}

/** Every flag that names a source, in the order of the table. */
export function allSourceFlags(): readonly SourceFlag[] {
  return Object.keys(sourceFlags).filter(isSourceFlag);
}
