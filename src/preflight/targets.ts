import { isArn, nameOf, type Place, parseArn, placeOf, resourceTypeOf } from '../base/arn.ts';
import { nearestFirst } from '../base/nearest.ts';
import { beginningOfAlias, beginningOfLater, beginningOfName, isAddress, withAddress } from '../base/planned-name.ts';
import { isMember, leavesMembersOut, sweptTypes } from '../check/bind.ts';
import { ageInHours } from '../evidence/age.ts';
import type { Directory } from '../evidence/directory.ts';
import { aliasOf, holdsAllKeys, keyIdOf, regionAt, resolveKey } from '../evidence/lookup.ts';
import { NotHeld } from '../evidence/not-held.ts';
import type { Evidence, Key } from '../evidence/schema.ts';
import {
  perhapsWithId,
  type Source,
  type SourceType,
  sourceNamed,
  sourcesIn,
  sourcesNear,
} from '../evidence/sources.ts';
import type { Operation } from '../operations/operation.ts';
import type { Asked, Expectation, NewestOf, SourceItem, SourceSpec } from './expectation.ts';
import { keyOperation } from './key-actions.ts';
import type { ExpectationLack } from './outcome.ts';
import { type Extent, extentOf, patternOf, reachOf } from './pattern.ts';
import {
  leftOut,
  type Matched,
  type Maybe,
  maybeOf,
  narrowingOf,
  onlyMaybe,
  tagsMatch,
  unlessTaken,
} from './people.ts';

/* Finds the sources that an expectation means in an account and Region. */

/** An operation on a source. */
export interface Target {
  readonly operation: Operation;
  readonly source: Source | undefined;
  /** The ARN of the key, if the expectation is about a KMS action. */
  readonly key?: string;
  /** Why it is not known whether the expectation means this target. Absent: it is known. */
  readonly maybe?: ExpectationLack;
}

export interface TargetsFound extends Matched<Target> {
  /** The number of sources of kinds that the operations do not take. */
  readonly skipped: number;
}

/** Finds the sources on which the operations of an expectation are checked. */
export function targetsMeant(directory: Directory, expectation: Expectation, place: Place): TargetsFound {
  const { source, asked } = expectation;
  if (source === undefined)
    return { found: operationsOf(asked).map((operation) => ({ operation, source: undefined })), lacks: [], skipped: 0 };
  if (source.field === 'key') return { ...keysMeant(directory.evidence, asked, source, place), skipped: 0 };
  const from = { ...place, region: expectation.parameters.sourceRegion ?? place.region };
  if (source.field === 'backups-of') return backupsMeant(directory, expectation, source, from);
  const meant = operationsOf(asked).map((operation) => sourcesMeant(directory, operation, source, { place, from }));
  return { ...joined(meant), skipped: 0 };
}

/** Each operation once: two names in an expectation can mean the same operation. */
function operationsOf(asked: readonly Asked[]): readonly Operation[] {
  return [...new Set(asked.flatMap((one) => ('operations' in one ? one.operations : [])))];
}

function joined<T>(all: readonly Matched<T>[]): Matched<T> {
  return {
    found: all.flatMap(({ found }) => found),
    maybe: all.flatMap(({ maybe = [] }) => maybe),
    lacks: all.flatMap(({ lacks }) => lacks),
  };
}

/** `from`: where a source is that its name alone tells. */
function sourcesMeant(
  directory: Directory,
  operation: Operation,
  { items }: SourceSpec,
  { place, from }: { readonly place: Place; readonly from: Place },
): Matched<Target> {
  const { found, maybe = [], lacks } = joined(items.map((item) => itemMeant(directory, operation, item, from)));
  const distinct = [...new Map(found.map((source) => [source.arn, source])).values()];
  const unsure = unsureOf(maybe, found, ({ arn }) => arn).filter(({ one }) => one.region === from.region);
  // RDS looks for the source in the Region of the request (rds-kms-operations-2 13.10).
  const isThere = ({ region }: Source): boolean =>
    region === place.region || operation.parameters.includes('source-region');
  return {
    found: [
      ...distinct.filter(isThere).map((source) => ({ operation, source })),
      ...unsure.map(({ one, lack }) => ({ operation, source: one, maybe: lack })),
    ],
    lacks: [
      ...lacks,
      ...distinct
        .filter((source) => !isThere(source))
        .map(
          ({ arn }): ExpectationLack => ({
            code: 'source-elsewhere',
            of: arn,
            operation: operation.command,
            account: place.account,
            region: place.region,
          }),
        ),
    ],
  };
}

