import type { IncidentRecord } from './incident-record.ts';

/**
 * The CloudTrail event of the demo: in the embedded evidence, the operator tries to restore a
 * snapshot, and the key policy denies the restore. The event has only the fields that the program
 * reads.
 */
export const demoIncident: IncidentRecord = {
  is: 'CloudTrail event',
  event: {
    eventVersion: '1.11',
    eventID: '0d9f6f0e-3c1b-4a57-9d0e-5f1f6a2b7c81',
    eventTime: '2026-11-01T03:14:07Z',
    eventSource: 'rds.amazonaws.com',
    eventName: 'RestoreDBClusterFromSnapshot',
    awsRegion: 'us-east-1',
    sourceIPAddress: '203.0.113.7',
    userIdentity: {
      type: 'AssumedRole',
      arn: 'arn:aws:sts::111122223333:assumed-role/operator/on-call',
      accountId: '111122223333',
      sessionContext: {
        sessionIssuer: { type: 'Role', arn: 'arn:aws:iam::111122223333:role/operator', userName: 'operator' },
        attributes: { creationDate: '2026-11-01T03:02:55Z', mfaAuthenticated: 'true' },
      },
    },
    errorCode: 'KMSKeyNotAccessibleFault',
    errorMessage:
      'The source snapshot KMS key [arn:aws:kms:us-east-1:111122223333:key/6ec1a0bd-4f1e-4e36-a2a4-5b7c9d0e1f23] does not exist, is not enabled or you do not have permissions to access it.',
    requestParameters: {
      dBClusterIdentifier: 'orders-restored',
      snapshotIdentifier: 'orders-before-upgrade',
      engine: 'aurora-postgresql',
    },
    recipientAccountId: '111122223333',
  },
};
