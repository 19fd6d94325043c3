import { arnWith, isArn, isNamed, parseArn, resourceIn, shortName } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { whatIsThere } from '../base/nearest.ts';
import { addressOfPlannedKey } from '../base/planned-name.ts';
import type { PolicyPlace } from './change.ts';
import { aliasOf } from './lookup.ts';
import { accountNotKnown, canMean, giveOne } from './meanings.ts';
import { lookupAccount, principalsMeant } from './principal-name.ts';
import type { Evidence, Group, Key, Role, User } from './schema.ts';

/*
 * Finds parts of the evidence by the names that people give them. `flag`: the flag with the name,
 * for the message if there is no match.
 */

/**
 * A key by its ID, ARN, alias or alias ARN, anywhere in the evidence.
 * @throws Failure if there is none, or more than one
 */
export function keyNamed(evidence: Evidence, name: string, flag: string): Key {
  const keys = everyKey(evidence);
  const found = keysNamed(evidence, name);
  const [only, ...others] = found;
  if (only === undefined)
    throw new Failure(
      'input',
      `${flag}: no KMS key \`${name}\` was read; ${whatIsThere(
        name,
        keys.map((key) => aliasOf(key) ?? addressOfPlannedKey(resourceIn(key.KeyMetadata.Arn)) ?? key.KeyMetadata.Arn),
      )}`,
      'name a key ID, key ARN, alias name or alias ARN',
    );
  const arns = found.map((key) => key.KeyMetadata.Arn);
  const [taking = flag] = flag.split(' ');
  if (others.length > 0) throw new Failure('input', `${flag}: ${canMean(name, arns)}`, giveOne({ arns, flag: taking }));
  return only;
}

/** Every key of the evidence with this ID, ARN or alias. */
export function keysNamed(evidence: Evidence, name: string): readonly Key[] {
  return everyKey(evidence).filter((key) => namesOf(key).includes(name));
}

function everyKey({ accounts }: Evidence): readonly Key[] {
  return Object.values(accounts)
    .flatMap(({ regions }) => Object.values(regions ?? {}))
    .flatMap(({ kms }) => kms?.keys ?? []);
}

function namesOf({ KeyMetadata: { Arn: arn }, Aliases: aliases = [], FoundAs: found = [] }: Key): readonly string[] {
  const key = parseArn(arn);
  if (key === undefined) return [arn];
  const names = [...aliases.map(({ AliasName: alias }) => alias), ...found];
  const ofAliases = names.flatMap((alias) => [alias, arnWith(key, { resource: alias })]);
  return [arn, key.resource, key.name, shortName(arn), ...ofAliases];
}

/** A user, group or role with its policies. */
export interface PolicyOwner {
  readonly arn: string;
  readonly inline: User['UserPolicyList'];
  readonly attached: User['AttachedManagedPolicies'];
}

/**
 * A user, group or role by any name of a principal, by `group/NAME`, or by ARN. A name is looked up
 * in the account for names of principals. A session means its role.
 * @throws Failure if there is none, or if the name may mean several
 */
export function ownerNamed(evidence: Evidence, name: string, flag: string): PolicyOwner {
  const given = parseArn(name);
  const isOfIam = given?.service === 'iam' || given?.service === 'sts';
  const account = isOfIam ? given.account : lookupAccount(evidence);
  const meantIn = (one: string): readonly string[] =>
    ownersMeant(
      name,
      ownersIn(evidence, one).map(({ arn }) => arn),
    );
  const [taking = flag] = flag.split(' ');
  if (account === undefined)
    throw accountNotKnown(evidence, name, { arns: Object.keys(evidence.accounts).flatMap(meantIn), flag: taking });
  const meant = meantIn(account);
  if (meant.length > 1)
    throw new Failure('input', `${flag}: ${canMean(name, meant)}`, giveOne({ arns: meant, flag: taking }));
  const owners = ownersIn(evidence, account);
  const found = owners.find(({ arn }) => meant.includes(arn));
  if (found !== undefined) return found;
  const names = owners.map(({ arn }) => shortName(arn));
  throw new Failure(
    'input',
    `${flag}: no \`${name}\` was read in account ${account}; ${whatIsThere(shortName(name), names)}`,
    'name one as user/NAME, group/NAME or role/NAME',
  );
}