/** What may be meant, each once by its ARN, and without what is meant for certain. */
function unsureOf<T>(maybe: readonly Maybe<T>[], found: readonly T[], arnOf: (one: T) => string): readonly Maybe<T>[] {
  const known = new Set(found.map(arnOf));
  return [...new Map(maybe.map((each) => [arnOf(each.one), each])).values()].filter(
    ({ one }) => !known.has(arnOf(one)),
  );
}

function itemMeant(directory: Directory, operation: Operation, item: SourceItem, place: Place): Matched<Source> {
  if (item.is === 'newest') return newestMeant(directory, operation, item, place);
  const types = item.is === 'name' ? (operation.reads?.types ?? []) : sweptTypes(operation);
  const { text } = item.said;
  if (item.is === 'name') {
    const all = sourcesNear(directory.sourcesOf, place, { types, name: text });
    const source = sourceNamed(all, text);
    if (source !== undefined) return orNoneLeft(filtered([source], item), item);
    const owner = placeOf(text) ?? place;
    const { unread } = sourcesIn(directory.sourcesOf, owner, types);
    const maybe = all.filter((one) => nameReach(text)(one) === 'some').map((one) => maybeOf(one, one.arn, text));
    if (maybe.length > 0) return onlyMaybe(maybe);
    const type = isArn(text) ? resourceTypeOf(text) : types[0];
    if (unread.some((one) => one === type))
      return { found: [], lacks: [{ code: 'sources-unread', ...owner, types: unread }] };
    const perhaps = perhapsWithId(all, text);
    return perhaps === undefined
      ? { found: [], lacks: [nothing(text, all)] }
      : { found: [], lacks: [{ code: 'resource-id-unread', of: perhaps.arn, name: text }] };
  }
  const { sources, unread } = sourcesIn(directory.sourcesOf, place, types);
  const left = leavesMembersOut(operation) ? sources.filter((one) => !isMember(one)) : sources;
  const reach = nameReach(text);
  const matched = left.filter((one) => reach(one) === 'all');
  const maybe = filtered(
    left.filter((one) => reach(one) === 'some'),
    item,
  );
  const sure = filtered(matched, item);
  const some = {
    ...sure,
    maybe: [...(sure.maybe ?? []), ...(maybe.maybe ?? []), ...maybe.found.map((one) => maybeOf(one, one.arn, text))],
  };
  const isLeftOut = matched.length > 0 && unread.length === 0;
  return isLeftOut ? orNoneLeft(some, item) : whole(some, text, { sources, unread, place });
}

/** If names matched but were all excluded, the lack says so. */
function orNoneLeft(some: Matched<Source>, item: Filter & Pick<SourceItem, 'said'>): Matched<Source> {
  const { found, maybe = [], lacks } = some;
  if (found.length + lacks.length > 0) return some;
  return maybe.length > 0 ? onlyMaybe(maybe) : { found, lacks: [noneLeft('source', item)] };
}

function noneLeft(what: 'source' | 'key', item: Filter & Pick<SourceItem, 'said'>): ExpectationLack {
  return { code: 'nothing-matched', what, name: item.said.text, nearest: [], without: narrowingOf(item) };
}

/** If nothing was found, the lack says whether a list was not read. */
function whole(
  some: Matched<Source>,
  text: string,
  held: { readonly sources: readonly Source[]; readonly unread: readonly SourceType[]; readonly place: Place },
): Matched<Source> {
  const { found, maybe = [], lacks } = some;
  const { sources, unread, place } = held;
  if (unread.length > 0) return { ...some, lacks: [...lacks, { code: 'sources-unread', ...place, types: unread }] };
  if (found.length > 0 || lacks.length > 0) return some;
  return maybe.length > 0 ? onlyMaybe(maybe) : { found, lacks: [nothing(text, sources)] };
}

