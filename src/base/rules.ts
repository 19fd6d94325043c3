/**
 * The rules that code cites, each with its title and its page in docs/rules, the rule book. Nothing
 * else can be cited where a user sees the citation.
 */
export const citedRules = {
  'iam-evaluation 2.16': {
    title: 'NotPrincipal has to list the account, the role and the session',
    page: 'statements.md',
  },
  'iam-evaluation 10.4': {
    title: 'Whether ForAnyValue with IfExists matches an absent key is disputed',
    page: 'disputed.md',
  },
  'iam-evaluation 10.8': { title: 'Whether ArnLike takes * for any ARN is disputed', page: 'disputed.md' },
  'iam-evaluation 10.15': {
    title: 'Whether the first parts of a Resource ARN ignore case is disputed',
    page: 'disputed.md',
  },
  'iam-evaluation 11.1': {
    title: 'Whether the principal {"AWS": "*"} covers AWS services is not published',
    page: 'not-established.md',
  },
  'iam-evaluation 11.3': {
    title: 'Whether an account as grantee also needs an identity policy is not published',
    page: 'not-established.md',
  },
  'iam-evaluation 11.4': {
    title: 'How a key policy evaluates tests on tags and aliases is not published',
    page: 'not-established.md',
  },
  'iam-evaluation 11.9': {
    title: "Whether a star inside an ARN's first parts crosses a colon is not published",
    page: 'not-established.md',
  },
  'iam-evaluation 11.10': {
    title: "Whether wildcards in a variable's value count as wildcards is not published",
    page: 'not-established.md',
  },
  'iam-evaluation 11.13': {
    title: 'How AWS reads unusual dates and ARN patterns is not published',
    page: 'not-established.md',
  },
  'iam-evaluation 14.18': {
    title: 'Whether an RCP applies to an action without a resource is not published',
    page: 'decision.md',
  },
  'iam-evaluation 14.19': {
    title: 'Whether a wildcard Allow outweighs a silent boundary or session policy is open',
    page: 'decision.md',
  },
  'rds-kms-operations 1.1': {
    title: 'What the ARN of an RDS resource shows: Region, account, type',
    page: 'rds-actions.md',
  },
  'rds-kms-operations 1.2': {
    title: 'Actions that each RDS operation needs, on which resources',
    page: 'rds-actions.md',
  },
  'rds-kms-operations 1.3': { title: 'Texts of a denial of an RDS call', page: 'errors.md' },
  'rds-kms-operations 2.1': { title: 'Errors that each RDS operation declares', page: 'errors.md' },
  'rds-kms-operations 2.2': { title: 'Error messages that were seen', page: 'errors.md' },
  'rds-kms-operations 3.1': {
    title: 'Condition keys of the KMS calls that RDS forwards as the caller',
    page: 'rds-calls.md',
  },
  'rds-kms-operations 3.2': { title: 'RDS uses the key through its own grant', page: 'rds-calls.md' },
  'rds-kms-operations 4.1': { title: 'The caller needs no KMS permission to create a snapshot', page: 'snapshot.md' },
  'rds-kms-operations 4.2': {
    title: 'Restoring from a snapshot makes two KMS calls as the caller',
    page: 'restore.md',
  },
  'rds-kms-operations 4.3': { title: 'Restoring to a point in time makes the same KMS calls', page: 'restore.md' },
  'rds-kms-operations 4.4': { title: 'Cloning makes the same KMS calls, also across accounts', page: 'restore.md' },
  'rds-kms-operations 4.5': { title: "Copying a snapshot needs the source's key and the new key", page: 'copy.md' },
  'rds-kms-operations 4.6': { title: 'Sharing a snapshot needs no KMS permission', page: 'share.md' },
  'rds-kms-operations 4.7': { title: 'An export needs a role, a bucket and a key', page: 'export.md' },
  'rds-kms-operations 4.8': {
    title: 'Creating a database makes two KMS calls for each key that it names',
    page: 'create.md',
  },
  'rds-kms-operations 4.9': { title: 'A copy or replica in another Region needs a key there', page: 'copy.md' },
  'rds-kms-operations 4.10': {
    title: 'What deleting a cluster or an instance needs',
    page: 'delete.md',
  },
  'rds-kms-operations 4.11': {
    title: 'Starting needs a usable key, and not every cluster can be stopped',
    page: 'start-stop.md',
  },
  'rds-kms-operations 4.12': { title: 'AWS Backup calls RDS and KMS as its role', page: 'backup.md' },
  'rds-kms-operations 5': { title: 'The key must be symmetric, enabled and in the Region', page: 'keys.md' },
  'rds-kms-operations 6': { title: 'Which policies apply to which call', page: 'rds-calls.md' },
  'rds-kms-operations 8.1': { title: 'What happens to a database that loses its key', page: 'keys.md' },
  'rds-kms-operations 10': { title: 'How Aurora clusters and RDS instances differ', page: 'aurora-and-rds.md' },
  'rds-kms-operations 11': {
    title: 'An action is needed on every resource that the request names',
    page: 'rds-actions.md',
  },
  'rds-kms-operations-2 1': {
    title: 'Taking a key out of use cannot be undone for some databases',
    page: 'more-operations.md',
  },
  'rds-kms-operations-2 2': { title: 'Modifying a cluster or an instance', page: 'more-operations.md' },
  'rds-kms-operations-2 3': { title: 'Who makes the AWS Backup calls, and what they need', page: 'backup.md' },
  'rds-kms-operations-2 4': { title: 'A global database needs a key in each Region', page: 'more-operations.md' },
  'rds-kms-operations-2 6': {
    title: 'Replicating automated backups needs a key in the destination Region',
    page: 'more-operations.md',
  },
  'rds-kms-operations-2 7': {
    title: 'A logically air-gapped vault encrypted with a customer managed key',
    page: 'more-operations.md',
  },
  'rds-kms-operations-2 8': {
    title: 'Starting an activity stream needs a customer managed key',
    page: 'more-operations.md',
  },
  'rds-kms-operations-2 9': {
    title: 'A zero-ETL integration needs the key policy to allow Redshift',
    page: 'more-operations.md',
  },
  'rds-kms-operations-2 11': {
    title: 'Further operations, and DocumentDB, Neptune and Aurora DSQL',
    page: 'more-operations.md',
  },
  'rds-kms-operations-2 12.3': { title: "What a read replica's source must be", page: 'create.md' },
  'rds-kms-operations-2 12.4': { title: 'Instances that cannot be stopped', page: 'start-stop.md' },
  'rds-kms-operations-2 12.5': { title: 'When an instance can be deleted', page: 'delete.md' },
  'rds-kms-operations-2 12.6': { title: 'Deleting a Multi-AZ DB cluster deletes its instances', page: 'delete.md' },
  'rds-kms-operations-2 12.7': { title: 'A restored instance inherits the tags of its source', page: 'restore.md' },
  'rds-kms-operations-2 12.8': {
    title: 'A managed password needs KMS and Secrets Manager permissions',
    page: 'create.md',
  },
  'rds-kms-operations-2 13.1': {
    title: "The destination's backup role copies to another account",
    page: 'backup.md',
  },
  'rds-kms-operations-2 13.2': {
    title: 'Names of default parameter, option and subnet groups',
    page: 'rds-actions.md',
  },
  'rds-kms-operations-2 13.3': { title: 'One error code has many messages', page: 'errors.md' },
  'rds-kms-operations-2 13.5': {
    title: 'Limits on stop, copy and export of Multi-AZ DB clusters',
    page: 'start-stop.md',
  },
  'rds-kms-operations-2 13.8': {
    title: 'AWS was seen to deny kms:DescribeKey on aws/secretsmanager',
    page: 'create.md',
  },
  'rds-kms-operations-2 13.10': {
    title: 'A source is in the Region of the call, unless a copy names another by ARN',
    page: 'copy.md',
  },
  'rds-kms-operations-2 14.1': {
    title: 'Only manual snapshots can be deleted, which needs no KMS permission',
    page: 'delete.md',
  },
  'rds-kms-operations-2 14.2': {
    title: 'The caller needs no KMS permission to reboot an instance',
    page: 'start-stop.md',
  },
  'rds-kms-operations-2 14.3': { title: 'Promoting a replica needs no KMS permission', page: 'start-stop.md' },
  'rds-kms-operations-2 14.4': {
    title: 'Upgrading a DB snapshot is for manual snapshots that are not shared',
    page: 'more-operations.md',
  },
  'rds-kms-operations-2 14.5': {
    title: 'A request may name roles, and keys for the password and Performance Insights',
    page: 'create.md',
  },
  'rds-kms-operations-2 14.6': {
    title: 'Instances are restored from Multi-AZ DB clusters, and clusters replicate instances',
    page: 'create.md',
  },
  'rds-kms-operations-2 14.7': {
    title: 'A DB instance of RDS Custom needs an instance profile',
    page: 'create.md',
  },
  'rds-kms-operations-2 15.1': { title: 'In which state KMS takes a key out of use', page: 'keys.md' },
  'rds-kms-operations-2 15.2': {
    title: 'Deleting imported key material takes effect at once, and KMS keeps no copy',
    page: 'keys.md',
  },
  'rds-kms-operations-2 15.3': {
    title: 'Related multi-Region keys are disabled and deleted one by one',
    page: 'keys.md',
  },
  'rds-kms-operations-2 15.4': {
    title: 'A new key policy does not affect resources that run on a grant',
    page: 'keys.md',
  },
  'rds-kms-operations-2 15.5': {
    title: 'What else cannot be read without its key: metrics, streams, secrets, exports',
    page: 'keys.md',
  },
  'rds-kms-operations-2 15.6': { title: 'When a key was last used proves nothing about backups', page: 'keys.md' },
} as const satisfies Readonly<Record<string, { readonly title: string; readonly page: string }>>;

export type RuleId = keyof typeof citedRules;

/** A rule, as reports show it. `path`: in the package, with the anchor of the rule. */
export interface CitedRule {
  readonly id: RuleId;
  readonly title: string;
  readonly path: string;
}

export function citedRule(id: RuleId): CitedRule {
  const { title, page } = citedRules[id];
  return { id, title, path: `docs/rules/${page}#${id.replaceAll(' ', '-')}` };
}
