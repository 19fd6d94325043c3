/*
 * The flags that name what an operation reads. This table is all that is known of each: options,
 * help, examples and the types of what can be read are taken from it.
 */

/** By flag. An operation says which of a flag's types its API reads. */
export const sourceFlags = {
  cluster: {
    property: 'cluster',
    help: 'identifier, ARN or resource id of the cluster',
    types: ['cluster', 'cluster-auto-backup'],
    example: 'orders',
    inDemo: true,
  },
  instance: {
    property: 'instance',
    help: 'identifier, ARN or resource id of the DB instance',
    types: ['db', 'auto-backup'],
    example: 'reports',
    inDemo: true,
  },
  snapshot: {
    property: 'snapshot',
    help: 'identifier or ARN of the cluster snapshot',
    // A cluster can be restored from a DB snapshot, too.
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
  /** The name under which commander hands over the value. */
  readonly property: string;
  readonly help: string;
  /** What the flag may name, by its type in ARNs. */
  readonly types: readonly string[];
  /** A name that help shows. */
  readonly example: string;
  /** The embedded evidence holds something of the kind. */
  readonly inDemo: boolean;
}

type SourceFlags = typeof sourceFlags;

export type SourceFlag = keyof SourceFlags;

type TypeOf<Flag extends SourceFlag> = SourceFlags[Flag]['types'][number];

/** What an operation may read, by its type in ARNs. */
export type SourceType = TypeOf<SourceFlag>;

/**
 * What an operation reads: the flag that names it, and its types, of which the likeliest is first.
 */
export type Reads = {
  readonly [Flag in SourceFlag]: {
    readonly flag: Flag;
    readonly types: readonly [TypeOf<Flag>, ...TypeOf<Flag>[]];
  };
}[SourceFlag];

/** What names the source, as commander hands it over. */
export type SourceNames = {
  readonly [Flag in SourceFlag as SourceFlags[Flag]['property']]?: string;
};

/** The same where each flag may be repeated. */
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
