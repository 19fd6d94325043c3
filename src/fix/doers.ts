import { accountOf, arnWith, isClusterSnapshotArn, parseArn, resourceTypeOf, rootArn } from '../base/arn.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import { isServiceLinkedRole } from '../base/principal-arn.ts';
import { type Bound, boundTo } from '../check/bind.ts';
import { laterEvaluators } from '../check/later.ts';
import { policyAt } from '../evidence/change.ts';
import { findKey, keyStateOf } from '../evidence/lookup.ts';
import { principalsIn } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import { everySource } from '../evidence/sources.ts';
import { findOperation } from '../operations/catalogue.ts';
import type { CallRow } from '../operations/operation.ts';
import type { Before } from './before.ts';
import { type Budget, isSpent, partOf } from './budget.ts';
import { permissionSetOf } from './commands.ts';
import { type CouldHold, couldHold, documentsOn, type WantedRight } from './could-hold.ts';
import { type CalledOn, type DirectCalls, directCalls } from './direct-calls.ts';
import { documentObject, negated, statementsOf } from './documents.ts';
import { identityArn, type Step } from './step.ts';

/*
 * Finds the principals that could carry out a step. A fix that nobody may make is useless, and a
 * Deny that names its exceptions has a purpose.
 */

/** The principals that could carry out a step, according to the evidence. */
export interface Doers {
  /** The actions that the step needs. */
  readonly actions: readonly CallRow['action'][];
  /** The ARNs of users, roles and root users that may. */
  readonly principals: readonly string[];
  /** Principals for which this depends on an unknown fact. */
  readonly perhaps: readonly string[];
  /** Whether all users and roles of the account were checked. */
  readonly isComplete: boolean;
  /** The last resort, if all were checked and nobody may. */
  readonly remaining: RemainingWay | undefined;
}

export type RemainingWay = CouldHold | { readonly way: 'AWS Support' };

/** The most decisions about one fix. */
const mostOfDoers = 1500;

/** The principals that could carry out each step, in the state before all steps. */
export function doersOf(asked: Bound, before: Before, budget: Budget): (step: Step) => Doers | undefined {
  const { calls } = before;
  const { evidence } = before.evaluator;
  const part = partOf(budget, mostOfDoers);
  return (step) => {
    const call = callOf(step, evidence);
    if (call === undefined) return undefined;
    const { actions, on, account } = call;
    const self = identityArn(asked.principal);
    const asking = step.owner === 'caller' && self !== undefined ? [self] : askedIn(account, asked, evidence);
    const decide: Deciding = (arn) =>
      step.step === 'copy' ? copyBy(arn, step, before) : weakest(arn, actions, on, calls);
    const { principals, perhaps, left } = sorted(asking, decide, part);
    const isComplete = left === 0 && step.owner !== 'caller' && isWhole(account, asked, evidence);
    const isNobody = isComplete && principals.length + perhaps.length === 0;
    const documents = [
      ...('place' in step ? [policyAt(evidence, step.place)] : []),
      ...documentsOn(call.on.key, account, evidence),
    ];
    const around = { asking, calls, evidence, documents };
    const remaining = isNobody ? (couldHold(call, around) ?? lastResort(call, around, before, asked)) : undefined;
    return { actions, principals, perhaps, isComplete, remaining };
  };
}

/** Undefined: somebody could do it later, because a policy begins to allow, or ceases to deny, at a time. */
function lastResort(
  call: WantedRight,
  around: Parameters<typeof couldHold>[1],
  { evaluator }: Before,
  asked: Bound,
): RemainingWay | undefined {
  const isPossible = laterEvaluators(evaluator).some(
    (later) => couldHold(call, { ...around, calls: directCalls(later, asked) }) !== undefined,
  );
  return isPossible ? undefined : { way: 'AWS Support' };
}

type Deciding = (arn: string) => 'allowed' | 'denied' | 'depends';

