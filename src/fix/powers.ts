import { groupBy } from '../base/group.ts';
import { isJson, isList } from '../base/json.ts';
import type { Bound } from '../check/bind.ts';
import type { DecidedCall } from '../check/decide.ts';
import type { Evaluator } from '../check/evaluate.ts';
import { policyAt } from '../evidence/change.ts';
import { everyActor } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import { type Layer, type NamedPolicy, readLayers } from '../policy/policies.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import type { Before } from './before.ts';
import { type Budget, isSpent, partOf } from './budget.ts';
import { type DirectCalls, directCalls } from './direct-calls.ts';
import { documentObject } from './documents.ts';
import { principalsOf } from './effects.ts';
import { allowedBy } from './statements.ts';
import type { Step } from './step.ts';

/*
 * A fix is for an operation on a database, but a loosened statement is about actions. This file
 * finds which principals gain which important actions, with or without RDS.
 */

/**
 * The actions that are checked, because a Deny usually protects them. A principal that may change a
 * key policy or create grants can gain all other actions on the key (iam-evaluation 6.9).
 */
export const powers = [
  'kms:Decrypt',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
  'kms:CreateGrant',
  'kms:RevokeGrant',
  'kms:PutKeyPolicy',
  'kms:ScheduleKeyDeletion',
  'kms:DisableKey',
  'kms:DeleteImportedKeyMaterial',
  'kms:ReplicateKey',
  'kms:UpdateAlias',
  'kms:TagResource',
  'iam:AttachRolePolicy',
  'iam:AttachUserPolicy',
  'iam:CreateAccessKey',
  'iam:CreateLoginProfile',
  'iam:CreatePolicyVersion',
  'iam:CreateRole',
  'iam:CreateUser',
  'iam:DeleteRolePermissionsBoundary',
  'iam:PassRole',
  'iam:PutRolePolicy',
  'iam:PutUserPolicy',
  'iam:UpdateAssumeRolePolicy',
  'sts:AssumeRole',
  'organizations:DetachPolicy',
  'organizations:LeaveOrganization',
  'organizations:UpdatePolicy',
  's3:DeleteObject',
  's3:GetObject',
  's3:PutBucketPolicy',
  'secretsmanager:GetSecretValue',
  'secretsmanager:PutResourcePolicy',
  'ssm:GetParameter',
  'backup:DeleteRecoveryPoint',
  'cloudtrail:StopLogging',
  'config:StopConfigurationRecorder',
  'guardduty:DeleteDetector',
] as const;

/** An action that a principal gains or may gain. */
export interface Power {
  readonly principal: string;
  readonly action: (typeof powers)[number];
  /** The ARN of the key. Undefined: the action is not on a key, but in the principal's account. */
  readonly key: string | undefined;
  readonly before: DecidedCall['decision']['decision'];
  readonly after: DecidedCall['decision']['decision'];
}

/**
 * Which principals gain which actions, and how many questions were not checked because there were
 * too many.
 */
export interface Powers {
  readonly powers: readonly Power[];
  readonly powersNotAsked: number;
}

/** The most questions about the actions that one fix allows. */
const mostOfPowers = 1000;

/** The actions of the table that principals of the evidence gain through the steps. */
export function powersGained(
  steps: readonly Step[],
  asked: Bound,
  { before, after }: { readonly before: Before; readonly after: Evaluator },
  budget: Budget,
): Powers {
  const asking = askingAbout(steps.flatMap((step) => reachOf(step, asked, before.evaluator) ?? []));
  const part = partOf(budget, mostOfPowers);
  const then = mayUnder(before.calls);
  const now = mayUnder(directCalls(after, asked));
  const gained: Power[] = [];
  let answered = 0;
  for (const question of questionsOf(asking)) {
    if (isSpent(part)) break;
    answered += 1;
    const may = now(question);
    if (may === 'denied') continue;
    const might = then(question);
    if (strength[may] > strength[might])
      gained.push({ ...question, before: asTrusted(question, might), after: asTrusted(question, may) });
  }
  const all = asking.reduce((sum, { who }) => sum + who.length, 0);
  return { powers: gained, powersNotAsked: all - answered };
}

/**
 * Whether a principal may assume a role also depends on the trust policies of roles, some in other
 * accounts.
 */
function asTrusted({ action }: Question, may: Power['after']): Power['after'] {
  return action === 'sts:AssumeRole' && may === 'allowed' ? 'depends' : may;
}

const strength = { denied: 0, depends: 1, allowed: 2 } as const;

