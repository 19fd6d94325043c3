import { isKeyArn, kmsArn, type Place } from '../base/arn.ts';
import { lazily } from '../base/lazily.ts';
import type { BulkSettings, BulkTarget } from '../bulk/bulk.ts';
import { describedKey, isMember } from '../check/bind.ts';
import type { Directory } from '../evidence/directory.ts';
import { NotHeld } from '../evidence/not-held.ts';
import type { Evidence } from '../evidence/schema.ts';
import { type Source, sourcesHeld } from '../evidence/sources.ts';
import { operationsNamed } from '../operations/catalogue.ts';
import type { Operation } from '../operations/operation.ts';
import { allSourceFlags, type SourceType, sourceFlags } from '../operations/source-flags.ts';
import { databaseNameOf } from '../preflight/targets.ts';
import { asker, type EstateAnswer, type EstateQuestion, type KeyAnswer, keyAnswers, keyQuestion } from './asking.ts';
import { administratorTest } from './is-administrator.ts';
import { type Outside, outsideOf } from './outside.ts';
import { type WaysInto, waysIn } from './ways-in.ts';

/*
 * The input of findings: the accounts, keys, databases and backups of the evidence, and who can use
 * them.
 */

/** The settings of an audit. */
export interface AuditSettings extends BulkSettings {
  /** Accounts that are trusted although they are not among those that own the backups. */
  readonly allowAccounts: readonly string[];
  /** Ids of organizations whose accounts are trusted. */
  readonly allowOrgs: readonly string[];
  /** The most principals that should be able to restore a backup. Absent: no limit. */
  readonly wideRestore?: number;
}

/** A snapshot, an automated backup, or the points in time of a database that exists. */
export interface Backup {
  readonly source: Source;
  /** ARN of the backup's key. Undefined: the backup is not encrypted, or this is not known. */
  readonly key: string | undefined;
  /** Equal for all backups of one database. */
  readonly database: string;
  /** Whether the database still exists. Undefined: not known. */
  readonly isLive: boolean | undefined;
  /** Whether the backup is available: RDS restores no snapshot that is still being made. */
  readonly isAvailable: boolean;
}

/** The facts of an estate. Each question about policies is answered when it is first asked. */
export interface Estate {
  readonly directory: Directory;
  readonly evidence: Evidence;
  readonly settings: AuditSettings;
  /** The accounts that were read. */
  readonly accounts: readonly string[];
  /** The accounts and Regions that were read. */
  readonly places: readonly Place[];
  /** Clusters, and the instances outside clusters. */
  readonly databases: readonly Source[];
  readonly backups: readonly Backup[];
  /** ARNs of the keys that backups and databases name, and of all others that were read. */
  readonly keys: readonly string[];
  /**
   * Who can restore which backups. Each kind of backup has one operation, checked with AWS's
   * defaults.
   */
  readonly restores: () => readonly EstateAnswer[];
  /**
   * The principals with permission to run the operation of a command on each of some sources.
   * Principals that are denied it are left out.
   */
  readonly rightsTo: (command: string, sources: readonly Source[]) => readonly EstateAnswer[];
  /**
   * The principals with permission to call a KMS action on each of some keys. Principals that are
   * denied it are left out.
   */
  readonly whoCanCall: (action: `kms:${string}`, keys: readonly string[]) => readonly KeyAnswer[];
  /**
   * Asks who can restore, who has permission to run commands on sources and to call KMS actions on
   * keys, and which of them are administrators, one account after the other. The answers are
   * remembered.
   */
  readonly askTogether: (asked: {
    readonly sources: readonly (readonly [command: string, sources: readonly Source[]])[];
    readonly keys: readonly (readonly [action: `kms:${string}`, keys: readonly string[]])[];
    readonly questions: readonly EstateQuestion[];
  }) => void;
  readonly answersTo: (question: EstateQuestion) => readonly EstateAnswer[];
  /** The answers to a question about sources, by the ARN of the source. */
  readonly answersBySource: (question: EstateQuestion) => ReadonlyMap<string, EstateAnswer>;
  /**
   * Whether somebody is an administrator of an account: its root user, or a principal that can give
   * itself any permission.
   */
  readonly isAdministrator: (arn: string) => boolean;
  readonly waysInto: WaysInto;
  /** What outsiders can do with keys and snapshots. */
  readonly outside: () => Outside;
}

