import {
  backupLists,
  backupParts,
  type ItemOf,
  iamRead,
  type KeyRow,
  keyRows,
  type ListRead,
  type RdsRow,
  rdsRows,
  recoveryPointTypes,
} from '../evidence/lists.ts';

/*
 * Makes the script that collects evidence with the AWS CLI alone, from the commands in the table of
 * lists.
 */

const head = `#!/bin/sh
# Reads an account with the AWS CLI alone, and prints an evidence file:
#   sh recipe.sh us-east-1 eu-west-1 > evidence.json      (default: the Region of the AWS CLI)
# Data that cannot be read is left out (unknown) and listed under gaps. The script changes nothing.
set -u
at= where= object= gaps= regions=

# ask ACTION RESOURCE COMMAND: sets $answer to the output of the command
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

# addIfAny NONE NAME ACTION RESOURCE COMMAND: the same, or null if AWS answers with the error NONE
addIfAny() {
  none=$1 name=$2
  shift 4
  case $("$@" $at --output json 2>&1) in
  *"($none)"*) object="$object,\\"$name\\":null" ;;
  *) answer=$("$@" $at --output json 2>/dev/null) && object="$object,\\"$name\\":$answer" ;;
  esac
}

[ $# -gt 0 ] || set -- "\${AWS_REGION:-\${AWS_DEFAULT_REGION:-$(aws configure get region)}}"
if [ -z "$1" ]; then
  echo 'error: no Region is set' >&2
  echo '  name the Regions (sh recipe.sh us-east-1) or set AWS_REGION' >&2
  exit 253
fi
export AWS_DEFAULT_REGION="$1"
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
account=$(aws sts get-caller-identity --query Account --output text) || exit
caller=$(aws sts get-caller-identity --output json) || exit
`;