function sorted(
  asking: readonly string[],
  decide: Deciding,
  budget: Budget,
): Pick<Doers, 'principals' | 'perhaps'> & { readonly left: number } {
  const principals: string[] = [];
  const perhaps: string[] = [];
  let left = asking.length;
  for (const arn of asking) {
    if (isSpent(budget)) break;
    left -= 1;
    const decision = decide(arn);
    if (decision === 'allowed') principals.push(arn);
    if (decision === 'depends') perhaps.push(arn);
  }
  return { principals, perhaps, left };
}

function weakest(arn: string, actions: WantedRight['actions'], on: CalledOn, { find, decide }: DirectCalls) {
  const decisions = actions.map((action) => decide(find(arn), action, on));
  if (decisions.includes('denied')) return 'denied';
  return decisions.includes('depends') ? 'depends' : 'allowed';
}

/** The permissions that a principal needs for a copy, including those on keys. */
function copyBy(
  arn: string,
  { change }: Extract<Step, { readonly step: 'copy' }>,
  { evaluator: { evidence, directory, verdict: verdictOn }, calls }: Before,
) {
  const operation = findOperation(isClusterSnapshotArn(change.of) ? 'CopyDBClusterSnapshot' : 'CopyDBSnapshot');
  const source = everySource(evidence).find((one) => one.arn === change.of);
  if (operation === undefined || source === undefined) return 'depends';
  const principal = calls.find(arn);
  const asking = { operation, principal, region: source.region, parameters: { kmsKeyId: change.key } };
  const verdict = verdictOn(boundTo(directory, asking, source));
  return verdict === 'succeeds' ? 'allowed' : verdict === 'fails' ? 'denied' : 'depends';
}

/** The call that carries out a step. Undefined: the principal does it with its request. */
function callOf(step: Step, evidence: Evidence): WantedRight | undefined {
  const { account } = step;
  switch (step.step) {
    case 'name key':
    case 'name new':
    case 'session':
    case 'allow in session':
    case 'exempt in session':
      return undefined;
    case 'copy':
      return {
        actions: [isClusterSnapshotArn(step.change.of) ? 'rds:CopyDBClusterSnapshot' : 'rds:CopyDBSnapshot'],
        on: { arn: step.change.of },
        account,
      };
    case 'allow':
    case 'exempt':
      return policyCall(step, evidence);
    case 'change':
      return changeCall(step.change, account, evidence);
  }
}

const putInline: ReadonlyMap<string, CallRow['action']> = new Map<string, CallRow['action']>([
  ['user', 'iam:PutUserPolicy'],
  ['group', 'iam:PutGroupPolicy'],
  ['role', 'iam:PutRolePolicy'],
]);

function policyCall(
  { place, account }: Extract<Step, { readonly step: 'allow' | 'exempt' }>,
  evidence: Evidence,
): WantedRight | undefined {
  switch (place.in) {
    case 'key policy':
      return { actions: ['kms:PutKeyPolicy'], on: { key: place.key }, account };
    case 'managed policy':
      return { actions: ['iam:CreatePolicyVersion'], on: { arn: place.arn }, account: accountOf(place.arn) };
    case 'inline policy': {
      if (permissionSetOf(place.owner) !== undefined) {
        const manager = evidence.accounts[account]?.organization?.managementAccountId;
        const owner = parseArn(place.owner);
        const arn = owner === undefined ? '' : arnWith(owner, { service: 'sso', account: '', resource: '' });
        const on = { arn, isBeginning: true };
        return manager === undefined
          ? undefined
          : { actions: ['sso:PutInlinePolicyToPermissionSet', 'sso:ProvisionPermissionSet'], on, account: manager };
      }
      const action = putInline.get(resourceTypeOf(place.owner));
      return action === undefined ? undefined : { actions: [action], on: { arn: place.owner }, account };
    }
    case 'scp':
    case 'rcp':
      return { actions: ['organizations:UpdatePolicy'], on: {}, account };
  }
}

