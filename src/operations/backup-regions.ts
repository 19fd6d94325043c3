/**
 * The Regions to which automated backups of a Region can be replicated, as AWS's user guide lists
 * them (rds-kms-operations-2 6).
 */
const destinations: ReadonlyMap<string, string> = new Map([
  ['af-south-1', 'eu-central-1 eu-west-1 eu-west-2'],
  ['ap-east-1', 'ap-southeast-1 ap-northeast-1'],
  ['ap-northeast-1', 'ap-east-1 ap-northeast-3 ap-northeast-2 ap-southeast-1 us-east-1 us-east-2 us-west-2'],
  ['ap-northeast-2', 'ap-southeast-1 ap-northeast-1 us-east-1 us-east-2 us-west-2'],
  ['ap-northeast-3', 'ap-northeast-1'],
  ['ap-south-1', 'ap-south-2 ap-southeast-1 us-east-1 us-east-2 us-west-2'],
  ['ap-south-2', 'ap-south-1'],
  [
    'ap-southeast-1',
    'ap-east-1 ap-southeast-5 ap-south-1 ap-northeast-2 ap-southeast-2 ap-northeast-1 us-east-1 us-east-2 us-west-2',
  ],
  ['ap-southeast-2', 'ap-southeast-4 ap-southeast-1 us-east-1 us-west-1 us-west-2'],
  ['ap-southeast-4', 'ap-southeast-2'],
  ['ap-southeast-5', 'ap-southeast-1'],
  ['ca-central-1', 'ca-west-1 eu-west-1 us-east-1 us-east-2 us-west-1 us-west-2'],
  ['ca-west-1', 'ca-central-1'],
  ['cn-north-1', 'cn-northwest-1'],
  ['cn-northwest-1', 'cn-north-1'],
  ['eu-central-1', 'af-south-1 eu-west-1 eu-west-2 eu-west-3 eu-north-1 eu-central-2 us-east-1 us-east-2 us-west-2'],
  ['eu-central-2', 'eu-central-1 eu-west-1'],
  ['eu-north-1', 'eu-central-1 eu-west-1 eu-west-2 eu-west-3 us-east-1'],
  [
    'eu-west-1',
    'af-south-1 ca-central-1 eu-central-1 eu-west-2 eu-west-3 eu-north-1 eu-central-2 us-east-1 us-east-2 us-west-1 us-west-2',
  ],
  ['eu-west-2', 'af-south-1 eu-central-1 eu-west-1 eu-west-3 eu-north-1 us-east-1'],
  ['eu-west-3', 'eu-central-1 eu-west-1 eu-west-2 eu-north-1 us-east-1'],
  ['sa-east-1', 'us-east-1 us-east-2'],
  [
    'us-east-1',
    'ap-south-1 ap-northeast-2 ap-southeast-1 ap-southeast-2 ap-northeast-1 ca-central-1 eu-central-1 eu-west-1 eu-west-2 eu-west-3 eu-north-1 sa-east-1 us-east-2 us-west-1 us-west-2',
  ],
  [
    'us-east-2',
    'ap-south-1 ap-northeast-2 ap-southeast-1 ap-northeast-1 ca-central-1 eu-central-1 eu-west-1 sa-east-1 us-east-1 us-west-1 us-west-2',
  ],
  ['us-gov-east-1', 'us-gov-west-1'],
  ['us-gov-west-1', 'us-gov-east-1'],
  ['us-west-1', 'ap-southeast-2 ca-central-1 eu-west-1 us-east-1 us-east-2 us-west-2'],
  [
    'us-west-2',
    'ap-south-1 ap-northeast-2 ap-southeast-1 ap-southeast-2 ap-northeast-1 ca-central-1 eu-central-1 eu-west-1 us-east-1 us-east-2 us-west-1',
  ],
]);

/** Whether AWS lists that automated backups of one Region can be replicated to another. */
export function areBackupsReplicated(from: string, to: string): boolean {
  return destinations.get(from)?.split(' ').includes(to) === true;
}
