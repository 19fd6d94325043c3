import { partitionOf } from './partition.ts';
import { addressOfPlannedKey, withAddress } from './planned-name.ts';

/**
 * An Amazon Resource Name, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`. It is parsed once, and
 * no other code splits it. `region` and `account` are empty if the service has none (IAM is
 * global). The account of an AWS managed policy is `aws`.
 */
export interface Arn {
  /** As it was written. */
  readonly text: string;
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** The last part, which may contain colons: `cluster-snapshot:rds:orders-2026-11-01-03-10`. */
  readonly resource: string;
  /** The resource up to its first `/` or `:`, such as `role` or `cluster-snapshot`. */
  readonly type: string;
  /**
   * The resource after its type: `path/operator`, `rds:orders-2026-11-01-03-10`. Empty if there is
   * nothing, as in `root`.
   */
  readonly name: string;
}

/** The account and Region of RDS resources and KMS keys. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** An account and a Region, as far as they are known. */
export interface KnownPlace {
  readonly account: string | undefined;
  readonly region: string | undefined;
}

/** Whether two places are the same account and Region. What is not known of both counts as the same. */
export function isSamePlace(one: KnownPlace | undefined, other: KnownPlace | undefined): boolean {
  return one?.account === other?.account && one?.region === other?.region;
}

/**
 * Splits a text at its first five colons. Parts may be empty. Undefined: the text is not an ARN.
 */
export function parseArn(text: string): Arn | undefined {
  if (!isArn(text)) return undefined;
  // Written without a loop, because every decision reads ARNs, and a list of the parts would take
  // twice as long.
  const partition = 'arn:'.length;
  const service = text.indexOf(':', partition) + 1;
  const region = service === 0 ? 0 : text.indexOf(':', service) + 1;
  const account = region === 0 ? 0 : text.indexOf(':', region) + 1;
  const rest = account === 0 ? 0 : text.indexOf(':', account) + 1;
  if (rest === 0) return undefined;
  const resource = text.slice(rest);
  const { type, name } = typeAndName(resource);
  return Object.freeze({
    text,
    partition: text.slice(partition, service - 1),
    service: text.slice(service, region - 1),
    region: text.slice(region, account - 1),
    account: text.slice(account, rest - 1),
    resource,
    type,
    name,
  });
}

/** The two parts of a resource: `role` and `team/operator` for `role/team/operator`. */
export function typeAndName(resource: string): Pick<Arn, 'type' | 'name'> {
  const [slash, colon] = [resource.indexOf('/'), resource.indexOf(':')];
  const end = slash < 0 || (colon >= 0 && colon < slash) ? colon : slash;
  return end < 0 ? { type: resource, name: '' } : { type: resource.slice(0, end), name: resource.slice(end + 1) };
}

/** The six colon-separated parts of an ARN or of an ARN pattern. Undefined: there are fewer. */
export function arnParts(text: string): readonly string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  for (let index = 0; index < 5; index++) {
    const colon = text.indexOf(':', from);
    if (colon < 0) return undefined;
    parts.push(text.slice(from, colon));
    from = colon + 1;
  }
  parts.push(text.slice(from));
  return parts;
}

/**
 * An ARN pattern with stars for its missing parts, as IAM reads it (iam-evaluation 2.25). Other
 * texts stay unchanged.
 */
export function filledUp(pattern: string): string {
  return isArn(pattern) ? `${pattern}${':*'.repeat(Math.max(0, 6 - pattern.split(':').length))}` : pattern;
}

/** The part before the account in an ARN or in a pattern of ARNs: `arn:aws:kms:us-east-1`. */
export function beforeAccount(text: string): string {
  let end = -1;
  for (let colons = 0; colons < 4; colons++) {
    end = text.indexOf(':', end + 1);
    if (end < 0) return text;
  }
  return text.slice(0, end);
}

/** Whether a text should be an ARN. No name that AWS allows begins with `arn:`. */
export function isArn(text: string): boolean {
  return text.startsWith('arn:');
}

/** The resource of an ARN. Other texts stay unchanged. */
export function resourceIn(text: string): string {
  return parseArn(text)?.resource ?? text;
}

/**
 * The part of an ARN that people use as a name: `role/operator`, `cluster-snapshot:orders`, or the
 * address of a resource that a plan creates. Other texts stay unchanged.
 */
export function shortName(text: string): string {
  const resource = resourceIn(text);
  return addressOfPlannedKey(resource) ?? withAddress(resource);
}