function nothing(name: string, sources: readonly Source[]): ExpectationLack {
  const names = [...new Set(sources.map(({ identifier }) => withAddress(identifier)))];
  return { code: 'nothing-matched', what: 'source', name, nearest: nearestFirst(name, names).slice(0, 3) };
}

/** RDS keeps names in lower case. Names can have `:` but not `/` (rds-kms-operations-2 13.9). */
function nameTest(text: string): (source: Source) => boolean {
  const is = patternOf(text, true);
  return isArn(text) ? ({ arn }) => is(arn) : ({ identifier }) => is(identifier);
}

/** Whether a name or pattern means a source, whose name may be known only after a plan is applied. */
export function nameReach(text: string): (source: Source) => Extent {
  const [is, reach] = [nameTest(text), reachOf(text, true)];
  return (source) => {
    const { arn, identifier } = source;
    // An address names a resource of the plan, whatever name it gets.
    const beginning = isAddress(text) ? undefined : isArn(text) ? beginningOfLater(arn) : beginningOfName(identifier);
    return beginning === undefined ? extentOf(is(source)) : reach(beginning, false);
  };
}

type Filter = Pick<Exclude<SourceItem, NewestOf>, 'not' | 'tags'>;

function filtered(sources: readonly Source[], { not, tags }: Filter): Matched<Source> {
  const tests = not.map(({ text }) => [text, unlessTaken(text, nameReach(text), sources)] as const);
  const reaches = sources.map((one) => ({ one, ...leftOut(tests.map(([text, reach]) => [text, reach(one)])) }));
  const left = reaches.flatMap(({ one, by }) => (by === 'nothing' ? [one] : []));
  const hasAll = (one: Source): boolean => tags.length === 0 || (one.tags !== undefined && tagsMatch(one.tags, tags));
  return {
    found: left.filter(hasAll),
    maybe: reaches.flatMap(({ one, by, name }) =>
      by === 'perhaps' && hasAll(one) ? [maybeOf(one, one.arn, name)] : [],
    ),
    lacks: left
      .filter((source) => tags.length > 0 && source.tags === undefined)
      .map(({ arn }): ExpectationLack => ({ code: 'tags-unread', of: arn })),
  };
}

/** The name of the database of a snapshot or automated backup. */
export function databaseNameOf(source: Source): string | undefined {
  switch (source.type) {
    case 'cluster-snapshot':
      return source.entry.DBClusterIdentifier;
    case 'snapshot':
      return source.entry.DBInstanceIdentifier;
    default:
      return source.identifier;
  }
}

/**
 * The time at which a snapshot was taken. A copy has the time of its source. Undefined: not known.
 */
function takenAt(source: Source): string | undefined {
  if (source.type === 'cluster-snapshot') return source.entry.SnapshotCreateTime;
  if (source.type !== 'snapshot') return undefined;
  return source.entry.OriginalSnapshotCreateTime ?? source.entry.SnapshotCreateTime;
}

