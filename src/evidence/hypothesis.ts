import { accountOf, isAwsPolicyArn, withoutPath } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { shellQuoted } from '../base/shell.ts';
import { saveFaults } from '../policy/save-faults.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import { type Change, type PolicyPlace, policyAt, withChange } from './change.ts';
import { aliasOf, findKey } from './lookup.ts';
import { keyNamed, managedPolicyNamed, ownerNamed, placeNamed } from './named.ts';
import { faultyPolicy } from './policy-faults.ts';
import type { Evidence } from './schema.ts';

/**
 * A hypothesis of the user: an assumed difference from the data that was read. It has the names
 * that the user gave.
 */
export type Hypothesis =
  /** `place`: see placeNamed. `from`: the name of the text in messages. */
  | { readonly assume: 'policy'; readonly place: string; readonly text: string; readonly from: string }
  | { readonly assume: 'key state'; readonly key: string; readonly state: string }
  | { readonly assume: 'attachment'; readonly to: string; readonly policy: string };

/** A hypothesis that was applied. `alias`: the alias of its key, if the evidence has one. */
export type HypotheticalChange =
  /** `isNew`: there was no policy with this name. `from`: the source of the text. */
  | {
      readonly code: 'policy-replaced';
      readonly place: PolicyPlace;
      readonly alias: string | undefined;
      readonly isNew: boolean;
      readonly from: string;
    }
  /** `key`: ARN. `before`: undefined if the evidence does not show it. */
  | {
      readonly code: 'key-state-replaced';
      readonly key: string;
      readonly alias: string | undefined;
      readonly state: string;
      readonly before: string | undefined;
    }
  /** ARNs. */
  | { readonly code: 'policy-attached'; readonly policy: string; readonly owner: string };

/** The evidence with the hypotheses applied, and what they changed. */
export interface Hypothetical {
  readonly evidence: Evidence;
  readonly assumed: readonly HypotheticalChange[];
}

/** Two hypotheses about the same thing. */
export interface Contradiction {
  readonly contradiction: readonly [HypotheticalChange, HypotheticalChange];
}

/**
 * Applies hypotheses to the evidence, or returns two of them that contradict each other.
 * @throws Failure if a hypothesis is about something that the evidence does not contain, or a
 * policy is faulty
 */
export function suppose(evidence: Evidence, hypotheses: readonly Hypothesis[]): Hypothetical | Contradiction {
  const known = new Map<string, HypotheticalChange>();
  let after = evidence;
  for (const hypothesis of hypotheses) {
    const { change, applied } = changeOf(hypothesis, after);
    const about = aboutOf(change);
    const other = known.get(about);
    // The second hypothesis is reported as if there were no first.
    if (other !== undefined) return { contradiction: [other, changeOf(hypothesis, evidence).applied] };
    known.set(about, applied);
    after = withChange(after, change);
  }
  return { evidence: after, assumed: [...known.values()] };
}

interface Planned {
  readonly change: HypothesisChange;
  readonly applied: HypotheticalChange;
}

type HypothesisChange = Extract<Change, { readonly change: Hypothesis['assume'] }>;

function changeOf(hypothesis: Hypothesis, evidence: Evidence): Planned {
  switch (hypothesis.assume) {
    case 'policy':
      return policyChange(hypothesis, evidence);
    case 'key state':
      return stateChange(hypothesis, evidence);
    case 'attachment':
      return attachment(hypothesis, evidence);
  }
}

/** What a change is about, to find contradictions. */
function aboutOf(change: HypothesisChange): string {
  switch (change.change) {
    case 'policy':
      return JSON.stringify(change.place);
    case 'key state':
      return `state of ${change.key}`;
    case 'attachment':
      return `${change.policy} at ${change.owner}`;
  }
}

const kinds: Readonly<Record<PolicyPlace['in'], PolicyKind>> = {
  'key policy': 'resource',
  'inline policy': 'identity',
  'managed policy': 'identity',
  scp: 'scp',
  rcp: 'rcp',
};

