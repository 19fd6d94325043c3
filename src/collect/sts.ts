import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Failure } from '../failure.ts';
import type { Reader } from './reader.ts';
import type { ClientSettings } from './settings.ts';

export interface Identity {
  readonly arn: string;
  readonly account: string;
}

/** Whose the credentials are. @throws Failure */
export async function callerIdentity(settings: ClientSettings, reader: Reader): Promise<Identity> {
  const client = new STSClient(settings);
  const { Arn: arn, Account: account } = await reader.need({ what: 'sts:GetCallerIdentity' }, () =>
    client.send(new GetCallerIdentityCommand({})),
  );
  if (arn === undefined || account === undefined)
    throw new Failure('aws', 'sts:GetCallerIdentity: AWS names no caller');
  return { arn, account };
}