function newestMeant(directory: Directory, operation: Operation, item: NewestOf, place: Place): Matched<Source> {
  const { said, region, type, maxAge } = item;
  const there = { ...place, region: region ?? place.region };
  const types = sweptTypes(operation);
  const { sources, unread } = sourcesIn(directory.sourcesOf, there, types);
  if (unread.length > 0) return { found: [], lacks: [{ code: 'sources-unread', ...there, types: unread }] };
  const own = sources.filter((one) => one.account === place.account);
  const is = nameIs(said.text);
  const ofIt = own.filter((one) => is(databaseNameOf(one) ?? said.text));
  const all = ofIt.filter(
    (one) =>
      databaseNameOf(one) !== undefined && isOfType(one, type) === true && one.status?.toLowerCase() === 'available',
  );
  const newestTime = Math.max(...all.map(timeOf));
  // If several snapshots have the same time, a restore may use any of them.
  const equals = all.filter((one) => timeOf(one) === newestTime);
  const [newest] = equals;
  // A snapshot that may be the newest: its database, type, status or time is not known.
  const rival = ofIt.find(
    (one) =>
      (databaseNameOf(one) === undefined || isOfType(one, type) === undefined || one.status === undefined) &&
      isOfType(one, type) !== false &&
      (one.status ?? 'available').toLowerCase() === 'available' &&
      (newest === undefined || !(timeOf(one) < timeOf(newest)) || timeOf(one) === 0),
  );
  if (rival !== undefined) return { found: [], lacks: [{ code: 'backup-age-unknown', name: said.text }] };
  if (newest === undefined) {
    const names = [...new Set(own.flatMap((one) => databaseNameOf(one) ?? []))].map(withAddress);
    return {
      found: [],
      lacks: [
        {
          code: 'nothing-matched',
          what: 'source',
          name: said.text,
          nearest: nearestFirst(said.text, names).slice(0, 3),
        },
      ],
    };
  }
  if (all.length > 1 && all.some((one) => Number.isNaN(Date.parse(takenAt(one) ?? ''))))
    return { found: [], lacks: [{ code: 'backup-age-unknown', name: said.text }] };
  return { found: equals, lacks: ageOf(directory.evidence, newest, maxAge) };
}

function timeOf(source: Source): number {
  const time = Date.parse(takenAt(source) ?? '');
  return Number.isNaN(time) ? 0 : time;
}

/** The age counts from the time at which the evidence was read. */
function ageOf({ collectedAt }: Evidence, newest: Source, maxAge: number | undefined): readonly ExpectationLack[] {
  if (maxAge === undefined) return [];
  const hours = collectedAt === undefined ? undefined : ageInHours(takenAt(newest), collectedAt);
  if (hours === undefined) return [{ code: 'backup-age-unknown', name: newest.identifier }];
  return hours <= maxAge ? [] : [{ code: 'backup-too-old', arn: newest.arn, hours, maxAge }];
}

/** Whether a source is a snapshot of a type. Undefined: not known. */
function isOfType(source: Source, type: string | undefined): boolean | undefined {
  if (type === undefined) return true;
  if (source.type !== 'cluster-snapshot' && source.type !== 'snapshot') return false;
  const own = source.entry.SnapshotType;
  return own === undefined ? undefined : own.toLowerCase() === type;
}

function nameIs(name: string): (other: string) => boolean {
  return (other) => other.toLowerCase() === name.toLowerCase();
}

const backupTypes: readonly SourceType[] = [
  'cluster-snapshot',
  'snapshot',
  'cluster',
  'db',
  'cluster-auto-backup',
  'auto-backup',
];

/**
 * Finds every kind of backup of a database: manual and automated snapshots, those of AWS Backup,
 * copies, and points in time.
 */
function backupsMeant(
  { sourcesOf }: Directory,
  { asked, verb, isOnly }: Expectation,
  { items }: SourceSpec,
  place: Place,
): TargetsFound {
  const { sources, unread } = sourcesIn(sourcesOf, place, backupTypes);
  const own = sources.filter((one) => one.account === place.account && !isMember(one));
  const operations = operationsOf(asked);
  const needed = unread.filter((type) => operations.some(({ reads }) => reads?.types.some((one) => one === type)));
  const backups = joined(
    items.map((item): Matched<Source> => {
      if (item.is === 'newest') return { found: [], lacks: [] };
      const { text } = item.said;
      const is = item.is === 'pattern' ? patternOf(text, true) : nameIs(text);
      const reach = databaseReach(is, item, own);
      const matched = own.filter((one) => reach(one) === 'all');
      const perhaps = filtered(
        own.filter((one) => reach(one) === 'some'),
        item,
      );
      const unknown = own.filter((one) => databaseNameOf(one) === undefined && !is(''));
      const { found, maybe = [], lacks } = filtered(matched, item);
      const unsure = [...maybe, ...(perhaps.maybe ?? []), ...perhaps.found.map((one) => maybeOf(one, one.arn, text))];
      const names = own.map((one) => ({ ...one, identifier: databaseNameOf(one) ?? one.identifier }));
      const all = { found, maybe: unsure, lacks: [...lacks, ...unknown.map(databaseUnknown)] };
      // A list that was not read may have the backups.
      if (needed.length > 0) return all;
      if (matched.length > 0) return orNoneLeft(all, item);
      return whole(all, text, { sources: names, unread: [], place });
    }),
  );
  const takenBy = (source: Source) => ({
    source,
    taking: operations.filter((operation) => takes(operation, source, verb === 'cannot' || isOnly)),
  });
  const found = [...new Map(backups.found.map((one) => [one.arn, one])).values()].map(takenBy);
  const maybe = unsureOf(backups.maybe ?? [], backups.found, ({ arn }) => arn);
  return {
    found: [
      ...found.flatMap(({ source, taking }) => taking.map((operation) => ({ operation, source }))),
      ...maybe.flatMap(({ one, lack }) =>
        takenBy(one).taking.map((operation) => ({ operation, source: one, maybe: lack })),
      ),
    ],
    lacks: [
      ...backups.lacks,
      ...(needed.length === 0 ? [] : [{ code: 'sources-unread', ...place, types: needed } as const]),
    ],
    skipped: found.filter(({ taking }) => taking.length === 0).length,
  };
}