function changeCall(
  change: Extract<Step, { readonly step: 'change' }>['change'],
  account: string,
  evidence: Evidence,
): WantedRight {
  switch (change.change) {
    case 'new control policy':
      return { actions: ['organizations:CreatePolicy', 'organizations:AttachPolicy'], on: {}, account };
    case 'key state': {
      const isPending = keyStateOf(findKey(evidence, change.key)) === 'PendingDeletion';
      return {
        actions: isPending ? ['kms:CancelKeyDeletion', 'kms:EnableKey'] : ['kms:EnableKey'],
        on: { key: change.key },
        account,
      };
    }
    case 'grant':
      return { actions: ['kms:CreateGrant'], on: { key: change.key }, account };
    case 'sharing': {
      const { snapshot } = change;
      const action = isClusterSnapshotArn(snapshot) ? 'ModifyDBClusterSnapshotAttribute' : 'ModifyDBSnapshotAttribute';
      return { actions: [`rds:${action}`], on: { arn: snapshot }, account };
    }
  }
}

/**
 * The users, roles and root user of an account, with the principal of the question first.
 * Service-linked roles are left out, because only AWS uses them.
 */
function askedIn(account: string, { principal }: Bound, evidence: Evidence): readonly string[] {
  const held = principalsIn(evidence, account).filter((arn) => !isServiceLinkedRole(arn));
  if (evidence.accounts[account] === undefined) return [];
  const root = rootArn(parseArn(principal.arn)?.partition ?? '', account);
  const self = identityArn(principal);
  return [...held.filter((arn) => arn === self), ...held.filter((arn) => arn !== self), root];
}

/**
 * Whether the lists of users and roles are complete. A live check reads only the principals that the
 * question names, so a list with others is complete. An empty list was read as a list.
 */
export function isWhole(account: string, { principal, role, destination }: Bound, evidence: Evidence): boolean {
  const { UserDetailList: users, RoleDetailList: roles } = evidence.accounts[account]?.iam ?? {};
  if (users === undefined || roles === undefined) return false;
  const named = [principal, role, destination].flatMap((one) => (one === undefined ? [] : (identityArn(one) ?? [])));
  const isEmpty = users.length === 0 || roles.length === 0;
  return isEmpty || [...users, ...roles].some(({ Arn: arn }) => !named.includes(arn));
}

/** The principals, or patterns, that a Deny exempts by name, as the policy writes them. */
export function exemptedBy({ Condition: condition, NotPrincipal: notPrincipal }: Json): readonly string[] {
  const conditions = Object.entries(isJson(condition) ? condition : {}).flatMap(([operator, tests]) =>
    negated.test(operator) && isJson(tests)
      ? Object.entries(tests).flatMap(([key, values]) =>
          key.toLowerCase() === 'aws:principalarn' ? textsIn(values).filter((text) => mayBeHeld(text, operator)) : [],
        )
      : [],
  );
  const named = isJson(notPrincipal) ? textsIn(notPrincipal['AWS']) : [];
  return [...new Set([...conditions, ...named])];
}

/**
 * For StringNotEquals, `*` and `?` are literal characters, which the ARN of a principal never
 * contains (iam-evaluation 3.4).
 */
function mayBeHeld(text: string, operator: string): boolean {
  return /Like|^Arn/i.test(operator) || !/[*?]/.test(text);
}

function textsIn(values: unknown): readonly string[] {
  return (isList(values) ? values : [values]).filter((value) => typeof value === 'string');
}

/**
 * Whom to ask before a Deny exempts another principal: those that it already exempts by name.
 * Empty: nobody.
 */
export function askFirst(step: Step, evidence: Evidence): readonly string[] {
  if (step.step !== 'exempt') return [];
  const statement = statementsOf(documentObject(policyAt(evidence, step.place)) ?? {})[step.deny.statement];
  return isJson(statement) ? exemptedBy(statement) : [];
}
