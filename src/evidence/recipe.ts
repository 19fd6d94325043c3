/*
 * How evidence is put together with the AWS CLI alone. The commands are data: the script is made of them, and whoever lacks a list is told the
 * command that prints it.
 */

/** A field of evidence, the read that fills it, and the command that prints it in the shape that evidence has. */
export interface Piece {
  readonly name: string;
  /** The IAM action that the command needs. */
  readonly action: string;
  /** Without --region and, of a key, --key-id. */
  readonly command: string;
}

/** IAM leaves out the inline policies of a user that has none; what is left out here would be unknown. Of policies only the default version counts. */
const iamFields = [
  'UserDetailList: UserDetailList[].merge({UserPolicyList: `[]`, Tags: `[]`}, @)',
  'GroupDetailList: GroupDetailList',
  'RoleDetailList: RoleDetailList[].merge({RolePolicyList: `[]`, Tags: `[]`}, @)',
  'Policies: Policies[].merge(@, {PolicyVersionList: PolicyVersionList[?IsDefaultVersion]})',
];

/** `accounts.<id>.iam` */
export const iamPiece = {
  name: 'iam',
  action: 'iam:GetAccountAuthorizationDetails',
  command: `aws iam get-account-authorization-details --query '{${iamFields.join(', ')}}'`,
} as const satisfies Piece;

/** `accounts.<id>.regions.<Region>.rds` */
export const rdsPieces = [
  { name: 'DBClusters', action: 'rds:DescribeDBClusters', command: 'aws rds describe-db-clusters --query DBClusters' },
  {
    name: 'DBClusterSnapshots',
    action: 'rds:DescribeDBClusterSnapshots',
    command: 'aws rds describe-db-cluster-snapshots --include-shared --query DBClusterSnapshots',
  },
  {
    name: 'DBInstances',
    action: 'rds:DescribeDBInstances',
    command: 'aws rds describe-db-instances --query DBInstances',
  },
  {
    name: 'DBSnapshots',
    action: 'rds:DescribeDBSnapshots',
    command: `aws rds describe-db-snapshots --include-shared --query "DBSnapshots[?SnapshotType!='awsbackup']"`,
  },
  {
    name: 'DBClusterAutomatedBackups',
    action: 'rds:DescribeDBClusterAutomatedBackups',
    command:
      "aws rds describe-db-cluster-automated-backups --query 'DBClusterAutomatedBackups[?DBClusterAutomatedBackupsArn]'",
  },
  {
    name: 'DBInstanceAutomatedBackups',
    action: 'rds:DescribeDBInstanceAutomatedBackups',
    command:
      "aws rds describe-db-instance-automated-backups --query 'DBInstanceAutomatedBackups[?DBInstanceAutomatedBackupsArn]'",
  },
  {
    name: 'ExportTasks',
    action: 'rds:DescribeExportTasks',
    command: 'aws rds describe-export-tasks --query ExportTasks',
  },
  {
    name: 'AccountQuotas',
    action: 'rds:DescribeAccountAttributes',
    command: 'aws rds describe-account-attributes --query AccountQuotas',
  },
] as const satisfies readonly Piece[];

/** `accounts.<id>.regions.<Region>.kms.keys[]` */
export const keyPieces = [
  {
    name: 'Policy',
    action: 'kms:GetKeyPolicy',
    command: 'aws kms get-key-policy --policy-name default --query Policy',
  },
  { name: 'Grants', action: 'kms:ListGrants', command: 'aws kms list-grants --query Grants' },
  { name: 'Aliases', action: 'kms:ListAliases', command: 'aws kms list-aliases --query Aliases' },
  { name: 'Tags', action: 'kms:ListResourceTags', command: 'aws kms list-resource-tags --query Tags' },
] as const satisfies readonly Piece[];

/** In `accounts.<id>.regions.<Region>.rds` as well: of each manual snapshot, which `flag` names, with whom it is shared. */
export const attributePieces = [
  {
    name: 'DBClusterSnapshotAttributes',
    action: 'rds:DescribeDBClusterSnapshotAttributes',
    list: "aws rds describe-db-cluster-snapshots --snapshot-type manual --query 'DBClusterSnapshots[].DBClusterSnapshotIdentifier'",
    command: 'aws rds describe-db-cluster-snapshot-attributes --query DBClusterSnapshotAttributesResult',
    flag: '--db-cluster-snapshot-identifier',
  },
  {
    name: 'DBSnapshotAttributes',
    action: 'rds:DescribeDBSnapshotAttributes',
    list: "aws rds describe-db-snapshots --snapshot-type manual --query 'DBSnapshots[].DBSnapshotIdentifier'",
    command: 'aws rds describe-db-snapshot-attributes --query DBSnapshotAttributesResult',
    flag: '--db-snapshot-identifier',
  },
] as const;