/**
 * Whether a name or pattern means the database of a source. A database that is created does not get
 * a name that another one has.
 */
function databaseReach(
  is: (name: string) => boolean,
  { said, is: kind }: Exclude<SourceItem, NewestOf>,
  own: readonly Source[],
): (source: Source) => Extent {
  const reach = reachOf(said.text, true);
  const isTaken =
    kind === 'name' && own.some(({ type, identifier }) => (type === 'cluster' || type === 'db') && is(identifier));
  return (source) => {
    const name = databaseNameOf(source) ?? '';
    const beginning = isAddress(said.text) ? undefined : beginningOfName(name);
    if (beginning === undefined) return extentOf(is(name));
    return isTaken ? 'none' : reach(beginning, false);
  };
}

function databaseUnknown({ arn }: Source): ExpectationLack {
  return { code: 'database-unknown', of: arn };
}

/**
 * Whether an operation takes a source. `every`: with all types of sources. Otherwise without DB
 * snapshots for the restore of a cluster: RDS accepts them, but few are meant for that.
 */
function takes(operation: Operation, { type }: Source, every: boolean): boolean {
  const types: readonly SourceType[] = every ? (operation.reads?.types ?? []) : sweptTypes(operation);
  const isPointInTime = type !== 'cluster-snapshot' && type !== 'snapshot';
  return types.includes(type) && (!isPointInTime || operation.command === 'restore-to-point-in-time');
}

function keysMeant(evidence: Evidence, asked: readonly Asked[], { items }: SourceSpec, place: Place): Matched<Target> {
  const { found, maybe = [], lacks } = joined(items.map((item) => keyMeant(evidence, item, place)));
  const unsure = unsureOf(maybe, found, (arn) => arn);
  const actions = new Set(asked.flatMap((one) => ('action' in one ? [one.action] : [])));
  return {
    found: [
      ...[...new Set(found)].flatMap((key) => [...actions].map((action) => keyTarget(action, key))),
      ...unsure.flatMap(({ one, lack }) => [...actions].map((action) => ({ ...keyTarget(action, one), maybe: lack }))),
    ],
    lacks,
  };
}

function keyTarget(action: Parameters<typeof keyOperation>[0], key: string): Target {
  return { operation: keyOperation(action, key), source: undefined, key };
}

