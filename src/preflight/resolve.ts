import { isAccountId, type Place, parseArn, placeOf } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { isServiceLinkedRole, parsePrincipalArn } from '../base/principal-arn.ts';
import { type RequestedOperation, withRoleMeant } from '../check/bind.ts';
import type { Directory } from '../evidence/directory.ts';
import { regionsOf } from '../evidence/lookup.ts';
import { NotHeld } from '../evidence/not-held.ts';
import type { PolicyText } from '../evidence/policy-text.ts';
import { lookupAccount } from '../evidence/principal-name.ts';
import type { Principal } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { OperationParameters } from '../operations/parameters.ts';
import { pickParameters } from '../operations/request-parameters.ts';
import type { Expectation } from './expectation.ts';
import { distinctLacks, type ExpectationLack } from './outcome.ts';
import { everybodyIn, outsiders } from './outsiders.ts';
import { peopleMeant } from './people.ts';
import { type Target, targetsMeant } from './targets.ts';
import { faultAt, type Said } from './tree.ts';

/** The principals and targets of one place. Every combination of them counts. */
export interface AskedGroup {
  readonly place: Place;
  readonly principals: readonly Principal[];
  /** See Matched. These are also in `principals`. By their ARNs. */
  readonly maybe: ReadonlyMap<string, ExpectationLack>;
  /** For `only` expectations: all principals that are not named. */
  readonly others: readonly Principal[];
  readonly targets: readonly Target[];
}

/** The principals and sources in the evidence that an expectation means. */
export interface ResolvedExpectation {
  readonly groups: readonly AskedGroup[];
  readonly lacks: readonly ExpectationLack[];
  readonly skipped: number;
  /** Principals that are not roles, if the operations run as a role. */
  readonly notRoles: number;
  readonly serviceLinked: number;
}

/** The policies of a session: a text, and managed policies by their ARNs. */
export interface SessionPolicies {
  /** Absent: none. */
  readonly text?: PolicyText;
  readonly managed: readonly string[];
}

export interface ResolveSettings {
  /** Finds a principal by its ARN. Each principal is made once. @throws NotHeld */
  readonly find: (arn: string) => Principal;
  /** The Region of an expectation that names none. Absent: the only Region in the evidence. */
  readonly region?: string;
  /** The policies of the expectation's session. Absent: the session has none. */
  readonly session?: SessionPolicies;
  /** The principals of earlier expectations. Many expectations name the same principals. */
  readonly known: KnownPeople;
}

export interface KnownPeople {
  readonly named: Map<string, NamedPeople>;
  readonly others: Map<string, OtherPeople>;
}

interface NamedPeople {
  readonly arns: readonly string[];
  /** What is missing about principals that may be meant, by their ARNs. */
  readonly maybe: ReadonlyMap<string, ExpectationLack>;
  readonly principals: readonly Principal[];
  readonly lacks: readonly ExpectationLack[];
}

interface OtherPeople {
  readonly principals: readonly Principal[];
  readonly lacks: readonly ExpectationLack[];
  readonly serviceLinked: number;
}

/**
 * Finds the principals and targets that an expectation means.
 * @throws Failure with the expectation's line if the account or Region is not known
 */
