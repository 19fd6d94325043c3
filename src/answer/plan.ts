import { revokedGrants } from '../audit/new-policy.ts';
import { kmsArn, nameOf, placeOf, shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { sameJson } from '../base/json.ts';
import type { Evaluated } from '../check/evaluate.ts';
import type { ReportedPlan } from '../contract/plan-report.ts';
import type { ReportedText } from '../contract/worded.ts';
import { aliasOf, findKey } from '../evidence/lookup.ts';
import type { Evidence, Key } from '../evidence/schema.ts';
import {
  type KeyChange,
  keyChangeText,
  notOverlaidText,
  type PlanDoubt,
  planDoubtText,
  planNoteText,
  wholeNoteText,
} from '../explain/plan.ts';
import type { Operation } from '../operations/operation.ts';
import { databaseRows } from '../plan/databases.ts';
import { withKey } from '../plan/edits.ts';
import { textIn } from '../plan/overlay-row.ts';
import {
  type NamedPlan,
  type PlannedRequest,
  type PlannedState,
  type PlanRead,
  type PlanSettings,
  plannedState,
} from '../plan/planned-state.ts';
import { type UnlistedUse, usesAs } from '../plan/unlisted-keys.ts';
import { concerning, mayLetIn, narrowness } from '../preflight/unplaced.ts';
import { allInWords } from './in-words.ts';

/** What plans add to the reports of commands other than `preflight`. */
export interface AppliedPlans {
  readonly plans: ReportedPlan[];
  /** Why answers stay open. Absent: each may be certain. */
  readonly doubts?: ReportedText[];
  /** Why answers about some operations stay open. Empty: each may be certain. Absent: `doubts`. */
  readonly doubtsAbout?: (operations: readonly Operation[]) => readonly ReportedText[];
  /**
   * Whether a change may allow a principal what policies stop, because the plan does not show what the
   * change is about. Absent: none may.
   */
  readonly mayLetIn?: (principal: string, evaluated: Evaluated) => boolean;
}

/** The evidence with plans applied, used instead of the evidence that was read. */
export interface Applied extends AppliedPlans {
  /** The evidence with the data that the plans have read, before any change is applied. */
  readonly before: Evidence;
  readonly after: Evidence;
}

/** `region`: the Region of resources if neither the plan nor the evidence shows it. */
type Settings = Partial<Pick<PlanSettings, 'region' | 'strict'>>;

/** Applies plans to the evidence, in the order given. */
export function applied(evidence: Evidence, plans: readonly NamedPlan[], settings: Settings): Applied {
  const state = plannedState(evidence, plans, { region: undefined, principal: undefined, ...settings });
  return { before: state.before, after: state.evidence, ...appliedPlans(state) };
}

function appliedPlans(state: PlannedState, uses: readonly UnlistedUse[] = []): AppliedPlans {
  const doubts = [...doubtsOf(state), ...uses];
  return {
    plans: state.plans.map((one) => {
      // No request to RDS is checked, so it does not matter who applies the plan.
      const { notes, ...rest } = reportedPlan(one, []);
      return { ...rest, notes: notes.filter(({ code }) => code !== 'applied-by-planner') };
    }),
    ...(doubts.length === 0 ? {} : { doubts: allInWords(doubts, planDoubtText) }),
    doubtsAbout: (operations) => allInWords([...doubtsOf(state, operations), ...uses], planDoubtText),
    mayLetIn: (principal, evaluated) => mayLetIn(state.unplaced, principal, evaluated),
  };
}

/** What plans do to keys. */
export interface PlannedForKeys extends Omit<AppliedPlans, 'mayLetIn'> {
  /** The keys by their ARNs, each with everything that the plans do to it. */
  readonly planned: { readonly key: string; readonly does: KeyChange; readonly text: string }[];
}

/** Evidence for questions about keys. */
export interface KeysPlanned {
  /** With every change applied except those of KMS. */
  readonly before: Evidence;
  /** With every change applied. */
  readonly after: Evidence;
  /** The ARNs of existing keys that the plans change, by the address in the configuration. */
  readonly arnsAt: ReadonlyMap<string, string>;
  /** `before` with the planned policies, grants, tags and aliases of some keys, by their ARNs. */
  readonly withPolicies: (arns: readonly string[]) => Evidence;
  /** What the plans do to keys. */
  readonly forKeys: (arns: readonly string[]) => PlannedForKeys;
}

/**
 * Applies plans to the evidence for questions about keys. Databases that the plans delete stay in
 * the evidence, because their final snapshots still depend on the key. So do those that they replace, and
 * the keys of the new ones are named apart.
 */
export function plannedForKeys(evidence: Evidence, plans: readonly NamedPlan[], settings: Settings): KeysPlanned {
  const state = plannedState(evidence, plans, { region: undefined, principal: undefined, ...settings });
  const stays = state.plans
    .flatMap(({ overlaid }) => overlaid)
    .filter(({ kind, type }) => !(kind === 'delete' || kind === 'replace') || !Object.hasOwn(databaseRows, type));
  const before = state.some(stays.filter(({ type }) => !type.startsWith('aws_kms_')));
  const after = state.some(stays);
  return {
    before,
    after,
    arnsAt: arnsOfKeys(state),
    withPolicies: (arns) => arns.reduce((held, arn) => withPolicyOf(held, findKey(after, arn)), before),
    forKeys: (arns) => ({
      ...appliedPlans(state, usesOf(state, after, arns)),
      planned: arns.flatMap((key) =>
        keyChanges(findKey(before, key), findKey(after, key)).map((does) => ({
          key,
          does,
          text: keyChangeText(does, aliasOf(findKey(before, key)) ?? shortName(key)),
        })),
      ),
    }),
  };
}

function arnsOfKeys({ plans }: PlannedState): ReadonlyMap<string, string> {
  const changes = plans.flatMap(({ overlaid, notOverlaid }) => [
    ...overlaid,
    ...notOverlaid.map(({ change }) => change),
  ]);
  return new Map(
    changes.flatMap(({ address, type, before }) => {
      const arn = textIn(before, 'arn');
      return /^aws_kms_\w*key$/.test(type) && arn !== undefined ? [[address, arn] as const] : [];
    }),
  );
}

/** How the plans use keys, apart from the lists that the evidence has. */
function usesOf(state: PlannedState, evidence: Evidence, arns: readonly string[]): readonly UnlistedUse[] {
  const names = new Set(
    arns.flatMap((arn) => [
      arn,
      nameOf(arn),
      ...namesOf(findKey(evidence, arn)).flatMap((name) => [name, aliasArnOf(arn, name)]),
    ]),
  );
  return usesAs(state.unlistedKeys(), names);
}

function aliasArnOf(key: string, alias: string): string {
  const place = placeOf(key);
  return place === undefined ? alias : kmsArn(place, alias);
}

function withPolicyOf(evidence: Evidence, planned: Key | undefined): Evidence {
  if (planned === undefined) return evidence;
  const edited = withKey(evidence, planned.KeyMetadata.Arn, (held = planned) => ({
    ...planned,
    KeyMetadata: held.KeyMetadata,
  }));
  return edited ?? evidence;
}

/** What the plans do to a key. Never empty. */
function keyChanges(then: Key | undefined, now: Key | undefined): readonly KeyChange[] {
  const [was, is] = [then?.KeyMetadata.KeyState, now?.KeyMetadata.KeyState];
  const found: readonly (KeyChange | undefined)[] = [
    is === 'Disabled' && was !== is ? 'disable' : undefined,
    is !== was && is?.startsWith('Pending') === true ? 'delete' : undefined,
    sameJson({ policy: then?.Policy }, { policy: now?.Policy }) ? undefined : 'policy',
    revokedGrants(then, now).length > 0 ? 'revoke-grants' : undefined,
    (now?.Grants?.length ?? 0) > (then?.Grants?.length ?? 0) - revokedGrants(then, now).length
      ? 'create-grants'
      : undefined,
    sameJson({ tags: then?.Tags }, { tags: now?.Tags }) ? undefined : 'tags',
    sameJson(namesOf(then), namesOf(now)) ? undefined : 'aliases',
  ];
  const changes = found.filter((one) => one !== undefined);
  return changes.length === 0 ? ['nothing'] : changes;
}

function namesOf(key: Key | undefined): readonly string[] {
  return [...(key?.Aliases ?? []).map(({ AliasName: name }) => name), ...(key?.FoundAs ?? [])];
}

/**
 * Why answers about a planned state stay open. Empty: each may be certain. `operations`: those of
 * the answers. Absent: all.
 */
export function doubtsOf({ plans, unplaced }: PlannedState, operations?: readonly Operation[]): readonly PlanDoubt[] {
  const concerned = operations === undefined ? unplaced : concerning(unplaced, operations);
  return [
    ...[...groupBy(concerned, (one) => narrowness(one) ?? '').values()].map((alike): PlanDoubt => {
      const about = narrowness(alike[0]);
      const changes = alike.map(({ change: { address }, ...fact }) => ({ ...fact, address }));
      return { code: 'plan-change-unplaced', changes, ...(about === undefined ? {} : { about }) };
    }),
    ...plans.flatMap(({ whole }) => whole.filter((note) => note.code === 'plan-errored' || note.code === 'plan-stale')),
  ];
}

/** Services that decide who may do what with encrypted databases. */
const concerned = /^aws_(?:kms|iam|rds|db|docdb|neptune|organizations|ssoadmin|backup|vpc_endpoint)/;

/** The result for a plan. `requests`: the requests of all plans. */
export function reportedPlan(read: PlanRead, requests: readonly PlannedRequest[]): ReportedPlan {
  const own = requests.filter(({ from }) => from === read.from);
  const asked = new Set(own.map(({ change }) => change.identity));
  const left = read.notOverlaid.filter(
    ({ change, why }) =>
      why.code !== 'type-not-known' || (change.isAws && concerned.test(change.type) && !asked.has(change.identity)),
  );
  return {
    file: read.from,
    changes: read.changes,
    overlaid: read.overlaid.length,
    notUnderstood: left.map(({ change, why }) => ({
      address: change.address,
      code: why.code,
      text: notOverlaidText(why),
    })),
    others: read.changes - read.overlaid.length - left.length,
    notChecked: own
      .filter(({ operation }) => operation === undefined)
      .map(({ change, api }) => ({ address: change.address, api })),
    notes: [
      ...read.notes.map(({ change, note }) => ({ address: change.address, code: note.code, text: planNoteText(note) })),
      ...read.whole.map((note) => ({ address: '', code: note.code, text: wholeNoteText(note) })),
    ],
  };
}
