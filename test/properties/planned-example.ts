/* The role and the key of the example that plans of the properties change. */

export const account = '111122223333';
export const keyArn = `arn:aws:kms:eu-west-1:${account}:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23`;
export const role = 'dr-restore';
export const roleArn = `arn:aws:iam::${account}:role/${role}`;

/** A policy with the given statements. */
export const documentOf = (...statements: readonly object[]) => ({ Version: '2012-10-17', Statement: statements });

/** The statement of a key policy that leaves access to the key to the IAM policies of the account. */
export const delegates = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action: 'kms:*',
  Resource: '*',
};
