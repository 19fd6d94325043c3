import { accountOf, shortName } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { parse } from '../policy/parse.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import { type Change, type PolicyPlace, policyAt, withChange } from './change.ts';
import { aliasOf, findKey } from './lookup.ts';
import { keyNamed, managedPolicyNamed, ownerNamed, placeNamed } from './named.ts';
import { faultyPolicy } from './policy-faults.ts';
import type { Evidence } from './schema.ts';

/** Something that is to be taken as different from what was read, by the names that people give to things. */
export type Assumption =
  /** `place`: see placeNamed; `from`: what the text is called in messages. */
  | { readonly assume: 'policy'; readonly place: string; readonly text: string; readonly from: string }
  | { readonly assume: 'key state'; readonly key: string; readonly state: string }
  | { readonly assume: 'attachment'; readonly to: string; readonly policy: string };

/** Evidence as it would be, and in words what was taken to be different. */
export interface Assumed {
  readonly evidence: Evidence;
  readonly assumed: readonly string[];
}

/**
 * The evidence with assumptions applied to it.
 * @throws Failure if one of them is about something that the evidence does not hold, or a policy is faulty
 */
export function assume(evidence: Evidence, assumptions: readonly Assumption[]): Assumed {
  const taken = new Map<string, string>();
  return assumptions.reduce<Assumed>(
    (before, assumption) => {
      const { change, says } = changeOf(assumption, before.evidence);
      const about = aboutOf(change);
      if (taken.has(about))
        throw new Failure(
          'input',
          `two assumptions speak of the same: ${taken.get(about) ?? ''}, and ${changeOf(assumption, evidence).says}`,
          'give one of them',
        );
      taken.set(about, says);
      return { evidence: withChange(before.evidence, change), assumed: [...before.assumed, says] };
    },
    { evidence, assumed: [] },
  );
}

interface Planned {
  readonly change: AssumedChange;
  readonly says: string;
}

type AssumedChange = Extract<Change, { readonly change: Assumption['assume'] }>;

function changeOf(assumption: Assumption, evidence: Evidence): Planned {
  switch (assumption.assume) {
    case 'policy':
      return policyChange(assumption, evidence);
    case 'key state':
      return stateChange(assumption, evidence);
    case 'attachment':
      return attachment(assumption, evidence);
  }
}

/** What a change is about, so that two that contradict each other are found. */
function aboutOf(change: AssumedChange): string {
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
  { place: name, text, from }: Extract<Assumption, { readonly assume: 'policy' }>,
  evidence: Evidence,
): Planned {
  const flag = `--assume-policy ${name}`;
  const place = placeNamed(evidence, name, flag);
  const parsed = parse(kinds[place.in], from, text);
  if ('faults' in parsed) throw faultyPolicy(`${flag}: ${from}`, parsed.faults);
  return {
    change: { change: 'policy', place, document: text },
    says: `${placeWords(place, evidence)} is that of ${from}`,
  };
}

function placeWords(place: PolicyPlace, evidence: Evidence): string {
  switch (place.in) {
    case 'key policy':
      return `the key policy of ${keyWords(place.key, evidence)}`;
    case 'inline policy': {
      const isNew = policyAt(evidence, place) === undefined;
      return `${isNew ? 'a new inline policy' : 'inline policy'} ${place.name} of ${shortName(place.owner)}`;
    }
    case 'managed policy':
      return `managed policy ${place.arn}`;
    case 'scp':
    case 'rcp':
      return `${place.in.toUpperCase()} ${place.name}`;
  }
}

function keyWords(arn: string, evidence: Evidence): string {
  const alias = aliasOf(findKey(evidence, arn));
  return alias === undefined ? shortName(arn) : `${alias} (${shortName(arn)})`;
}

function stateChange(
  { key: name, state }: Extract<Assumption, { readonly assume: 'key state' }>,
  evidence: Evidence,
): Planned {
  const flag = `--assume-key-state ${name}`;
  const { KeyMetadata: key } = keyNamed(evidence, name, flag);
  if (key.KeyManager === 'AWS')
    throw new Failure(
      'input',
      `${flag}: it is an AWS managed key, whose state nobody can change`,
      'name a customer managed key',
    );
  return {
    change: { change: 'key state', key: key.Arn, state },
    says: `the state of ${keyWords(key.Arn, evidence)} is ${state} (${key.KeyState ?? 'not known'} in the evidence)`,
  };
}

function attachment(
  { to, policy }: Extract<Assumption, { readonly assume: 'attachment' }>,
  evidence: Evidence,
): Planned {
  const flag = `--assume-attach ${to}`;
  const owner = ownerNamed(evidence, to, flag);
  const arn = managedPolicyNamed(evidence, policy, flag);
  if (policyAt(evidence, { in: 'managed policy', arn }) === undefined)
    throw new Failure(
      'input',
      `${flag}: the text of ${arn} is not in the evidence`,
      'read it first, with somebody who may',
    );
  const account = accountOf(arn);
  if (account !== 'aws' && account !== accountOf(owner.arn))
    throw new Failure(
      'input',
      `${flag}: ${arn} belongs to another account`,
      'a managed policy can be attached within its account only',
    );
  if (owner.attached === undefined)
    throw new Failure(
      'input',
      `${flag}: the policies that are attached to it are not in the evidence, so that another one cannot be added to them`,
      'read them first, with somebody who may',
    );
  if (owner.attached.some(({ PolicyArn: one }) => one === arn))
    throw new Failure('input', `${flag}: ${arn} is attached to it already`, 'leave it out');
  return {
    change: { change: 'attachment', owner: owner.arn, policy: arn },
    says: `managed policy ${arn} is attached to ${shortName(owner.arn)}`,
  };
}
