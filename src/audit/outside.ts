import { accountOf, iamArn, parseArn, placeOf, rootArn } from '../base/arn.ts';
import { globOf, matches } from '../base/glob.ts';
import { isList } from '../base/json.ts';
import { parsePrincipalArn } from '../base/principal-arn.ts';
import { remembered } from '../base/remembered.ts';
import { type Bound, boundTo } from '../check/bind.ts';
import type { DecidedCall } from '../check/decide.ts';
import { type EvaluationSettings, type Evaluator, evaluator } from '../check/evaluate.ts';
import { judge, type Reason } from '../check/judgment.ts';
import { rowsOf } from '../check/rows.ts';
import { isEstablished } from '../check/verdict.ts';
import type { Directory } from '../evidence/directory.ts';
import { findPrincipal, type Principal } from '../evidence/principals.ts';
import type { Source } from '../evidence/sources.ts';
import { findOperation, operationsNamed } from '../operations/catalogue.ts';
import type { CallRow, Operation } from '../operations/operation.ts';
import { ReadDocuments } from '../policy/policies.ts';
import type { StatementRef } from '../policy/statement-ref.ts';
import type { Fact } from '../policy/truth.ts';
import { keyOperation } from '../preflight/key-actions.ts';
import { accountLike, type Naming, namingOf, partsOf, pathLike, strangersIn } from './outside-names.ts';

/*
 * Decides whether somebody outside an account can use its keys. Policies and grants only give the
 * names to check. The engine decides for each of them, as a principal whose own account allows it
 * everything.
 */

/**
 * Somebody outside the account of a key. `anybody`: a principal of an account that no policy names,
 * in no organization or in one that no policy names.
 */
export type Outsider =
  | { readonly is: 'account'; readonly account: string }
  /**
   * `path`: only the accounts below this path, `o-.../r-.../`. Absent: all accounts of the
   * organization.
   */
  | { readonly is: 'organization'; readonly id: string; readonly path?: string }
  | { readonly is: 'anybody' };

/** What an outsider can do with a key, as decided by the owner of the key. */
export interface OutsideUse {
  readonly holds: 'yes' | 'maybe' | 'no';
  /** What the answer depends on. Empty unless it is `maybe`. */
  readonly facts: readonly Fact[];
  /** Why the answer is `maybe` although the facts are known. */
  readonly reasons: readonly Reason[];
  /** The statements that allow or deny the use. */
  readonly statements: readonly StatementRef[];
}

export interface Outside {
  /** Outsiders to whom a key's policies and grants may give access. */
  readonly outsiders: (key: string) => readonly Outsider[];
  /** Whether an outsider can decrypt with a key, create grants on it, or have RDS use it. */
  readonly keyUse: (key: string, outsider: Outsider) => OutsideUse;
  /** Whether an outsider could use the key of a snapshot that is shared with them. */
  readonly snapshotUse: (snapshot: Source, outsider: Outsider) => OutsideUse;
}

/**
 * Decides about outsiders at a time, `evaluatedAt`. Keys, policies and evaluators are read once for
 * all questions.
 */
export function outsideOf(directory: Directory, settings: Pick<EvaluationSettings, 'evaluatedAt'>): Outside {
  const read = new ReadDocuments();
  const evaluators = new Map<string, Evaluator>();
  /** An assumption alone never shows that something is denied. */
  const strictly = { ...settings, context: {}, strict: true };
  const evaluatorsFor = (outsider: Outsider, naming: Naming): readonly Evaluator[] =>
    membershipsOf(outsider, naming).map((membership) => {
      const { stranger } = naming;
      const name = JSON.stringify([membership, stranger]);
      const known = evaluators.get(name) ?? evaluator(inOrganization(directory, stranger, membership), strictly, read);
      evaluators.set(name, known);
      return known;
    });
  const named = remembered(namingOf(directory));
  return {
    outsiders: (key) => outsidersOf(directory, key, named(key)),
    keyUse(key, outsider) {
      const operations = [keyOperation('kms:Decrypt', key), keyOperation('kms:CreateGrant', key), throughRds(key)];
      const region = placeOf(key)?.region ?? '';
      const naming = named(key);
      const evaluatorsOf = evaluatorsFor(outsider, naming);
      const uses = principalsFor(directory, key, naming, outsider).flatMap((principal) =>
        operations.flatMap((operation) => {
          const bound = boundTo(directory, { operation, principal, region, parameters: {} }, undefined);
          return evaluatorsOf.map((asking) => {
            const calls = rowsOf(bound).map((row) => asking.decide(row, bound));
            return orUnread(useOf(calls), unreadRcps(directory, key, calls));
          });
        }),
      );
      return bestOf(uses);
    },
    snapshotUse(snapshot, outsider) {
      const operations = followUpsOf(snapshot);
      const naming = named(snapshot.kmsKeyId ?? '');
      const evaluatorsOf = evaluatorsFor(outsider, naming);
      const uses = principalsFor(directory, snapshot.arn, naming, outsider).flatMap((principal) =>
        operations.flatMap((operation) => {
          const asked = { operation, principal, region: snapshot.region, parameters: {} };
          const bound = boundTo(directory, asked, snapshot, true);
          if (bound.encryption === 'none') return noKeyNeeded;
          const storage = bound.keys['storage key'];
          if (storage === undefined) return notKnown;
          return evaluatorsOf.map((asking) => {
            const calls = rowsOf(bound)
              .filter(({ kind }) => kind === 'forwarded')
              .map((row) => asking.decide(row, bound))
              .filter(({ key }) => key?.arn === storage.arn);
            return orUnread(useThrough(bound, calls), unreadRcps(directory, storage.arn, calls));
          });
        }),
      );
      return bestOf(uses);
    },
  };
}

