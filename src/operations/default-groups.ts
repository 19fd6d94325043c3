import type { GroupType } from './parameters.ts';

/*
 * The names of default groups (rds-kms-operations-2 13.2): `default.<family>` for parameter groups,
 * `default:<engine>-<major version>` for option groups. Engines divide their versions differently.
 */

interface EngineRow {
  readonly engines: RegExp;
  /**
   * The major version is the first group of the match. There are several patterns if an engine
   * changed its numbering.
   */
  readonly versions: readonly RegExp[];
  /** The text between engine and major version in the name of a family. */
  readonly joint: '' | '-';
  /** The major version in the name of a family. Absent: unchanged. */
  readonly family?: (major: string) => string;
  /** The major version in the name of an option group. Absent: the name is not established. */
  readonly option?: (major: string) => string;
}

const hyphens = (major: string): string => major.replaceAll('.', '-');

/** Each name was observed in the output of RDS or on AWS's pages. */
const engineRows: readonly EngineRow[] = [
  // Until 9.6, a major version had two numbers.
  { engines: /^(postgres|aurora-postgresql)$/, versions: [/^(9\.\d+)/, /^([1-9]\d+)/], joint: '', option: hyphens },
  { engines: /^(mysql|mariadb|aurora|aurora-mysql)$/, versions: [/^(\d+\.\d+)/], joint: '', option: hyphens },
  // Before 1.2 there was one family for all versions. It is not known whether the names of option
  // groups are alike.
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
 * The name of the default group that RDS gives to a new resource, from an engine and a version as
 * RDS shows them. Undefined: the name is not certain.
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

/** The start of the names of default groups, for any engine. */
export function defaultGroupBeginning(type: GroupType): string {
  return type === 'subgrp' ? 'default' : type === 'og' ? 'default:' : 'default.';
}

/** Whether RDS creates the group, so that nobody may tag it. */
export function isDefaultGroup(type: GroupType, name: string): boolean {
  return type === 'subgrp' ? name === 'default' : name.startsWith(defaultGroupBeginning(type));
}