const organization = `
# Only the management account and delegated administrators can read the following.
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

/**
 * A line that adds the output of a command to $object, as the field with this name. `resource`: for
 * gaps.
 */
function add(name: string, { action, command }: ListRead, resource: string): string {
  return `add ${name} ${action} ${resource} ${command}`;
}

function addPart(name: string, part: KeyRow): string {
  const line = add(name, part, '"$key"');
  return part.noneIs === undefined ? line : line.replace(/^add/, `addIfAny ${part.noneIs}`);
}

/** Joins two lists. If a command fails, both are left out, because a part would count as the list. */
function addBoth(name: string, { action, command }: ListRead, more: string): readonly string[] {
  return [
    `  if ask ${action} '' ${command} && list=$answer && ask ${action} '' ${more}; then`,
    '    [ "$answer" = "[]" ] || [ "$list" = "[]" ] || answer=${list%?},${answer#?}',
    '    [ "$answer" != "[]" ] || answer=$list',
    `    object="$object,\\"${name}\\":$answer"`,
    '  fi',
  ];
}

/** Adds a list with the output of the command for each item of another list. */
function addForEach(name: string, { action, command }: ListRead, { flag, names }: ItemOf): readonly string[] {
  return [
    '  list=',
    `  for snapshot in $(${names} $at --output text); do`,
    `    ask ${action} "$snapshot" ${command} ${flag} "$snapshot" && list=$list,$answer`,
    '  done',
    `  object="$object,\\"${name}\\":[\${list#,}]"`,
  ];
}

function addRds([name, row]: readonly [string, RdsRow]): readonly string[] {
  if (row.itemOf !== undefined) return addForEach(name, row, row.itemOf);
  return row.more === undefined ? [`  ${add(name, row, "''")}`] : addBoth(name, row, row.more);
}

/** The names in the answer, for a loop. */
const names = `$(printf '%s' "$answer" | tr -c 'A-Za-z0-9/_-' ' ')`;

/** A command that prints what a JMESPath query selects from each item. */
function namesOf({ action, command }: ListRead, query: string): string {
  return `ask ${action} '' ${command}'[].${query}'`;
}

/** An item of a list by its name. */
function itemOf({ action, command }: ListRead, name: string, variable: string): string {
  return `ask ${action} '' ${command}"[?${name}=='$${variable}']|[0]"`;
}

const { BackupVaults: vaults, RecoveryPoints: points, BackupPlans: plans } = backupLists;
const { Policy: vaultPolicy, Rules: rules, SelectionIds: selectionIds, Selections: selections } = backupParts;

/** The AWS Backup vaults with their recovery points, and the plans. */
const backup = `
  # AWS Backup.
  backup=
  if ${namesOf(vaults, 'BackupVaultName')}; then
    list= points= complete=yes all=yes
    for vault in ${names}; do
      ${itemOf(vaults, 'BackupVaultName', 'vault')} || { all= complete=; continue; }
      object=\${answer%?}
      addIfAny ResourceNotFoundException Policy ${vaultPolicy.action} "$vault" ${vaultPolicy.command} --backup-vault-name "$vault"
      list="$list,$object}"
      for type in ${recoveryPointTypes.join(' ')}; do
        if ask ${points.action} "$vault" ${points.command} --backup-vault-name "$vault" --by-resource-type $type; then
          answer=\${answer#?}
          [ "$answer" = "]" ] || points=$points,\${answer%?}
        else
          complete=
        fi
      done
    done
    [ -z "$all" ] || backup="$backup,\\"BackupVaults\\":[\${list#,}]"
    [ -z "$complete" ] || backup="$backup,\\"RecoveryPoints\\":[\${points#,}]"
  fi
  if ${namesOf(plans, 'BackupPlanId')}; then
    list= all=yes
    for plan in ${names}; do
      ${itemOf(plans, 'BackupPlanId', 'plan')} || { all=; continue; }
      object=\${answer%?}
      add Rules ${rules.action} "$plan" ${rules.command} --backup-plan-id "$plan"
      if ask ${selectionIds.action} "$plan" ${selectionIds.command} --backup-plan-id "$plan"; then
        chosen= complete=yes
        for selection in ${names}; do
          if ask ${selections.action} "$selection" ${selections.command} --backup-plan-id "$plan" --selection-id "$selection"; then
            chosen=$chosen,$answer
          else
            complete=
          fi
        done
        [ -z "$complete" ] || object="$object,\\"Selections\\":[\${chosen#,}]"
      fi
      list="$list,$object}"
    done
    [ -z "$all" ] || backup="$backup,\\"BackupPlans\\":[\${list#,}]"
  fi`;

/** A shell script that prints evidence, for machines on which only the AWS CLI may be used. */
export function recipe(): string {
  return [
    head,
    add('iam', iamRead, "''"),
    'iam=$object',
    organization,
    'for region in "$@"; do',
    '  at="--region $region" where=",\\"region\\":\\"$region\\"" object=',
    ...rdsRows.flatMap(addRds),
    '  rds=$object keys=',
    backup,
    '',
    '  # The keys of this account that encrypt these resources.',
    `  for key in $(printf '%s\\n' "$rds$backup" | grep -oE '"[A-Za-z]*(K[Mm][Ss]KeyId|EncryptionKeyArn)": *"[^"]*"' | cut -d '"' -f 4 | sort -u); do`,
    '    case $key in *":kms:$region:$account:key/"*) ;; *) continue ;; esac',
    '    ask kms:DescribeKey "$key" aws kms describe-key --query KeyMetadata --key-id "$key" || answer="{\\"Arn\\":\\"$key\\"}"',
    '    object="\\"KeyMetadata\\":$answer"',
    ...keyRows.map(([name, part]) => `    ${addPart(name, part)} --key-id "$key"`),
    '    keys="$keys,{$object}"',
    '  done',
    '  regions="$regions,\\"$region\\":{\\"rds\\":{${rds#,}},\\"backup\\":{${backup#,}},\\"kms\\":{\\"keys\\":[${keys#,}],\\"onlyUsedKeys\\":true}}"',
    'done',
    tail,
  ].join('\n');
}