/** Lists the databases, backups and keys of the evidence, and prepares the questions about them. */
export function estateOf(directory: Directory, settings: AuditSettings): Estate {
  const { evidence } = directory;
  const accounts = Object.keys(evidence.accounts);
  const places = accounts.flatMap((account) =>
    Object.keys(evidence.accounts[account]?.regions ?? {}).map((region): Place => ({ account, region })),
  );
  const own = places.flatMap((place) =>
    sourcesHeld(evidence, place, allTypes).sources.filter((one) => one.account === place.account && !isMember(one)),
  );
  const sources = [...new Map(own.map((one) => [one.arn, one])).values()];
  const databases = sources.filter(isDatabase);
  const backups = backupsAmong(evidence, sources);
  const outside = lazily(() => outsideOf(directory, settings));
  const asking = asker(directory, settings, outside);
  const { isAdministrator, findAdministrators } = administratorTest(directory, settings);
  const waysInto = waysIn(directory);
  const held = places.flatMap(({ account, region }) => evidence.accounts[account]?.regions?.[region]?.kms?.keys ?? []);
  const named = sources.flatMap((source) => storageKeyOf(evidence, source) ?? []);
  const restores = lazily(
    (): EstateQuestion => ({
      name: 'restores',
      targets: backups.filter(({ isAvailable }) => isAvailable).flatMap(({ source }) => restoreTarget(source)),
    }),
  );
  return {
    directory,
    evidence,
    settings,
    accounts,
    places,
    databases,
    backups,
    keys: [...new Set([...held.map(({ KeyMetadata: { Arn: arn } }) => arn), ...named])],
    restores: () => asking.ask(restores()),
    rightsTo: (command, asked) => asking.ask(rightsQuestion(command, asked)),
    whoCanCall: (action, keys) => keyAnswers(asking, keyQuestion(action, keys)),
    answersTo: asking.ask,
    answersBySource: (question) => bySource(asking.ask(question)),
    askTogether: ({ sources: asked, keys: ofKms, questions }) =>
      asking.askTogether(
        [
          restores(),
          ...asked.map(([command, all]) => rightsQuestion(command, all)),
          ...ofKms.map(([action, all]) => keyQuestion(action, all)),
          ...questions,
        ],
        ({ able, read }) => {
          findAdministrators(able, read);
          for (const arn of able) waysInto(arn);
        },
      ),
    isAdministrator,
    waysInto,
    outside,
  };
}

/** Answers about sources, by the ARN of the source. */
export function bySource(answers: readonly EstateAnswer[]): ReadonlyMap<string, EstateAnswer> {
  return new Map(
    answers.flatMap((answer) =>
      answer.targets.flatMap(({ source }) => (source === undefined ? [] : [[source.arn, answer] as const])),
    ),
  );
}

const allTypes: readonly SourceType[] = [
  ...new Set(allSourceFlags().flatMap((flag): readonly SourceType[] => sourceFlags[flag].types)),
];

function isDatabase({ type }: Source): boolean {
  return type === 'cluster' || type === 'db';
}

/** The ARN of the key that encrypts a resource. Undefined: the resource names none. */
export function storageKeyOf(evidence: Evidence, { kmsKeyId, account, region }: Source): string | undefined {
  if (kmsKeyId === undefined) return undefined;
  try {
    return describedKey(evidence, { account, region }, kmsKeyId);
  } catch (error) {
    if (!(error instanceof NotHeld)) throw error;
    return isKeyArn(kmsKeyId) ? kmsKeyId : kmsArn({ account, region }, kmsKeyId);
  }
}