function keyMeant(evidence: Evidence, item: SourceItem, place: Place): Matched<string> {
  const { text } = item.said;
  if (item.is === 'newest') return { found: [], lacks: [] };
  const keys = regionAt(evidence, place)?.kms?.keys;
  if (item.is === 'name') {
    try {
      return { found: [resolveKey(evidence, place, text)], lacks: [] };
    } catch (error) {
      if (!(error instanceof NotHeld)) throw error;
      const maybe = keysPerhaps(keys ?? [], text);
      return maybe.length > 0
        ? onlyMaybe(maybe)
        : { found: [], lacks: [keyLack(evidence, place, text, error.thing.isCertain)] };
    }
  }
  if (keys === undefined) return { found: [], lacks: [{ code: 'keys-unread', ...place }] };
  const unlisted: readonly ExpectationLack[] = holdsAllKeys(evidence, place) ? [] : [{ code: 'keys-unread', ...place }];
  const matched = keys.filter(keyTest(text));
  const left = matched.filter((key) => !item.not.some((one) => keyTest(one.text)(key)));
  const found = left.filter((key) => item.tags.length === 0 || tagsMatch(tagsOf(key) ?? {}, item.tags));
  const untagged = item.tags.length === 0 ? [] : left.filter((key) => key.Tags === undefined);
  const unnamed = /^(?:alias\/|[*?])/.test(text)
    ? keys.filter((key) => key.Aliases === undefined && !keyTest(text)(key) && isCustomers(key))
    : [];
  const lacks = [
    ...unnamed.map((key): ExpectationLack => ({ code: 'aliases-unread', of: key.KeyMetadata.Arn })),
    ...untagged.map((key): ExpectationLack => ({ code: 'tags-unread', of: key.KeyMetadata.Arn })),
    ...unlisted,
  ];
  const maybe = keysPerhaps(
    keys.filter((key) => !left.includes(key) && !item.not.some((one) => keyTest(one.text)(key))),
    text,
  );
  if (found.length > 0 || lacks.length > 0) return { found: found.map((key) => key.KeyMetadata.Arn), maybe, lacks };
  if (maybe.length > 0) return onlyMaybe(maybe);
  return { found: [], lacks: [matched.length > 0 ? noneLeft('key', item) : keyLack(evidence, place, text, true)] };
}

/** Keys with an alias whose name is known only after a plan is applied, and may be meant. */
function keysPerhaps(keys: readonly Key[], text: string): readonly Maybe<string>[] {
  return keys.flatMap((key) => {
    const { Arn: arn } = key.KeyMetadata;
    return keyExtent(text, key) === 'some' ? [maybeOf(arn, arn, text)] : [];
  });
}

/** Whether a name or pattern means a key, whose alias may be known only after a plan is applied. */
export function keyExtent(text: string, key: Key): Extent {
  if (keyTest(text)(key)) return 'all';
  const reach = reachOf(parseArn(text)?.resource ?? text);
  const beginnings = (key.Aliases ?? []).flatMap(({ AliasName: name }) => beginningOfAlias(name) ?? []);
  return beginnings.some((beginning) => reach(beginning, true) !== 'none') ? 'some' : 'none';
}

/**
 * What is missing if a key was not found: the key does not exist, or it may be in a list that was
 * not read.
 */
export function keyLack(evidence: Evidence, place: Place, name: string, isCertain: boolean): ExpectationLack {
  const of = placeOf(name) ?? place;
  if (!isCertain) return { code: 'keys-unread', account: of.account, region: of.region };
  const keys = regionAt(evidence, place)?.kms?.keys ?? [];
  const [maybe] = keysPerhaps(keys, name);
  if (maybe !== undefined) return maybe.lack;
  const names = keys.map((key) => withAddress(aliasOf(key) ?? keyIdOf(key)));
  return { code: 'nothing-matched', what: 'key', name, nearest: nearestFirst(name, names).slice(0, 3) };
}

function tagsOf({ Tags: tags }: Key): Readonly<Record<string, string>> | undefined {
  return tags === undefined ? undefined : Object.fromEntries(tags.map(({ TagKey, TagValue }) => [TagKey, TagValue]));
}

/**
 * Tests keys against a pattern, by alias, ID and ARN. Keys that AWS manages never match, because
 * nobody can change them.
 */
export function keyTest(text: string): (key: Key) => boolean {
  const is = patternOf(text);
  return (key) => {
    const { KeyMetadata, Aliases: aliases = [], FoundAs: found = [] } = key;
    const { Arn: arn } = KeyMetadata;
    const id = nameOf(arn);
    const names = [arn, id, `key/${id}`, keyIdOf(key), ...aliases.map(({ AliasName: name }) => name), ...found];
    return isCustomers(key) && names.some((name) => is(name));
  };
}

function isCustomers({ KeyMetadata: { KeyManager: manager } }: Key): boolean {
  return manager?.toUpperCase() !== 'AWS';
}
