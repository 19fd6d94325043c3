import { accountOf, isRootArn, placeOf, shortName } from '../base/arn.ts';
import { list } from '../base/wording.ts';
import type { Bound } from '../check/bind.ts';
import { reasonOf } from '../check/call-reason.ts';
import type { Evaluated, Evaluator } from '../check/evaluate.ts';
import { type Judgement, judge, likeness } from '../check/judgement.ts';
import type { Remedy, RemedyChange } from '../contract/report.ts';
import { policyAt } from '../evidence/change.ts';
import { aliasOf, findKey } from '../evidence/lookup.ts';
import type { Evidence } from '../evidence/schema.ts';
import { callText } from '../explain/calls.ts';
import { verdictTexts } from '../explain/reasons.ts';
import { changeCommands, permissionSetOf, policyCommands } from './commands.ts';
import { documentObject, type Exemption, withStatements } from './documents.ts';
import { type Budget, effectsOf, mostQuestions } from './effects.ts';
import { type Plan, plans } from './plan.ts';
import { allowedBy } from './statements.ts';
import { type Owner, placeName, type State, type Step, taken } from './step.ts';
import { changeTerraform, policyTerraform } from './terraform.ts';

/** Remedies by what they were found for, so that many results that fail alike are searched once. */
export interface Remedies {
  /** Undefined: there were too many different ones to search. */
  readonly of: (evaluated: Evaluated, judgement: Judgement) => readonly Remedy[] | undefined;
}

/** So many different failures are searched of one report. */
const mostSearches = 20;

/** `make`: what answers under other evidence. */
export function remediesUnder(evidence: Evidence, make: (evidence: Evidence) => Evaluator): Remedies {
  const made = new WeakMap<Evidence, Evaluator>();
  const under = (other: Evidence): Evaluator => {
    const evaluator = made.get(other) ?? make(other);
    made.set(other, evaluator);
    return evaluator;
  };
  const known = new Map<string, readonly (readonly [Plan, Remedy])[]>();
  const budget: Budget = { left: mostQuestions };
  let searches = 0;
  return {
    of(evaluated, judgement) {
      if (evaluated.verdict === 'succeeds') return [];
      const name = alike(evaluated, judgement);
      const before = known.get(name);
      if (before?.every(([plan]) => mends(plan, evaluated, evidence, under)) === true)
        return before.map(([, remedy]) => remedy);
      if (searches === mostSearches) return undefined;
      searches += 1;
      const found = plans(evaluated, evidence, under).map((plan): readonly [Plan, Remedy] => [
        plan,
        reported(plan, evaluated.bound, { evidence, under, budget }),
      ]);
      // The search goes by what changes least; of equals, who gives least away comes first.
      const sorted = found.toSorted(
        ([one, first], [other, second]) => one.cost - other.cost || first.gains.length - second.gains.length,
      );
      known.set(name, sorted);
      return sorted.map(([, remedy]) => remedy);
    },
  };
}

/** Results that fail for the same reasons are likely to be fixed by the same. */
function alike({ bound }: Evaluated, judgement: Judgement): string {
  const { operation, principal, keys } = bound;
  const arns = Object.values(keys).map(({ arn }) => arn);
  return JSON.stringify([operation.command, operation.api, principal.arn, arns, likeness(judgement)]);
}

function mends(
  { steps, result }: Plan,
  { bound }: Evaluated,
  evidence: Evidence,
  under: (evidence: Evidence) => Evaluator,
): boolean {
  const ofOne =
    steps.some(({ step }) => step === 'copy') ||
    steps.some((step) => step.step === 'change' && 'snapshot' in step.change);
  const after = ofOne ? undefined : afterAll(steps, { evidence, bound });
  return after !== undefined && under(after.evidence).verdict(after.bound) === result.verdict;
}

function afterAll(steps: readonly Step[], before: State): State | undefined {
  return steps.reduce<State | undefined>((state, step) => state && taken(state, step), before);
}

interface Searching {
  readonly evidence: Evidence;
  readonly under: (evidence: Evidence) => Evaluator;
  readonly budget: Budget;
}

function reported(plan: Plan, asked: Bound, { evidence, under, budget }: Searching): Remedy {
  const { steps, after, result } = plan;
  const { gains, notAsked, among, running } = effectsOf(
    steps,
    asked,
    { before: under(evidence), after: under(after.evidence) },
    budget,
  );
  const { verdict } = result;
  const changes = byPlace(steps).map((together) =>
    changeOf(together, { before: evidence, after: after.evidence, asked }),
  );
  return {
    verdict,
    doubts: verdict === 'succeeds' ? [] : [...verdictTexts(judge(result).reasons)],
    changes: changes.toSorted((one, other) => owners.indexOf(one.owner) - owners.indexOf(other.owner)),
    gains: gains.map(({ operation, ...gain }) => ({ ...gain, operation: operation.command, api: operation.api })),
    notAsked,
    ...(among === undefined ? {} : { among }),
    running: running.map(({ key, databases, before, after: then }) => ({
      key,
      ...(before.key?.alias === undefined ? {} : { alias: before.key.alias }),
      databases,
      before: before.decision.decision,
      after: then.decision.decision,
      why: callText({ call: then, reason: reasonOf(then.decision) }),
    })),
  };
}

/** In this order things are said, so that each owner has one part. */
const owners: readonly Owner[] = ['organization', 'key owner', 'snapshot owner', "principal's account", 'caller'];