export function resolveExpectation(
  directory: Directory,
  expectation: Expectation,
  settings: ResolveSettings,
): ResolvedExpectation {
  const { evidence } = directory;
  const all = placesOf(evidence, expectation, settings).map((place) =>
    resolvedAt(directory, expectation, place, settings),
  );
  const groups = all.map(({ group }) => group);
  // A named source has to be in one of the places, not in each of them. A named principal has to be
  // in each account that has the source.
  const lacks = all.flatMap((one) => one.lacks);
  const namesFound = (name: string): boolean =>
    all.some((one) => one.lacks.every((lack) => missingName(lack) !== name));
  const isAsked = (arn: string, operation: string): boolean =>
    groups.some(({ targets }) => targets.some((one) => one.source?.arn === arn && one.operation.command === operation));
  const hasTargets = (account: string): boolean =>
    groups.some(({ place, targets }) => place.account === account && targets.length > 0);
  const counted = lacks.flatMap((lack): readonly ExpectationLack[] => {
    if (lack.code === 'nothing-matched') {
      const { account, ...nowhere } = lack;
      if (!namesFound(lack.name)) return [nowhere];
      // Otherwise nothing would be asked of the source in this account, and nobody would notice.
      return account !== undefined && hasTargets(account) ? [lack] : [];
    }
    if (lack.code === 'resource-id-unread') return namesFound(lack.name) ? [] : [lack];
    if (lack.code === 'name-later') return namesFound(lack.name) && !expectation.isOnly ? [] : [lack];
    return lack.code !== 'source-elsewhere' || !isAsked(lack.of, lack.operation) ? [lack] : [];
  });
  return {
    groups,
    lacks:
      expectation.atLeast === 0
        ? counted.filter(
            (lack) => missingName(lack) === undefined || (expectation.isOnly && lack.code === 'name-later'),
          )
        : distinctLacks(counted),
    skipped: sum(all.map((one) => one.skipped)),
    notRoles: sum(all.map((one) => one.notRoles)),
    serviceLinked: sum(all.map((one) => one.serviceLinked)),
  };
}

/** The name or pattern that means nothing for certain. Undefined: something else is missing. */
function missingName(lack: ExpectationLack): string | undefined {
  return lack.code === 'nothing-matched' || lack.code === 'name-later' || lack.code === 'resource-id-unread'
    ? lack.name
    : undefined;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => one + other, 0);
}

function resolvedAt(directory: Directory, expectation: Expectation, place: Place, settings: ResolveSettings) {
  const { found: targets, lacks, skipped } = targetsMeant(directory, expectation, place);
  const names = nameOfPeople(expectation, place);
  const named = rememberedBy(settings.known.named, names, () => namedPeople(directory, expectation, place, settings));
  const others = expectation.isOnly ? othersThan(named, names, { directory, place, targets, settings }) : noOthers;
  const { principals, maybe } = named;
  const group: AskedGroup = { place, principals, maybe, others: others.principals, targets };
  return {
    group,
    lacks: [...named.lacks, ...lacks, ...others.lacks],
    skipped,
    notRoles: targets.some(({ operation }) => operation.runsAsRole === true)
      ? principals.filter((one) => !isRole(one) && !maybe.has(one.arn)).length
      : 0,
    serviceLinked: others.serviceLinked,
  };
}

/**
 * A name for the principals of an expectation. Expectations that name the same principals have the
 * same name, wherever they are in a file.
 */
function nameOfPeople({ who, isOnly, session: { policy } }: Expectation, { account }: Place): string {
  const texts = (all: readonly Said[]): readonly string[] => all.map(({ text }) => text);
  return JSON.stringify([
    account,
    policy?.text,
    isOnly,
    who.map(({ said, is, not, tags, account: own }) => [said.text, is, texts(not), tags, own?.text]),
  ]);
}

function rememberedBy<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name) ?? make();
  known.set(name, found);
  return found;
}

function namedPeople(
  directory: Directory,
  { who, isOnly }: Expectation,
  { account }: Place,
  settings: ResolveSettings,
): NamedPeople {
  const people = who.map((one) => peopleMeant(directory.evidence, one, account));
  const arns = [...new Set(people.flatMap(({ found }) => found))];
  const unsure = people.flatMap(({ maybe = [] }) => maybe).filter(({ one }) => !arns.includes(one));
  const maybe = new Map(unsure.map(({ one, lack }) => [one, lack]));
  const { found, lacks } = withPolicies(directory, [...arns, ...maybe.keys()], settings);
  // Whether another principal may have access depends on whether it is named.
  const open = isOnly ? [...maybe.values()] : [];
  return { arns, maybe, principals: found, lacks: [...people.flatMap((one) => one.lacks), ...open, ...lacks] };
}

const noOthers: OtherPeople = { principals: [], lacks: [], serviceLinked: 0 };