function policyChange(
  { place: name, text, from }: Extract<Hypothesis, { readonly assume: 'policy' }>,
  evidence: Evidence,
): Planned {
  const flag = `--assume-policy ${name}`;
  const place = placeNamed(evidence, name, flag);
  const faults = saveFaults(kinds[place.in], from, text);
  if (faults.length > 0) throw faultyPolicy(`${flag}: ${from}`, faults);
  return {
    change: { change: 'policy', place, document: text },
    applied: {
      code: 'policy-replaced',
      place,
      alias: place.in === 'key policy' ? aliasOf(findKey(evidence, place.key)) : undefined,
      isNew: policyAt(evidence, place) === undefined,
      from,
    },
  };
}

function stateChange(
  { key: name, state }: Extract<Hypothesis, { readonly assume: 'key state' }>,
  evidence: Evidence,
): Planned {
  const flag = `--assume-key-state ${name}`;
  const held = keyNamed(evidence, name, flag);
  const { KeyMetadata: key } = held;
  if (key.KeyManager?.toUpperCase() === 'AWS')
    throw new Failure(
      'input',
      `${flag}: nobody can change the state of an AWS managed key`,
      'name a customer managed key',
    );
  return {
    change: { change: 'key state', key: key.Arn, state },
    applied: { code: 'key-state-replaced', key: key.Arn, alias: aliasOf(held), state, before: key.KeyState },
  };
}

function attachment(
  { to, policy }: Extract<Hypothesis, { readonly assume: 'attachment' }>,
  evidence: Evidence,
): Planned {
  const flag = `--assume-attach ${to}`;
  const owner = ownerNamed(evidence, to, flag);
  const isAws = isAwsPolicyArn(policy);
  if (isAws && policyAt(evidence, { in: 'managed policy', arn: policy }) === undefined)
    throw textMissing(evidence, to, policy, flag);
  const arn = isAws ? policy : managedPolicyNamed(evidence, policy, flag);
  const account = accountOf(arn);
  if (account !== 'aws' && account !== accountOf(owner.arn))
    throw new Failure(
      'input',
      `${flag}: ${arn} belongs to another account`,
      'name a managed policy of the same account',
    );
  if (policyAt(evidence, { in: 'managed policy', arn }) === undefined) throw textMissing(evidence, to, arn, flag);
  if (owner.attached === undefined)
    throw new Failure(
      'input',
      `${flag}: the attached policies were not read, so no policy can be added`,
      'read the policies first, with a principal that may read them',
    );
  if (owner.attached.some(({ PolicyArn: one }) => one === arn))
    throw new Failure('input', `${flag}: ${arn} is already attached`, 'leave out this assumption');
  return {
    change: { change: 'attachment', owner: owner.arn, policy: arn },
    applied: { code: 'policy-attached', policy: arn, owner: owner.arn },
  };
}

/** AWS refused the text of a managed policy, or nobody read it. The commands read it. */
function textMissing({ gaps = [], accounts }: Evidence, to: string, arn: string, flag: string): Failure {
  const gap = gaps.find(({ what, resource }) => what.startsWith('iam:GetPolicy') && resource === arn);
  if (gap !== undefined)
    return new Failure(
      'input',
      `${flag}: cannot read ${arn}: ${gap.what} failed (${gap.reason})`,
      `check the ARN, and allow ${gap.what} to the principal that runs this program`,
    );
  const isHeld = Object.values(accounts).some(({ iam }) => iam?.Policies?.some((one) => one.Arn === arn) === true);
  const file = `${withoutPath(arn)}.json`;
  const named = shellQuoted(arn);
  const version = `"$(aws iam get-policy --policy-arn ${named} --query Policy.DefaultVersionId --output text)"`;
  const read = `aws iam get-policy-version --policy-arn ${named} --version-id ${version} --query PolicyVersion.Document`;
  const place = shellQuoted(`${to}/${withoutPath(arn)}=${file}`);
  return new Failure(
    'input',
    isHeld ? `${flag}: the text of ${arn} was not read` : `${flag}: managed policy \`${arn}\` was not read`,
    `read the policy with \`${read} > ${shellQuoted(file)}\`, and add it as an inline policy: \`--assume-policy ${place}\``,
  );
}