/** Edits of one policy are one change. */
function byPlace(steps: readonly Step[]): readonly (readonly [Step, ...Step[]])[] {
  const groups = new Map<string, [Step, ...Step[]]>();
  for (const [number, step] of steps.entries()) {
    const name = step.step === 'allow' || step.step === 'exempt' ? placeName(step.place) : `step ${number}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [step]);
    else group.push(step);
  }
  return [...groups.values()];
}

function changeOf(together: readonly [Step, ...Step[]], { before, after, asked }: Around): RemedyChange {
  const [first] = together;
  const { owner, account } = first;
  const does = list(together.map((step) => stepWords(step, before)));
  const same = { owner, account, does, policy: null, other: null, commands: [], terraform: null };
  switch (first.step) {
    case 'allow':
    case 'exempt': {
      const { place } = first;
      const document = documentObject(policyAt(after, place)) ?? {};
      const given = documentObject(policyAt(before, place)) ?? null;
      return {
        ...same,
        policy: { name: policyName(first, before), place, before: given, after: document },
        commands: [...policyCommands(place, document, before)],
        terraform: policyTerraform(place, document),
      };
    }
    case 'change':
    case 'copy': {
      const { change } = first;
      const state = 'key' in change ? findKey(before, change.key)?.KeyMetadata.KeyState : undefined;
      return {
        ...same,
        other: otherOf(change),
        commands: [...changeCommands(change, state)],
        terraform: changeTerraform(change, state) ?? null,
      };
    }
    case 'allow in session': {
      const [policy] = asked.principal.session ?? [];
      const document = policy !== undefined && 'document' in policy ? documentObject(policy.document) : undefined;
      return { ...same, other: { change: 'session policy', document: withStatements(document, first.statements) } };
    }
    case 'name key':
      return { ...same, other: { change: 'name key', key: first.key } };
  }
}

/** What a plan turns into what. */
interface Around {
  readonly before: Evidence;
  readonly after: Evidence;
  readonly asked: Bound;
}

type Changing = Extract<Step, { readonly step: 'change' | 'copy' }>['change'];

function otherOf(change: Changing): RemedyChange['other'] {
  switch (change.change) {
    case 'new control policy':
      return { ...change, document: documentObject(change.document) ?? {} };
    case 'grant': {
      const { GranteePrincipal: grantee = '', Operations: operations = [] } = change.grant;
      return { change: 'grant', key: change.key, grantee, operations };
    }
    default:
      return change;
  }
}

function stepWords(step: Step, evidence: Evidence): string {
  switch (step.step) {
    case 'allow':
      // A control policy allows for everyone or for no one.
      return `allow ${step.place.in === 'scp' ? '' : `${allowedName(step.principal)} `}${list(allowedBy(step.statements))} in ${policyName(step, evidence)}`;
    case 'allow in session':
      return `open the session with a session policy that also allows ${list(allowedBy(step.statements))}`;
    case 'exempt':
      return `exempt ${exempted(step.exemption)} from ${step.name} of ${policyName(step, evidence)}`;
    case 'name key':
      return `name ${keyName(step.key, evidence)} as the key (--kms-key-id)`;
    case 'copy':
      return `copy ${shortName(step.change.of)} under ${keyName(step.change.key, evidence)} and use the copy, ${shortName(step.change.arn)}`;
    case 'change':
      return changeWords(step.change, evidence);
  }
}

/** A policy that names the root user means the account. */
function allowedName(arn: string): string {
  return isRootArn(arn) ? `account ${accountOf(arn)}` : shortName(arn);
}

function changeWords(change: Extract<Step, { readonly step: 'change' }>['change'], evidence: Evidence): string {
  switch (change.change) {
    case 'new control policy':
      return `attach a new service control policy ${change.name} to ${change.at}`;
    case 'key state': {
      const state = findKey(evidence, change.key)?.KeyMetadata.KeyState;
      const name = keyName(change.key, evidence);
      return state === 'PendingDeletion' ? `cancel the deletion of ${name} and enable it` : `enable ${name}`;
    }
    case 'grant':
      return `give ${shortName(change.grant.GranteePrincipal ?? '')} another grant on ${keyName(change.key, evidence)}, for ${list(change.grant.Operations ?? [])}`;
    case 'sharing':
      return `share ${shortName(change.snapshot)} with account ${change.account}`;
  }
}

function exempted({ key, value }: Exemption): string {
  switch (key) {
    case 'aws:PrincipalArn':
      return shortName(value);
    case 'aws:PrincipalAccount':
      return `account ${value}`;
    case 'kms:ViaService':
      return `calls by way of ${value}`;
    case 'aws:PrincipalIsAWSService':
      return 'AWS services';
  }
}

/** A policy as people speak of it. */
function policyName({ place }: Extract<Step, { readonly step: 'allow' | 'exempt' }>, evidence: Evidence): string {
  switch (place.in) {
    case 'key policy':
      return `the key policy of ${keyName(place.key, evidence)}`;
    case 'inline policy': {
      const set = permissionSetOf(place.owner);
      if (set !== undefined) return `the inline policy of permission set ${set}`;
      const isNew = policyAt(evidence, place) === undefined;
      return `${isNew ? 'a new inline policy' : 'inline policy'} ${place.name} of ${shortName(place.owner)}`;
    }
    case 'managed policy':
      return `managed policy ${shortName(place.arn)}`;
    case 'scp':
      return `service control policy ${place.name}`;
    case 'rcp':
      return `resource control policy ${place.name}`;
  }
}

function keyName(arn: string, evidence: Evidence): string {
  const alias = aliasOf(findKey(evidence, arn));
  if (alias === undefined) return shortName(arn);
  const place = placeOf(arn);
  // Replicas of a key often go by one alias.
  const others = Object.entries(evidence.accounts[place?.account ?? '']?.regions ?? {});
  const isShared = others.some(
    ([region, { kms }]) => region !== place?.region && kms?.keys?.some((key) => aliasOf(key) === alias) === true,
  );
  return isShared ? `${alias} in ${place?.region ?? ''}` : alias;
}
