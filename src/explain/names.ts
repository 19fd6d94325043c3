import { accountOf, isRootArn, nameOf, type Place, parseArn, shortName } from '../base/arn.ts';
import type { BoundKey } from '../check/bind.ts';
import { rdsGrantId } from '../check/call-policies.ts';
import { policyWords } from '../contract/policy-words.ts';
import { ramPolicyName } from '../evidence/lookup.ts';
import type { DecidedBy } from '../policy/authorize.ts';
import type { StatementRef } from '../policy/statement-ref.ts';

/** What decides: a statement or a grant. */
export function decidingName(by: DecidedBy): string {
  return 'grant' in by ? `the grant ${grantName(by.grant)}` : statementName(by);
}

/** A statement within its policy: by its Sid, or else by its path in the JSON. */
export function statementLabel({ sid, statement }: Pick<StatementRef, 'sid' | 'statement'>): string {
  return sid === undefined || sid === '' ? `Statement[${statement}]` : `statement "${sid}"`;
}

/** The name of a statement, with its policy. */
export function statementName(ref: StatementRef): string {
  const { policy, name } = ref;
  const which = statementLabel(ref);
  const whose = policy === 'resource' ? keyPolicyWords(name) : `${policyWords[policy]} ${shortName(name)}`;
  return `${which} of ${whose}`;
}

/**
 * A key as a sentence names it: by its alias, and with its Region and account where things of
 * several take part, for aliases and multi-Region keys have the same names there.
 */
export function keyWords({ alias, arn, region, account, tells }: BoundKey): string {
  const place = placeWords({ region, account }, tells);
  return alias === undefined ? (place === '' ? 'the key' : `${shortName(arn)}${place}`) : `${alias}${place}`;
}

/** The Region and account of a thing, as the end of its name. */
export function placeWords({ region, account }: Place, tells: BoundKey['tells']): string {
  return `${tells.region ? ` in ${region}` : ''}${tells.account ? ` of account ${account}` : ''}`;
}

/**
 * The resource policy: which of the two of a key, or that of a vault; `name`: as decisions name it.
 */
export function keyPolicyWords(name: string): string {
  if (parseArn(name)?.type === 'backup-vault') return `the access policy of vault ${nameOf(name)}`;
  return name.endsWith(ramPolicyName('')) ? 'the second key policy (AWS_RAM)' : 'the key policy';
}

/**
 * The principal of a call as a sentence names it. `owner`: the account of what the call is on. In
 * that account the ARN of the root user means the root user; in another, it means its account.
 */
export function principalWords(arn: string, owner: string): string {
  if (!isRootArn(arn)) return shortName(arn);
  const account = `account ${accountOf(arn)}`;
  return accountOf(arn) === owner ? `the root user of ${account}` : account;
}

/** Completes "the grant": its id, or what it is. */
export function grantName(id: string): string {
  return id === rdsGrantId ? 'that RDS holds on the key' : id;
}