/**
 * The backups among some sources. It is known whether the database of a backup exists if the
 * databases of its account and Region were listed.
 */
function backupsAmong(evidence: Evidence, sources: readonly Source[]): readonly Backup[] {
  const live = new Set(sources.filter(isDatabase).map(databaseOf));
  const liveNames = new Set(sources.filter(isDatabase).map(databaseName));
  return sources.filter(isBackup).map((source): Backup => {
    const isThere = live.has(databaseOf(source)) || liveNames.has(databaseName(source));
    const isListed = listsDatabases(evidence, source);
    return {
      source,
      key: storageKeyOf(evidence, source),
      database: databaseOf(source),
      isLive: isThere ? true : isListed ? false : undefined,
      isAvailable:
        isDatabase(source) || isRetained(source) || (source.status ?? 'available').toLowerCase() === 'available',
    };
  });
}

/** A database as one of its own backups, to find the others. */
export function asBackup(source: Source): Backup {
  return { source, key: undefined, database: '', isLive: true, isAvailable: true };
}

function isRetained({ type }: Source): boolean {
  return type === 'cluster-auto-backup' || type === 'auto-backup';
}

/** A database counts as a backup if its entry shows points in time. */
export function isBackup(source: Source): boolean {
  if (source.type !== 'cluster' && source.type !== 'db') return true;
  const { BackupRetentionPeriod: days, LatestRestorableTime: latest } = source.entry;
  return (days ?? 0) > 0 || (days === undefined && latest !== undefined);
}

function listsDatabases(evidence: Evidence, { account, region, type }: Source): boolean {
  const rds = evidence.accounts[account]?.regions?.[region]?.rds;
  return (type.startsWith('cluster') ? rds?.DBClusters : rds?.DBInstances) !== undefined;
}

/**
 * A name for a database. The resource ID is the same for a database and all copies of its backups
 * (rds-kms-operations 3.1).
 */
export function databaseOf(source: Source): string {
  return source.resourceId ?? databaseName(source);
}

/** The account and Region of a database, and its name. */
function databaseName(source: Source): string {
  const { account, region, arn } = source;
  const name = databaseNameOf(source);
  return `${account} ${region} ${source.type.startsWith('cluster') ? 'cluster' : 'db'} ${name ?? arn}`;
}

const restoring: Readonly<Record<SourceType, string>> = {
  'cluster-snapshot': 'RestoreDBClusterFromSnapshot',
  snapshot: 'RestoreDBInstanceFromDBSnapshot',
  cluster: 'RestoreDBClusterToPointInTime',
  'cluster-auto-backup': 'RestoreDBClusterToPointInTime',
  db: 'RestoreDBInstanceToPointInTime',
  'auto-backup': 'RestoreDBInstanceToPointInTime',
};

const restoreCommands = ['restore', 'restore-to-point-in-time'].flatMap((command) => operationsNamed(command));

function restoreTarget(source: Source): readonly BulkTarget[] {
  const operation = restoreCommands.find(({ api }) => api === restoring[source.type]);
  return operation === undefined ? [] : [targetOn(operation, source)];
}

function targetOn(operation: Operation, source: Source): BulkTarget {
  return { operation, source, region: source.region, parameters: {} };
}

function rightsQuestion(command: string, sources: readonly Source[]): EstateQuestion {
  return {
    name: `rights to ${command} ${sources.map(({ arn }) => arn).join()}`,
    targets: targetsOf(command, sources),
    asksForRights: true,
  };
}

/** The operations of a command on the sources that each of them takes. */
function targetsOf(command: string, sources: readonly Source[]): readonly BulkTarget[] {
  const operations = operationsNamed(command);
  return sources.flatMap((source) => {
    const [operation] = operations.filter(({ reads }) => reads?.types[0] === source.type);
    return operation === undefined ? [] : [targetOn(operation, source)];
  });
}
