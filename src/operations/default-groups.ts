import type { GroupType } from './parameters.ts';

/*
 * The names of default groups (rds-kms-operations-2 13.2): `default.<family>` of parameter groups,
 * `default:<engine>-<major version>` of option groups. Engines cut their versions differently.
 */

interface EngineRow {
  readonly engines: RegExp;
  /**
   * The major version, as the first group of what matches; several, where engines changed their
   * ways.
   */
  readonly versions: readonly RegExp[];
  /** What stands between engine and major version in the name of a family. */
  readonly joint: '' | '-';
  /** How the major version is written in the name of a family. Absent: as it is. */
  readonly family?: (major: string) => string;
  /**
   * How the major version is written in the name of an option group. Absent: the name is not
   * established.
   */
  readonly option?: (major: string) => string;
}

const hyphens = (major: string): string => major.replaceAll('.', '-');

/** Each name was seen in what RDS describes or in AWS's pages. */
const engineRows: readonly EngineRow[] = [
  // Until 9.6, two numbers made a major version.
  { engines: /^(postgres|aurora-postgresql)$/, versions: [/^(9\.\d+)/, /^([1-9]\d+)/], joint: '', option: hyphens },
  { engines: /^(mysql|mariadb|aurora|aurora-mysql)$/, versions: [/^(\d+\.\d+)/], joint: '', option: hyphens },
  // Before 1.2 there was one family for all versions. Whether the names of option groups follow is
  // not known.
  { engines: /^neptune$/, versions: [/^(1)\.[01](\.|$)/, /^(\d+\.\d+)/], joint: '' },
  { engines: /^docdb$/, versions: [/^(\d+\.\d+)/], joint: '' },
  { engines: /^oracle-/, versions: [/^(1[12]\.\d)/, /^(1[89]|2\d)\./], joint: '-', option: hyphens },
  {
    engines: /^sqlserver-/,
    // 15.00.4335.1.v1
    versions: [/^(\d\d)\.00/],
    joint: '-',
    family: (major) => `${major}.0`,
    option: (major) => `${major}-00`,
  },
  { engines: /^db2-/, versions: [/^(\d+\.\d+)/], joint: '-' },
];

/**
 * The name of the default group that RDS gives to a new resource, for an engine and a version as
 * RDS describes them. Undefined: the name is not certain.
 */
export function defaultGroupName(
  type: GroupType,
  engine: string | undefined,
  version: string | undefined,
): string | undefined {
  if (type === 'subgrp') return 'default';
  const row = engineRows.find(({ engines }) => engine !== undefined && engines.test(engine));
  const major = row?.versions.map((pattern) => pattern.exec(version ?? '')?.[1]).find((one) => one !== undefined);
  if (row === undefined || major === undefined) return undefined;
  if (type === 'og') return row.option === undefined ? undefined : `default:${engine}-${row.option(major)}`;
  return `default.${engine}${row.joint}${row.family?.(major) ?? major}`;
}

/** What the names of default groups begin with, whatever the engine. */
export function defaultGroupBeginning(type: GroupType): string {
  return type === 'subgrp' ? 'default' : type === 'og' ? 'default:' : 'default.';
}

/** Whether a group is one that RDS makes and nobody may tag. */
export function isDefaultGroup(type: GroupType, name: string): boolean {
  return type === 'subgrp' ? name === 'default' : name.startsWith(defaultGroupBeginning(type));
}