/**
 * The use of a key that AWS owns, or of a snapshot whose encryption was not read. It is not known
 * what others need.
 */
const notKnown: OutsideUse = { holds: 'maybe', facts: [], reasons: [], statements: [] };
const noKeyNeeded: OutsideUse = { holds: 'yes', facts: [], reasons: [], statements: [] };

/** The operations that accounts can run on a snapshot that is shared with them. */
function followUpsOf({ type }: Source): readonly Operation[] {
  const sharing = operationsNamed('share-snapshot').find(({ reads }) => reads?.types[0] === type);
  return (sharing?.followedBy ?? []).flatMap((api) => findOperation(api) ?? []);
}

/** Calls on a key that RDS makes with the identity of whoever restores (rds-kms-operations 4.2). */
function throughRds(key: string): Operation {
  const calls = (['kms:DescribeKey', 'kms:CreateGrant'] as const).map(
    (action): CallRow => ({
      kind: 'forwarded',
      action,
      on: 'named key',
      named: key,
      basis: 'documented',
      source: 'rds-kms-operations 4.2',
    }),
  );
  return { ...keyOperation('kms:CreateGrant', key), calls };
}

/**
 * The organization of the account that represents all others. `as read`: no account represents
 * others.
 */
type Membership = 'as read' | { readonly id: string | null; readonly path?: string };

/** An organization that nobody names. */
const strangers: Membership = { id: 'o-0000000000', path: strangersIn('o-0000000000', []) };

/**
 * The memberships to check. A policy may allow the members of any organization, and nobody outside
 * of organizations.
 */
function membershipsOf(outsider: Outsider, { testsOrganization, paths }: Naming): readonly Membership[] {
  switch (outsider.is) {
    case 'account':
      return ['as read'];
    case 'organization':
      return [{ id: outsider.id, path: outsider.path ?? strangersIn(outsider.id, paths) }];
    case 'anybody':
      return testsOrganization ? [{ id: null }, strangers] : [{ id: null }];
  }
}

/** Puts the account that represents all others into an organization. */
function inOrganization(directory: Directory, stranger: string, membership: Membership): Directory {
  if (membership === 'as read') return directory;
  const { id, path } = membership;
  return {
    ...directory,
    organization: (account) =>
      account === stranger
        ? { id, path, isManagementAccount: false, scps: undefined, rcps: undefined }
        : directory.organization(account),
  };
}

/** An account ID, the ID or path of an organization, or `all`. */
export function nameOfOutsider(outsider: Outsider): string {
  switch (outsider.is) {
    case 'anybody':
      return 'all';
    case 'organization':
      return outsider.path ?? outsider.id;
    case 'account':
      return outsider.account;
  }
}

/** The outsiders to check. Those that represent many come first. */
function outsidersOf(
  { evidence, organization }: Directory,
  key: string,
  { accounts, patterns, organizations, namesPaths, paths: named }: Naming,
): readonly Outsider[] {
  const owner = accountOf(key);
  const { id: own } = organization(owner);
  const ids = [...new Set([...(own === undefined || own === null ? [] : [own]), ...organizations])];
  const read = Object.keys(evidence.accounts);
  const paths = namesPaths ? [...named.map(pathLike), ...read.flatMap((one) => organization(one).path ?? [])] : [];
  const globs = patterns.map((pattern) => globOf(pattern));
  const meant = [
    ...read.filter((account) => globs.some((glob) => matches(glob, account))),
    ...patterns.flatMap((pattern) => accountLike(pattern)),
  ];
  return [
    { is: 'anybody' },
    ...ids.map((id): Outsider => ({ is: 'organization', id })),
    ...[...new Set(paths)].toSorted().map((path): Outsider => ({ is: 'organization', id: partsOf(path)[0], path })),
    ...[...new Set([...accounts, ...meant])]
      .filter((account) => account !== owner)
      .map((account): Outsider => ({ is: 'account', account })),
  ];
}

