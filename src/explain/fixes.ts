import type { ClosingStep, StatementOf } from '../audit/closing.ts';
import { accountOf, isRootArn, placeOf, shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { article, list } from '../base/wording.ts';
import { permissionSetOf } from '../fix/commands.ts';
import type { Exemption } from '../fix/documents.ts';
import type { EndedShare, FixStep, KeyToName, PolicyToName } from '../fix/fix-step.ts';
import { type Demand, requestSwitchIn, requestTagIn, type SessionFact } from '../fix/session-facts.ts';
import { resourceWords } from './facts.ts';
import { placeWords, statementLabel } from './names.ts';

/** One step of a fix for a request of a plan, whose parameters are attributes of a resource. */
export function plannedFixStepText(step: FixStep): string {
  switch (step.code) {
    case 'name-new-resource':
      return `give ${resourceWords(step.of)} a name such as ${step.name}`;
    case 'name-another-key':
      return `encrypt with ${keyText(step.key)}${step.isInstead ? ' instead' : ''}: set kms_key_id to the ARN of the key`;
    default:
      return fixStepText(step);
  }
}

/** One step of a fix, as an imperative without a period. */
export function fixStepText(step: FixStep): string {
  switch (step.code) {
    case 'allow-in-policy': {
      const { principal, actions, policy } = step;
      const whom = principal === undefined ? '' : `${principalText(principal)} `;
      return `allow ${whom}${list(actions)} in ${policyPhrase(policy)}`;
    }
    case 'allow-in-session-policy':
      return `open the session with a session policy that also allows ${list(step.actions)}`;
    case 'narrow-deny-of-session-policy':
      return step.exemption === undefined
        ? `open the session with a session policy without ${statementLabel(step.deny)}`
        : `open the session with a session policy in which ${statementLabel(step.deny)} exempts ${exemptionText(step.exemption)}`;
    case 'exempt-from-deny':
      return `exempt ${exemptionText(step.exemption)} from ${statementLabel(step.deny)} of ${policyPhrase(step.policy)}`;
    case 'meet-condition':
      return factsPhrase(step.facts);
    case 'name-new-resource':
      return `give ${resourceWords(step.of)} a name such as ${step.name}: add --to`;
    case 'name-another-key':
      return `encrypt with ${keyText(step.key)}${step.isInstead ? ' instead' : ''}: add --kms-key-id`;
    case 'copy-snapshot-first':
      return `copy ${shortName(step.of)} under ${keyText(step.key)} and use the copy, ${shortName(step.copy)}`;
    case 'attach-control-policy':
      return `attach a new service control policy ${step.name} to ${step.at}`;
    case 'enable-key': {
      const name = keyText(step.key);
      return step.isPendingDeletion ? `cancel the deletion of ${name} and enable the key` : `enable ${name}`;
    }
    case 'give-grant':
      return `create another grant for ${shortName(step.grantee)} on ${keyText(step.key)}, with ${list(step.operations)}`;
    case 'share-snapshot':
      return `share ${shortName(step.snapshot)} with account ${step.account}`;
  }
}

/**
 * How a principal changes facts of its session or its request. Facts that need the same act share a
 * phrase.
 */
function factsPhrase(facts: readonly SessionFact[]): string {
  const acts = groupBy(facts.map(factPhrase), ([verb]) => verb);
  return list([...acts].map(([verb, parts]) => `${verb} ${list([...new Set(parts.map(([, rest]) => rest))])}`));
}

function factPhrase({
  demand: { key, is, values },
  role,
  context,
}: SessionFact): readonly [verb: string, rest: string] {
  const open = role === undefined ? 'sign in' : `assume ${role}`;
  const keyId = key.toLowerCase();
  const tag = /^aws:principaltag\/(.*)/i.exec(key)?.[1];
  if (tag !== undefined) return [open, withOrWithout(is, `session tag ${tag}`, '=', values)];
  if (keyId === 'aws:tagkeys')
    return [
      'send the request',
      `${values.length === 0 ? aTagText(context) : `with tag ${list(values, 'or')}`} (--tag)`,
    ];
  const switched = requestSwitchIn(key);
  if (switched !== undefined)
    return ['send the request', `with --${values.includes('true') ? '' : 'no-'}${switched.flag}`];
  const requestTag = requestTagIn(key);
  if (requestTag !== undefined) {
    const tried = values.length === 0 ? [] : (context[key] ?? []);
    const flag = is === 'one of' || is === 'present' ? ' (--tag)' : '';
    return [
      'send the request',
      `${withOrWithout(is, `tag ${requestTag}`, '=', values)}${checkedWith(tried, values)}${flag}`,
    ];
  }
  switch (keyId) {
    case 'aws:multifactorauthpresent':
      return [open, 'with MFA'];
    case 'aws:multifactorauthage':
      return [open, 'again with MFA'];
    case 'aws:tokenissuetime':
      return [open, 'again'];
    case 'aws:securetransport':
      return ['send the request', 'over TLS'];
    case 'aws:sourceidentity':
      return [open, withOrWithout(is, 'source identity', ' ', values)];
    default:
      return ['send the request', `${wayOf(keyId, is, values)}${checkedWith(context[key] ?? [], values)}`];
  }
}

/** Any tag meets the condition, but another policy can test the name of the tag. */
function aTagText(context: SessionFact['context']): string {
  const tried = Object.entries(context).map(([key, [value = '']]) => `${requestTagIn(key) ?? key}=${value}`);
  return `with a tag${checkedWith(tried, [])}`;
}

function withOrWithout(is: Demand['is'], what: string, joint: string, values: readonly string[]): string {
  const given = values.length === 0 ? what : `${what}${joint}${list(values, 'or')}`;
  return `${is === 'one of' || is === 'present' ? 'with' : 'without'} ${given}`;
}

function wayOf(keyId: string, is: Demand['is'], values: readonly string[]): string {
  const isWanted = is === 'one of' || is === 'present';
  if (keyId === 'aws:sourceip' && values.length === 0)
    return isWanted ? 'through a public endpoint' : 'through a VPC endpoint';
  const [wanted, unwanted, what] = ways[keyId] ?? ['with', 'without', keyId];
  const which = values.length === 0 ? article(what || 'address') : `${what} ${list(values, 'or')}`.trimStart();
  return `${isWanted ? wanted : unwanted} ${which}`;
}

const ways: Readonly<Record<string, readonly [wanted: string, unwanted: string, what: string]>> = {
  'aws:sourceip': ['from', 'from outside', ''],
  'aws:vpcsourceip': ['through a VPC endpoint from', 'from outside', ''],
  'aws:sourcevpc': ['from', 'from outside', 'VPC'],
  'aws:sourcevpce': ['through', 'without', 'VPC endpoint'],
};

/** The value that was checked, if the policy has a range or a pattern. */
function checkedWith(tried: readonly string[], values: readonly string[]): string {
  return tried.length === 0 || tried.join() === values.join() ? '' : ` (checked with ${list(tried)})`;
}

/** A step that ends a share, as an imperative without a period. */
export function endedShareText({ snapshot, account }: EndedShare): string {
  return `stop sharing ${shortName(snapshot)} with ${account === 'all' ? 'everybody' : `account ${account}`}`;
}

/** A step that ends outside access to a key, as an imperative without a period. */
export function closingStepText(step: ClosingStep): string {
  switch (step.code) {
    case 'take-account-out':
      return `take account ${step.account} out of ${statementPhrase(step.from)}`;
    case 'remove-statement':
      return `remove ${statementPhrase(step.from)}`;
    case 'limit-statement':
      return `limit ${statementPhrase(step.from)} to callers of ${accountsText(step.accounts)} (kms:CallerAccount)`;
    case 'revoke-grant':
      return `revoke grant ${step.grant} on ${keyText(step.key)}`;
  }
}

function statementPhrase({ statement, policy }: StatementOf): string {
  return `${statementLabel(statement)} of ${policyPhrase(policy)}`;
}

function accountsText(accounts: readonly string[]): string {
  return accounts.length === 1 ? `account ${accounts.join('')}` : `accounts ${list(accounts)}`;
}

/** In a policy, the root user stands for the account. */
function principalText(arn: string): string {
  return isRootArn(arn) ? `account ${accountOf(arn)}` : shortName(arn);
}

function exemptionText({ key, value }: Exemption): string {
  switch (key) {
    case 'aws:PrincipalArn':
      return shortName(value);
    case 'aws:PrincipalAccount':
      return `account ${value}`;
    case 'kms:ViaService':
      return `calls made through ${value}`;
    case 'aws:RequestedRegion':
      return `requests in ${value}`;
    case 'aws:PrincipalIsAWSService':
      return 'AWS services';
  }
}

/** A policy as a person names it. */
export function policyPhrase({ place, isNew, key }: PolicyToName): string {
  switch (place.in) {
    case 'key policy':
      return `the key policy of ${key === undefined ? shortName(place.key) : keyText(key)}`;
    case 'inline policy': {
      const set = permissionSetOf(place.owner);
      if (set !== undefined) return `the inline policy of permission set ${set}`;
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

function keyText({ arn, alias, shows }: KeyToName): string {
  const place = placeOf(arn);
  return `${alias ?? shortName(arn)}${place === undefined ? '' : placeWords(place, shows)}`;
}