function othersThan(
  { arns, maybe }: NamedPeople,
  names: string,
  {
    directory,
    place,
    targets,
    settings,
  }: Pick<AskedGroup, 'place' | 'targets'> & { readonly directory: Directory; readonly settings: ResolveSettings },
): OtherPeople {
  const { accounts, federated, lacks } = outsiders(directory, { place, targets });
  const people = rememberedBy(settings.known.others, JSON.stringify([names, accounts, federated]), () => {
    // A principal whose name is known only later may be one of those that are named.
    const named = new Set([...arns, ...maybe.keys()]);
    const all = [...everybodyIn(directory, accounts), ...federated].filter((arn) => !named.has(arn));
    const asked = withPolicies(
      directory,
      all.filter((arn) => !isServiceLinkedRole(arn)),
      settings,
    );
    return { principals: asked.found, lacks: asked.lacks, serviceLinked: all.filter(isServiceLinkedRole).length };
  });
  return { ...people, lacks: [...lacks(), ...people.lacks] };
}

/** Finds principals with their policies. A principal that does not exist is a lack. */
function withPolicies(directory: Directory, arns: readonly string[], { find, session }: ResolveSettings) {
  const found: Principal[] = [];
  const lacks: ExpectationLack[] = [];
  for (const arn of arns) {
    try {
      const principal = find(arn);
      const hasSession = principal.type === 'role' || principal.type === 'session';
      found.push(
        session === undefined || !hasSession
          ? principal
          : { ...principal, session: sessionTexts(directory, principal.account, session) },
      );
    } catch (error) {
      if (!(error instanceof NotHeld)) throw error;
      const account = parsePrincipalArn(arn)?.account ?? '';
      lacks.push(
        error.thing.isCertain
          ? { code: 'nothing-matched', what: 'principal', name: arn, nearest: [] }
          : { code: 'account-unread', account },
      );
    }
  }
  return { found, lacks };
}

function sessionTexts(
  { managedPolicy }: Directory,
  account: string,
  { text, managed }: SessionPolicies,
): readonly PolicyText[] {
  return [...(text === undefined ? [] : [text]), ...managed.map((arn) => managedPolicy(account, arn))];
}

/**
 * The accounts and Regions in which to check. If the expectation names none, they come from the
 * credentials, or from evidence with a single account and Region (docs/preflight.md, rule 10).
 */
function placesOf(evidence: Evidence, expectation: Expectation, { region }: ResolveSettings): readonly Place[] {
  const { accounts, regions } = expectation;
  const named = accounts.length > 0 ? accounts.map(({ text }) => text) : [accountOf(evidence, expectation)];
  return [...new Set(named)].flatMap((account) => {
    if (regions.length > 0)
      return [...new Set(regions.map(({ text }) => text))].map((one) => ({ account, region: one }));
    return [{ account, region: regionAsked(evidence, expectation, account, region) }];
  });
}

function accountOf(evidence: Evidence, { at, who, source }: Expectation): string {
  const texts = [...(source?.items ?? []), ...who].map(({ said }) => said.text);
  const known =
    lookupAccount(evidence) ?? texts.flatMap((text) => parseArn(text)?.account ?? []).find((one) => isAccountId(one));
  if (known !== undefined) return known;
  throw faultAt(
    at,
    `several accounts were read (${Object.keys(evidence.accounts).join(', ')}), but the expectation does not name one`,
    'add account: to the expectation or to defaults',
  );
}

function regionAsked(
  evidence: Evidence,
  { at, source }: Expectation,
  account: string,
  given: string | undefined,
): string {
  const named = (source?.items ?? []).flatMap(({ said }) => placeOf(said.text)?.region ?? []);
  const [only, ...others] =
    named.length > 0 ? [...new Set(named)] : given === undefined ? regionsOf(evidence, account) : [given];
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined && evidence.accounts[account] === undefined) return unknownRegion(evidence);
  throw faultAt(
    at,
    only === undefined
      ? `no Region of account ${account} was read`
      : `several Regions of account ${account} were read (${[only, ...others].join(', ')}), but the expectation does not name one`,
    'add region: to the expectation or to defaults',
  );
}