type Question = Pick<Power, 'principal' | 'action' | 'key'>;

/** An action on a key or another resource, and the principals to check. */
interface Asking extends Omit<Question, 'principal'> {
  readonly who: readonly string[];
}

/** The actions that a step makes relevant, and the principals to check. */
interface Reach {
  readonly who: readonly string[];
  readonly actions: readonly Omit<Question, 'principal'>[];
}

/** Undefined: the step loosens nothing. */
function reachOf(step: Step, asked: Bound, { evidence, read }: Evaluator): Reach | undefined {
  const isLoosened = loosenedBy(step, evidence, read);
  if (isLoosened === undefined) return undefined;
  const one = 'place' in step && step.place.in === 'key policy' ? step.place.key : undefined;
  const keys = one === undefined ? customerKeys(evidence) : [one];
  const actions = powers.filter(isLoosened).flatMap((action) => {
    const onKey = action.startsWith('kms:');
    if (!onKey && one !== undefined) return [];
    return (onKey ? keys : [undefined]).map((key) => ({ action, key }));
  });
  return { who: principalsOf(step, asked, evidence) ?? everyActor(evidence), actions };
}

/**
 * Each action once, with all principals that a step can affect. There are too many pairs of
 * principals and keys to list them all.
 */
function askingAbout(reaches: readonly Reach[]): readonly Asking[] {
  const all = reaches.flatMap(({ who, actions }) => actions.map((action) => ({ ...action, who })));
  return [...groupBy(all, ({ action, key }) => `${action} ${key ?? ''}`).values()].map((same) => {
    const [{ action, key, who }, ...others] = same;
    return { action, key, who: others.length === 0 ? who : [...new Set(same.flatMap((one) => one.who))] };
  });
}

/** Every principal is checked for one action before any is checked for the next. */
function* questionsOf(asking: readonly Asking[]): Generator<Question> {
  for (const { who, ...action } of asking) for (const principal of who) yield { principal, ...action };
}

/**
 * The actions for which a step loosens a policy. Undefined: it edits no policy and creates no
 * grant.
 */
function loosenedBy(
  step: Step,
  evidence: Evidence,
  read: Evaluator['read'],
): ((action: string) => boolean) | undefined {
  if (step.step === 'exempt') {
    const { select } = layerOf(
      step.deny.policy,
      { name: step.deny.name, document: policyAt(evidence, step.place) },
      read,
    );
    return (action) => select(action.toLowerCase()).denies.some(({ ref }) => ref.statement === step.deny.statement);
  }
  const added = addedBy(step);
  if (added === undefined) return undefined;
  const lower = new Set(added.map((action) => action.toLowerCase()));
  return (action) => lower.has(action.toLowerCase());
}

/** The actions that a step allows. */
function addedBy(step: Step): readonly string[] | undefined {
  if (step.step === 'allow') return allowedBy(step.statements);
  if (step.step !== 'change') return undefined;
  const { change } = step;
  if (change.change === 'grant') return change.grant.Operations?.map((operation) => `kms:${operation}`) ?? [];
  if (change.change !== 'new control policy') return undefined;
  const { Statement: statements } = documentObject(change.document) ?? {};
  return allowedBy((isList(statements) ? statements : [statements]).filter(isJson));
}

function layerOf(kind: PolicyKind, policy: NamedPolicy, read: Evaluator['read']): Layer {
  switch (kind) {
    case 'scp':
    case 'rcp': {
      const levels = [[policy]];
      const { layers } = readLayers({ identity: [], ...(kind === 'scp' ? { scps: levels } : { rcps: levels }) }, read);
      return layers[`${kind}s`][0] ?? layers.identity;
    }
    case 'resource': {
      const { layers } = readLayers({ identity: [], resource: policy }, read);
      return layers.resource ?? layers.identity;
    }
    default:
      return readLayers({ identity: [policy] }, read).layers.identity;
  }
}

function customerKeys({ accounts }: Evidence): readonly string[] {
  return Object.values(accounts)
    .flatMap(({ regions }) => Object.values(regions ?? {}))
    .flatMap(({ kms }) => kms?.keys ?? [])
    .filter(({ KeyMetadata: { KeyManager: manager } }) => manager !== 'AWS')
    .map(({ KeyMetadata: { Arn: arn } }) => arn);
}

/** Whether principals may call actions of the table themselves, in one state of the evidence. */
function mayUnder({ find, decide }: DirectCalls): (question: Question) => Power['after'] {
  return ({ principal, action, key }) => decide(find(principal), action, { key });
}