const head = `#!/bin/sh
# Reads with the AWS CLI, and nothing else, what checks ask of an account, and prints it as evidence:
#   sh recipe.sh us-east-1 eu-west-1 > evidence.json      (without a name: the Region of the AWS CLI)
# What cannot be read is left out, which means unknown, and named under gaps. Nothing is changed.
set -u
at= where= object= gaps= regions=

# ask ACTION RESOURCE COMMAND: what the command prints, as $answer
ask() {
  action=$1 resource=$2
  shift 2
  answer=$("$@" $at --output json) && return
  on=
  [ -z "$resource" ] || on=",\\"resource\\":\\"$resource\\""
  gaps="$gaps,{\\"what\\":\\"$action\\",\\"account\\":\\"$account\\"$where$on,\\"reason\\":\\"the AWS CLI could not read it\\"}"
  return 1
}

# add NAME ACTION RESOURCE COMMAND: the same, as a field of $object
add() {
  name=$1
  shift
  ask "$@" && object="$object,\\"$name\\":$answer"
}

[ $# -gt 0 ] || set -- "\${AWS_REGION:-\${AWS_DEFAULT_REGION:-$(aws configure get region)}}"
export AWS_DEFAULT_REGION="$1"
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
account=$(aws sts get-caller-identity --query Account --output text) || exit
caller=$(aws sts get-caller-identity --output json) || exit
`;

const organization = `
# Only the management account and delegated administrators may read what follows.
object=
policies() {
  ids=$(aws organizations list-policies-for-target --target-id "$target" --filter "$2" --query 'Policies[].Id' --output text) || return
  list=
  for id in $ids; do
    ask organizations:DescribePolicy "$id" aws organizations describe-policy --policy-id "$id" --query 'Policy.{name:PolicySummary.Name,document:Content}' || return
    list=$list,$answer
  done
  level="$level,\\"$1\\":[\${list#,}]"
}
case $(aws organizations describe-organization 2>&1) in
*AWSOrganizationsNotInUse*) organization=',"organization":null' ;;
*)
  add organization organizations:DescribeOrganization '' aws organizations describe-organization --query 'Organization.{id:Id,managementAccountId:MasterAccountId}'
  organization=$object path= target=$account type=ACCOUNT
  while [ -n "$organization" ]; do
    level="\\"id\\":\\"$target\\",\\"type\\":\\"$type\\""
    policies scps SERVICE_CONTROL_POLICY
    policies rcps RESOURCE_CONTROL_POLICY
    path=",{$level}$path"
    if [ "$type" = ROOT ]; then
      organization="\${organization%\\}},\\"path\\":[\${path#,}]}"
      break
    fi
    parent=$(aws organizations list-parents --child-id "$target" --query 'Parents[0].[Id,Type]' --output text) || break
    target=\${parent%%[[:space:]]*} type=\${parent##*[[:space:]]}
  done
  ;;
esac
`;

const tail = `
printf '{"evidenceVersion":1,"collectedAt":"%s","caller":%s,"accounts":{"%s":{"regions":{%s}%s%s}},"gaps":[%s]}\\n' \\
  "$now" "$caller" "$account" "\${regions#,}" "$iam" "$organization" "\${gaps#,}"
`;

/** DB snapshots of AWS Backup are given only if asked for: two lists as one. */
function withBackups({ name, action, command }: Piece): readonly string[] {
  return [
    `  if ask ${action} '' ${command}; then`,
    '    list=$answer',
    `    ask ${action} '' aws rds describe-db-snapshots --snapshot-type awsbackup --query DBSnapshots || answer=[]`,
    '    [ "$answer" = "[]" ] || [ "$list" = "[]" ] || answer=${list%?},${answer#?}',
    '    [ "$answer" != "[]" ] || answer=$list',
    `    object="$object,\\"${name}\\":$answer"`,
    '  fi',
  ];
}

/** A shell script that prints evidence, for where nothing but the AWS CLI may be used. */
export function recipe(): string {
  const add = ({ name, action, command }: Piece, resource: string, more = ''): string =>
    `add ${name} ${action} ${resource} ${command}${more}`;
  const attributes = attributePieces.flatMap(({ name, action, list, command, flag }) => [
    '  list=',
    `  for snapshot in $(${list} $at --output text); do`,
    `    ask ${action} "$snapshot" ${command} ${flag} "$snapshot" && list=$list,$answer`,
    '  done',
    `  object="$object,\\"${name}\\":[\${list#,}]"`,
  ]);
  return [
    head,
    add(iamPiece, "''"),
    'iam=$object',
    organization,
    'for region in "$@"; do',
    '  at="--region $region" where=",\\"region\\":\\"$region\\"" object=',
    ...rdsPieces.flatMap((piece) => (piece.name === 'DBSnapshots' ? withBackups(piece) : [`  ${add(piece, "''")}`])),
    ...attributes,
    '  rds=$object keys=',
    '',
    '  # The keys of this account that any of it is encrypted under.',
    `  for key in $(printf '%s\\n' "$rds" | grep -o '"KmsKeyId": *"[^"]*"' | cut -d '"' -f 4 | sort -u); do`,
    '    case $key in *":kms:$region:$account:key/"*) ;; *) continue ;; esac',
    '    ask kms:DescribeKey "$key" aws kms describe-key --query KeyMetadata --key-id "$key" || answer="{\\"Arn\\":\\"$key\\"}"',
    '    object="\\"KeyMetadata\\":$answer"',
    ...keyPieces.map((piece) => `    ${add(piece, '"$key"', ' --key-id "$key"')}`),
    '    keys="$keys,{$object}"',
    '  done',
    '  regions="$regions,\\"$region\\":{\\"rds\\":{${rds#,}},\\"kms\\":{\\"keys\\":[${keys#,}]}}"',
    'done',
    tail,
  ].join('\n');
}
