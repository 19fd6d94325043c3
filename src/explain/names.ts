import { accountOf, isRootArn, nameOf, type Place, parseArn, shortName } from '../base/arn.ts';
import { withAddress } from '../base/planned-name.ts';
import type { BoundKey } from '../check/bind.ts';
import { rdsGrantId } from '../check/call-policies.ts';
import { policyWords } from '../contract/policy-words.ts';
import { ramPolicyName } from '../evidence/lookup.ts';
import type { DecidedBy } from '../policy/authorize.ts';
import type { StatementRef } from '../policy/statement-ref.ts';

/** The deciding statement or grant. */
export function decidingName(by: DecidedBy): string {
  return 'grant' in by ? `the grant ${grantName(by.grant)}` : statementName(by);
}

/**
 * The label of a statement within its policy: its Sid, or else its path in the JSON. A Sid that several
 * statements have needs the path, too.
 */
export function statementLabel({
  sid,
  statement,
  sidIsShared,
}: Pick<StatementRef, 'sid' | 'statement' | 'sidIsShared'>): string {
  const path = `Statement[${statement}]`;
  if (sid === undefined || sid === '') return path;
  return sidIsShared === true ? `statement "${sid}" (${path})` : `statement "${sid}"`;
}

/** The name of a statement, with its policy. */
export function statementName(ref: StatementRef): string {
  const { policy, name } = ref;
  const which = statementLabel(ref);
  const whose = policy === 'resource' ? keyPolicyWords(name) : `${policyWords[policy]} ${shortName(name)}`;
  return `${which} of ${whose}`;
}

/**
 * The name of a key in a sentence: its alias. If several Regions or accounts take part, the name
 * includes the place, because aliases and multi-Region keys have the same names there.
 */
export function keyWords({ alias, arn, region, account, shows, isAnyKey }: BoundKey): string {
  const name = isAnyKey === true ? 'the key' : alias === undefined ? shortName(arn) : withAddress(alias);
  return `${name}${placeWords({ region, account }, shows)}`;
}

/** The Region and account of a resource, as the end of its name. */
export function placeWords({ region, account }: Place, shows: BoundKey['shows']): string {
  return `${shows.region ? ` in ${region}` : ''}${shows.account ? ` of account ${account}` : ''}`;
}

/**
 * The resource policy: one of the two policies of a key, or the policy of a vault or bucket. `name`:
 * the name that decisions use.
 */
export function keyPolicyWords(name: string): string {
  if (parseArn(name)?.type === 'backup-vault') return `the access policy of vault ${nameOf(name)}`;
  if (parseArn(name)?.service === 's3') return `the policy of bucket ${parseArn(name)?.resource}`;
  return name.endsWith(ramPolicyName('')) ? 'the second key policy (AWS_RAM)' : 'the key policy';
}

/**
 * The principal of a call in a sentence. `owner`: the account of the call's resource. In that
 * account, the ARN of the root user means the root user. In another account, it means the account.
 */
export function principalWords(arn: string, owner: string): string {
  if (!isRootArn(arn)) return shortName(arn);
  const account = `account ${accountOf(arn)}`;
  return accountOf(arn) === owner ? `the root user of ${account}` : account;
}

/** Completes "the grant": with its ID, or with a description. */
export function grantName(id: string): string {
  return id === rdsGrantId ? 'that RDS holds on the key' : id;
}

/** A key in a sentence, by its name: `key 0123` or `key alias/orders`, but not `key key/0123`. */
export function keyPhrase(name: string): string {
  return name.startsWith('key/') ? `key ${name.slice('key/'.length)}` : `key ${name}`;
}