/**
 * The part after the last `/` of a name or an ARN: the name of a role without its path, or the ID
 * of a key.
 */
export function withoutPath(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/**
 * Whether an IAM ARN has a name within its account, such as `role/operator` or
 * `role/team/operator`. The path may be left out.
 */
export function isNamed(text: string, name: string): boolean {
  const arn = parseArn(text);
  if (arn === undefined || arn.service !== 'iam') return false;
  if (arn.resource === name) return true;
  const own = typeAndName(name);
  return arn.type === own.type && own.name !== '' && withoutPath(arn.name) === own.name;
}

/** Whether a text is the ARN of an AWS managed policy, which is the same in every account. */
export function isAwsPolicyArn(text: string): boolean {
  const arn = parseArn(text);
  return arn?.service === 'iam' && arn.account === 'aws' && arn.type === 'policy';
}

/** The account of an ARN. Empty if the text is not an ARN or has no account. */
export function accountOf(text: string): string {
  return parseArn(text)?.account ?? '';
}

/** The type of an ARN's resource: `role`, `cluster-snapshot`. Empty if the text is not an ARN. */
export function resourceTypeOf(text: string): string {
  return parseArn(text)?.type ?? '';
}

/** Whether a text is the ARN of an account and its root user. */
export function isRootArn(text: string): boolean {
  const arn = parseArn(text);
  return arn?.service === 'iam' && arn.resource === 'root';
}

/**
 * The name of an ARN's resource without its type: `orders` for `arn:...:cluster:orders`. Empty if
 * the text is not an ARN.
 */
export function nameOf(text: string): string {
  return parseArn(text)?.name ?? '';
}

/** The account and Region of an RDS or KMS ARN. Undefined: the text is not such an ARN. */
export function placeOf(text: string): Place | undefined {
  const [, region, account] = /^arn:[^:]*:(?:rds|kms):([a-z0-9-]+):(\d{12}):/.exec(text) ?? [];
  return region === undefined || account === undefined ? undefined : { account, region };
}

/** Twelve digits. */
export function isAccountId(text: string): boolean {
  return /^\d{12}$/.test(text);
}

/** Whether a text is the ARN of a KMS key. */
export function isKeyArn(text: string): boolean {
  const arn = parseArn(text);
  return arn?.service === 'kms' && arn.type === 'key';
}

/** Whether a text is the ARN of an alias of a KMS key. */
export function isAliasArn(text: string): boolean {
  const arn = parseArn(text);
  return arn?.service === 'kms' && arn.type === 'alias';
}

/** Whether a text is the ARN of a snapshot of a cluster. */
export function isClusterSnapshotArn(text: string): boolean {
  const arn = parseArn(text);
  return arn?.service === 'rds' && arn.type === 'cluster-snapshot';
}

/** An ARN with some of its parts replaced. */
export function arnWith(arn: Arn, parts: Partial<Pick<Arn, 'service' | 'region' | 'account' | 'resource'>>): string {
  const { partition, service, region, account, resource } = { ...arn, ...parts };
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

/** An ARN of IAM: `iamArn('aws', '111122223333', 'role/operator')`. */
export function iamArn(partition: string, account: string, resource: string): string {
  return `arn:${partition}:iam::${account}:${resource}`;
}

/** An ARN of STS: `stsArn('aws', '111122223333', 'assumed-role/operator/on-call')`. */
export function stsArn(partition: string, account: string, resource: string): string {
  return `arn:${partition}:sts::${account}:${resource}`;
}

/** The ARN of an account, which is also the ARN of its root user. */
export function rootArn(partition: string, account: string): string {
  return iamArn(partition, account, 'root');
}

/** An ARN of RDS in the partition of its Region: `rdsArn(place, 'cluster:orders')`. */
export function rdsArn(place: Place, resource: string): string {
  return regionalArn('rds', place, resource);
}

/** An ARN of KMS in the partition of its Region: `kmsArn(place, 'alias/orders')`. */
export function kmsArn(place: Place, resource: string): string {
  return regionalArn('kms', place, resource);
}

/** The ARN of an S3 bucket, or of objects in it. It has neither Region nor account. */
export function bucketArn(partition: string, bucket: string): string {
  return `arn:${partition}:s3:::${bucket}`;
}

/** An ARN in the partition of its Region. */
export function regionalArn(service: string, { account, region }: Place, resource: string): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;
}
