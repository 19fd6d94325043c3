/*
 * A key that a plan creates has no ID before the apply, and a database may have no name. The
 * address in the configuration replaces it, so that reports use the name that the owner knows.
 */

/** Replaces the ID of a new key. It contains no character with a meaning in ARNs or policies. */
export function plannedKeyId(address: string): string {
  return encodeURIComponent(address.replaceAll(/\p{Surrogate}/gu, '-')).replaceAll(
    /[!~*'()]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
}

/**
 * The address of a planned key, by the resource of its ARN. Undefined: the key exists, or it is not
 * a key.
 */
export function addressOfPlannedKey(resource: string): string | undefined {
  if (!resource.startsWith('key/')) return undefined;
  const [, id] = /^key\/(?:mrk-)?((?:module\.|aws_kms_).+)$/.exec(resource) ?? [];
  if (id === undefined) return undefined;
  try {
    return decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

/**
 * The field of a key with the address of a planned replica, whose ID, and so its ARN, has the address
 * of its primary key.
 */
export const replicaAddress = 'PlannedAddress';

/** The known start of the ARN of a planned key. Undefined: the key exists, or it is not a key. */
export function startOfPlannedKey(arn: string): string | undefined {
  const [, start, resource = ''] = /^(arn:[^:]+:kms:[^:]*:[^:]*:)(key\/.+)$/.exec(arn) ?? [];
  return start === undefined || addressOfPlannedKey(resource) === undefined ? undefined : `${start}key/`;
}

/**
 * A name with the address as it is in the configuration, if the name is the placeholder of a planned
 * resource. Other names stay unchanged: no key, alias, database or snapshot has a percent sign in
 * its name.
 */
export function withAddress(name: string): string {
  if (!name.includes('%') || !beginsAddress.test(name)) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

const beginsAddress = /(?:module\.|aws_)/;

/** Whether a text may be the address of a planned resource, as `withAddress` writes it. */
export function isAddress(text: string): boolean {
  return beginsAddress.test(text);
}

/**
 * A placeholder for the name of a database or snapshot that is known only after apply. No name of
 * RDS has an underscore. `beginning`: the known beginning of the name.
 */
export function plannedName(address: string, beginning: string): string {
  // RDS stores names in lower case.
  return `${beginning}${plannedKeyId(address)}`.toLowerCase();
}

/**
 * The known start of the ARN of a database or snapshot with such a name. Undefined: the name is
 * known.
 */
export function beginningOfPlanned(arn: string): string | undefined {
  return /^(arn:[^:]+:rds:[^:]*:[^:]*:(?:cluster|db|cluster-snapshot|snapshot):.*?)(?:module\.|aws_).+$/.exec(arn)?.[1];
}

/** The known start of the name of a database or snapshot. Undefined: the whole name is known. */
export function beginningOfName(name: string): string | undefined {
  return /^(.*?)(?:module\.|aws_).+$/.exec(name)?.[1];
}

const laterMark = 'known-after-apply';

/**
 * A placeholder for the name of a principal, policy, group, vault or bucket that is known only after
 * apply. `beginning`: the known beginning of the name.
 */
export function plannedOther(address: string, beginning: string): string {
  return `${beginning}${laterMark}-${address.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')}`;
}

/** Stands for the Region of a bucket that a plan deletes, because only the apply shows whether it is gone. */
export const regionOfDeletedBucket = laterMark;

/** Whether a name is such a placeholder. */
export function isLaterName(name: string): boolean {
  return name.includes(laterMark);
}

/** A placeholder for the path of a user, role, group or policy. */
export const plannedPath = `/${laterMark}/`;

/**
 * The known start of the ARN of a resource whose name or path is known only after apply. Undefined:
 * the whole ARN is known.
 */
export function beginningOfLater(arn: string): string | undefined {
  if (!arn.includes(laterMark)) return beginningOfPlanned(arn);
  return new RegExp(`^(arn:.*?)${laterMark}[-/]`).exec(arn)?.[1];
}

/** Whether a resource whose name or path is known only after apply may get an ARN. */
export function mayGetArn(later: string, arn: string): boolean {
  const beginning = beginningOfLater(later);
  return beginning !== undefined && arn.startsWith(beginning) && arn.length > beginning.length;
}

/** Whether the path of such a resource is not known. */
export function isPathLater(arn: string): boolean {
  return arn.includes(plannedPath);
}

/**
 * A placeholder for the name of an alias that the provider will choose. No name of an alias has a
 * period. `beginning`: the known beginning of the name.
 */
export function plannedAlias(address: string, beginning: string): string {
  return `${beginning}${plannedKeyId(address)}`;
}

/** The known start of such a name. Undefined: the name is known. */
export function beginningOfAlias(name: string): string | undefined {
  return /^(alias\/.*?)(?:module\.|aws_kms_alias\.).+$/.exec(name)?.[1];
}

/** Why something of a planned resource is not in the evidence. */
export const knownAfterApply = 'known only after the apply';

const laterPrefix = 'aws:KnownAfterApply/';

/**
 * The condition key that represents a fact that is known only after apply. A request may carry any
 * global key that the program does not know, so a test on this one stays open. A key of another
 * service would not work: no request carries it. `statement`: which statement of the resource is
 * meant. Each has a key of its own, because one statement may apply to a request and another may
 * not.
 */
export function laterKey(address: string, statement?: number): string {
  return statement === undefined ? `${laterPrefix}${address}` : `${laterPrefix}${statement}/${address}`;
}

/**
 * The tags of a request that are known only after apply. No tag of a user begins with `aws:`.
 */
export const laterTags: Readonly<Record<string, string>> = { [laterKey('tags')]: '' };

/** Whether the tags are not known. */
export function areLaterTags(tags: Readonly<Record<string, string>>): boolean {
  return Object.hasOwn(tags, laterKey('tags'));
}

/** The address in such a condition key. Undefined: another key. */
export function addressOfLaterKey(key: string): string | undefined {
  return key.startsWith(laterPrefix) ? key.slice(laterPrefix.length).replace(/^\d+\//, '') : undefined;
}

/**
 * A placeholder for a managed policy, if a plan does not show which policy a principal has. It counts
 * as a policy that was not read.
 */
export const hiddenPolicy = `arn:aws:iam::000000000000:policy/${laterMark}`;

/** A placeholder for the version of a managed policy whose text is known only after apply. */
export const laterVersion = laterMark;