/**
 * The principals of an account to check. Their own account allows them everything. `arn`: of the key or
 * snapshot.
 */
function principalsFor(
  directory: Directory,
  arn: string,
  { membersOf, stranger }: Naming,
  outsider: Outsider,
): readonly Principal[] {
  const account = outsider.is === 'account' ? outsider.account : stranger;
  const partition = parseArn(arn)?.partition ?? 'aws';
  const root = findPrincipal(directory, rootArn(partition, account));
  return [root, ...membersOf({ account, partition }).flatMap(allowedEverything)];
}

const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

function allowedEverything(arn: string): readonly Principal[] {
  const found = parsePrincipalArn(arn);
  if (found === undefined || found.type === 'root') return [];
  const { type, account, name } = found;
  const role = iamArn(found.arn.partition, account, `role/${name}`);
  return [
    {
      arn,
      type,
      account,
      roleArn: type === 'role' ? arn : type === 'session' ? role : undefined,
      uniqueId: undefined,
      tags: undefined,
      identity: [{ name: 'assumed Allow', document: everything }],
      boundary: undefined,
    },
  ];
}

function useOf(calls: readonly DecidedCall[]): OutsideUse {
  const denied = calls.filter(({ decision }) => decision.decision === 'denied');
  if (denied.length > 0) return { holds: 'no', facts: [], reasons: [], statements: statementsBehind(denied) };
  const open = calls.filter((call) => call.decision.decision === 'depends' && !isOfTheirChoice(call));
  const facts = open.flatMap(({ decision }) => decision.dependsOn);
  return { holds: open.length > 0 ? 'maybe' : 'yes', facts, reasons: [], statements: statementsBehind(calls) };
}

/**
 * The use of a key through the calls of an operation. An inferred call that is not allowed leaves
 * the use undecided.
 */
function useThrough(bound: Bound, calls: readonly DecidedCall[]): OutsideUse {
  const use = useOf(calls.filter(({ row }) => isEstablished(row.basis)));
  const doubtful = calls.filter(({ row, decision }) => !isEstablished(row.basis) && decision.decision !== 'allowed');
  if (use.holds !== 'yes' || doubtful.length === 0) return use;
  const { reasons } = judge({ bound, calls: doubtful, preconditions: [], strict: false, verdict: 'undetermined' });
  return { ...use, holds: 'maybe', reasons };
}

/**
 * The RCPs of levels that were not read, if RCPs are in use. The calls were decided as if these
 * RCPs denied nothing.
 */
function unreadRcps({ organization }: Directory, key: string, calls: readonly DecidedCall[]): readonly Fact[] {
  if (!isList(organization(accountOf(key)).rcps)) return [];
  return calls.flatMap(({ assumptions }) =>
    assumptions.flatMap((one): readonly Fact[] =>
      one.code === 'control-policies-unread' && one.kind === 'rcp'
        ? [{ fact: 'policy', kind: one.kind, of: one.of, why: one.why }]
        : [],
    ),
  );
}

/** If a policy that was not read may deny the access of an outsider, the access is undecided. */
function orUnread(use: OutsideUse, facts: readonly Fact[]): OutsideUse {
  return use.holds === 'no' || facts.length === 0 ? use : { ...use, holds: 'maybe', facts: [...use.facts, ...facts] };
}

/**
 * Whether only the caller's own choices are open. Callers choose the content of a call, such as an
 * encryption context, so they can satisfy the constraints of a grant (iam-evaluation 6.20, 6.21).
 */
function isOfTheirChoice({ row, decision }: DecidedCall): boolean {
  return (
    row.isFree === true &&
    decision.dependsOn.every(
      (fact) =>
        fact.fact === 'grant constraint' || (fact.fact === 'context' && fact.key.toLowerCase().startsWith('kms:')),
    )
  );
}

function statementsBehind(calls: readonly DecidedCall[]): readonly StatementRef[] {
  return calls
    .flatMap(({ decision }) => decision.decidedBy)
    .filter((by): by is StatementRef => !('grant' in by) && by.policy !== 'identity');
}

const ranks = { yes: 2, maybe: 1, no: 0 } as const;

/**
 * The best of the uses of some principals of an account: the account may let anybody act as any of
 * them.
 */
function bestOf(uses: readonly OutsideUse[]): OutsideUse {
  const [best] = uses.toSorted((one, other) => ranks[other.holds] - ranks[one.holds]);
  if (best === undefined) return { holds: 'no', facts: [], reasons: [], statements: [] };
  if (best.holds !== 'maybe') return best;
  const open = uses.filter(({ holds }) => holds === 'maybe');
  return { ...best, facts: open.flatMap(({ facts }) => facts) };
}
