import { parseArn } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { isTypedName } from '../base/principal-arn.ts';
import { isPrincipalName, namedArn } from '../evidence/principal-name.ts';
import { readPrincipalArn } from '../evidence/principals.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { Reader, Subject } from './reader.ts';
import { GetCallerIdentityCommand, STSClient } from './sdk.ts';
import type { ClientSettings } from './settings.ts';

export interface Identity {
  /** The account of the credentials. */
  readonly account: string;
  /** The ARN of the principal in the question. */
  readonly principal: string;
  /** The principal of the credentials. Undefined: AWS refused the read. */
  readonly caller: Evidence['caller'];
}

/**
 * The principal of the credentials, and the principal in the question: `asked`, by ARN or by name
 * in the account of the credentials, or the principal of the credentials itself. If AWS does not
 * name the principal of the credentials and the question has a principal, the credentials are
 * assumed to belong to its account.
 * @throws Failure if the principal of the credentials is not known and the question has none, or
 * `asked` is not a principal
 */
export async function callerIdentity(
  settings: ClientSettings,
  reader: Reader,
  asked: string | undefined,
): Promise<Identity> {
  const client = new STSClient(settings);
  const subject: Subject = { what: 'sts:GetCallerIdentity' };
  const ask = () => client.send(new GetCallerIdentityCommand({}));
  if (asked === undefined) {
    const { account, arn } = named(await reader.need(subject, ask));
    return { account, principal: arn, caller: { Arn: arn, Account: account } };
  }
  if (isPrincipalName(asked)) {
    // Without the account of the credentials, a name means nothing.
    const { account, arn } = named(await reader.need(subject, ask));
    // Only a list of users and roles shows the type of a bare name. A role is more likely.
    const principal = namedArn(
      parseArn(arn)?.partition ?? 'aws',
      account,
      isTypedName(asked) ? asked : `role/${asked}`,
    );
    return { account, principal, caller: { Arn: arn, Account: account } };
  }
  const own = readPrincipalArn(asked).account;
  const answer = await reader.read(subject, ask);
  if (answer === undefined) return { account: own, principal: asked, caller: undefined };
  const { account, arn } = named(answer);
  return { account, principal: asked, caller: { Arn: arn, Account: account } };
}

function named({ Account, Arn }: { Account?: string | undefined; Arn?: string | undefined }) {
  if (Account === undefined || Arn === undefined)
    throw new Failure('aws', 'sts:GetCallerIdentity: the answer has no caller');
  return { account: Account, arn: Arn };
}