/** The Region does not matter if nothing in the account was read. */
function unknownRegion({ accounts }: Evidence): string {
  return Object.values(accounts).flatMap(({ regions = {} }) => Object.keys(regions))[0] ?? 'us-east-1';
}

/** A principal, and the question about it. */
export interface Combination {
  readonly requested: RequestedOperation;
  readonly target: Target;
  /** The account and Region of the expectation. */
  readonly place: Place;
  /** Whether the principal is one of those that an `only` expectation does not name. */
  readonly isOther: boolean;
  /** Why it is not known whether the expectation means this combination. Absent: it is known. */
  readonly maybe?: ExpectationLack | undefined;
}

/** AWS Backup jobs run as a role, never as a user or root user. */
function isRole({ type }: Principal): boolean {
  return type === 'role' || type === 'session';
}

/** Principals to check for one target. */
export interface AskedRun extends Omit<Combination, 'requested' | 'maybe'> {
  readonly principals: readonly Principal[];
  readonly maybeOf: (principal: Principal) => ExpectationLack | undefined;
  readonly requestedBy: (principal: Principal) => RequestedOperation;
}

/** Every combination that an expectation checks, each once. */
export function* runsIn(
  evidence: Evidence,
  expectation: Expectation,
  groups: readonly AskedGroup[],
): Generator<AskedRun> {
  const once = askedOnce(groups);
  for (const { principals, maybe, others, targets, place } of groups) {
    for (const target of targets) {
      const maybeOf = ({ arn }: Principal): ExpectationLack | undefined => target.maybe ?? maybe.get(arn);
      const { operation } = target;
      const region = regionOf(target, place);
      const parametersOf = parametersFor(evidence, expectation, target, place);
      const requestedBy = (principal: Principal): RequestedOperation => ({
        operation,
        principal,
        region,
        parameters: parametersOf(principal),
      });
      const able = (some: readonly Principal[]): readonly Principal[] =>
        once(target, place, operation.runsAsRole === true ? some.filter(isRole) : some);
      yield { target, place, isOther: false, principals: able(principals), maybeOf, requestedBy };
      yield { target, place, isOther: true, principals: able(others), maybeOf, requestedBy };
    }
  }
}

/** A KMS action is checked in the Region of the key. */
function regionOf({ key = '' }: Target, { region }: Place): string {
  return placeOf(key)?.region ?? region;
}

/**
 * Leaves out principals that were already checked for the same target in another place. An ARN
 * means the same principal in every place.
 */
function askedOnce(groups: readonly AskedGroup[]) {
  const nameOf = (target: Target, place: Place): string => {
    const { operation, source, key } = target;
    return JSON.stringify([operation.command, operation.api, source?.arn ?? key, regionOf(target, place)]);
  };
  const several = groups.length > 1 ? groups : [];
  const names = groupBy(
    several.flatMap(({ targets, place }) => targets.map((target) => nameOf(target, place))),
    (name) => name,
  );
  const asked = new Map(
    [...names].flatMap(([name, same]) => (same.length === 1 ? [] : [[name, new Set<string>()] as const])),
  );
  return (target: Target, place: Place, some: readonly Principal[]): readonly Principal[] => {
    const known = asked.size === 0 ? undefined : asked.get(nameOf(target, place));
    if (known === undefined) return some;
    const left = some.filter(({ arn }) => !known.has(arn));
    for (const { arn } of left) known.add(arn);
    return left;
  };
}

/**
 * The parameters of a request. They depend only on the account of the principal, in which a role is
 * looked up by name.
 */
function parametersFor(
  evidence: Evidence,
  { parameters, isSent }: Expectation,
  { operation, source }: Target,
  { region }: Place,
): (principal: Principal) => OperationParameters {
  const own = pickParameters(parameters, operation.parameters);
  const crosses = source !== undefined && source.region !== region && operation.parameters.includes('source-region');
  const given = crosses ? { ...own, sourceRegion: source.region } : own;
  const known = new Map<string, OperationParameters>();
  return (principal) => {
    const found =
      known.get(principal.account) ??
      withRoleMeant(evidence, given, principal, { region, areArnsExact: isSent === true });
    known.set(principal.account, found);
    return found;
  };
}