function ownersMeant(name: string, arns: readonly string[]): readonly string[] {
  const session = /(?:^|:)assumed-role\/([^/]+)\//i.exec(name)?.[1];
  const principals = principalsMeant(session === undefined ? name : `role/${session}`, arns);
  if (principals.length > 0) return principals;
  const group = shortName(name).replace(/^group\//i, '');
  return arns.filter((arn) => isNamed(arn, `group/${group}`) && (!isArn(name) || arn === name));
}

function ownersIn(evidence: Evidence, account: string): readonly PolicyOwner[] {
  const {
    UserDetailList: users,
    GroupDetailList: groups,
    RoleDetailList: roles,
  } = evidence.accounts[account]?.iam ?? {};
  const owner = (one: User | Group | Role, inline: PolicyOwner['inline']): PolicyOwner => ({
    arn: one.Arn,
    inline,
    attached: one.AttachedManagedPolicies,
  });
  return [
    ...(users ?? []).map((user) => owner(user, user.UserPolicyList)),
    ...(groups ?? []).map((group) => owner(group, group.GroupPolicyList)),
    ...(roles ?? []).map((role) => owner(role, role.RolePolicyList)),
  ];
}

/**
 * The ARN of a managed policy in the evidence.
 * @throws Failure if the evidence does not have the policy
 */
export function managedPolicyNamed(evidence: Evidence, arn: string, flag: string): string {
  const arns = Object.values(evidence.accounts).flatMap(({ iam }) => (iam?.Policies ?? []).map((policy) => policy.Arn));
  if (arns.includes(arn)) return arn;
  throw new Failure(
    'input',
    `${flag}: no managed policy \`${arn}\` was read; ${whatIsThere(arn, [...new Set(arns)])}`,
    'to try a policy that was not read, add it as an inline policy: --assume-policy role/NAME/POLICY=FILE',
  );
}

/** The forms of places of policies, for messages. */
export const placeForms =
  'a key (id, ARN or alias), the ARN of a managed policy, role/NAME/POLICY, user/NAME/POLICY, group/NAME/POLICY, scp/NAME or rcp/NAME';

/**
 * The place of a policy: a key policy by the key's name; a managed policy by its ARN; an inline
 * policy by `role/NAME/POLICY`, which the evidence need not have yet; a control policy by
 * `scp/NAME` or `rcp/NAME`.
 * @throws Failure if the evidence does not have it
 */
export function placeNamed(evidence: Evidence, name: string, flag: string): PolicyPlace {
  const arn = parseArn(name);
  if (arn?.service === 'iam' && arn.type === 'policy')
    return { in: 'managed policy', arn: managedPolicyNamed(evidence, name, flag) };
  const control = /^(scp|rcp)\/(.+)$/.exec(name);
  if (control !== null) return controlPolicy(evidence, control[1] === 'scp' ? 'scp' : 'rcp', control[2] ?? '', flag);
  const isInline = /^(?:role|user|group|assumed-role)\//i.test(shortName(name));
  if (isInline && (arn === undefined || arn.service === 'iam')) return inlinePolicy(evidence, name, flag);
  if (arn?.service === 'iam') throw new Failure('input', `${flag}: \`${name}\` names no policy`, `name ${placeForms}`);
  const { KeyMetadata: key } = keyNamed(evidence, name, flag);
  if (key.KeyManager?.toUpperCase() === 'AWS')
    throw new Failure(
      'input',
      `${flag}: \`${name}\` is an AWS managed key. Nobody can change its policy`,
      'name a customer managed key',
    );
  return { in: 'key policy', key: key.Arn };
}

function inlinePolicy(evidence: Evidence, name: string, flag: string): PolicyPlace {
  const slash = name.lastIndexOf('/');
  const policy = name.slice(slash + 1);
  const whose = name.slice(0, slash);
  if (!whose.includes('/') || policy === '')
    throw new Failure(
      'input',
      `${flag}: \`${name}\` names no policy of ${slash === -1 ? name : name.replace(/\/$/, '')}`,
      `add the name of the policy, as in ${name.replace(/\/$/, '')}/POLICY`,
    );
  const { arn, inline } = ownerNamed(evidence, whose, flag);
  if (inline !== undefined) return { in: 'inline policy', owner: arn, name: policy };
  throw new Failure(
    'input',
    `${flag}: the inline policies of ${whose} were not read, so no policy can be added`,
    'read the policies first, with a principal that may read them',
  );
}

function controlPolicy(evidence: Evidence, kind: 'scp' | 'rcp', name: string, flag: string): PolicyPlace {
  const list = kind === 'scp' ? 'scps' : 'rcps';
  const all = Object.values(evidence.accounts).flatMap(({ organization }) =>
    (organization?.path ?? []).flatMap((level) =>
      (level[list] ?? []).map((policy) => ({ name: policy.name, organization: organization?.id ?? '' })),
    ),
  );
  const found = new Set(all.filter((policy) => policy.name === name).map(({ organization }) => organization));
  const [only, ...others] = found;
  if (only === undefined)
    throw new Failure(
      'input',
      `${flag}: no ${kind.toUpperCase()} \`${name}\` was read; ${whatIsThere(name, [...new Set(all.map((policy) => policy.name))])}`,
      'checks on AWS do not read SCPs and RCPs: use evidence from `aurora-kms-check collect`',
    );
  if (others.length > 0)
    throw new Failure(
      'input',
      `${flag}: organizations ${[...found].join(' and ')} both have ${kind.toUpperCase()} \`${name}\``,
      'use evidence of one organization',
    );
  return { in: kind, organization: only, name };
}
