import { accountOf, resourceTypeOf, withoutPath } from '../base/arn.ts';
import { type Command, type CommandArgument, commandLines, commandParts, commandText } from '../base/command.ts';
import type { Json } from '../base/json.ts';
import { shellQuoted, shellQuotedLines } from '../base/shell.ts';
import type { PolicyPlace } from '../evidence/change.ts';
import type { Evidence } from '../evidence/schema.ts';
import { aws, idOf, option, permissionSetOf, policyCommands, regionOption, ssoInstance } from './commands.ts';

/*
 * The commands that edit a policy, as a script that is safe to run. Somebody else may have changed
 * the policy after it was read, and the edit may have to be undone.
 */

/** How to read a kind of policy, and how to undo an edit. */
interface Access {
  /** Prints the policy as JSON. */
  readonly read: Command;
  /** Sets the variables of `read`. */
  readonly first?: string;
  /** Writes the policy back. The name of the file with the policy follows. */
  readonly putBack: readonly Command[];
  /** Ends the last command of `putBack`, instead of the file. */
  readonly ending?: string;
  /** Removes a policy that did not exist before. */
  readonly remove: readonly Command[];
}

/** `policies.before`: undefined if there is none. */
export function policyScript(
  place: PolicyPlace,
  { before, after }: { readonly before: Json | undefined; readonly after: Json },
  evidence: Evidence,
): string {
  return editScript(place, { before, commands: policyCommands(place, after, evidence) });
}

/** The files with the old and the new text, if the script does not contain them. */
export interface PolicyFiles {
  readonly before: string;
  readonly after: string;
}

/**
 * `edit.before`: undefined if there is none. `edit.commands`: the commands that replace the text.
 */
export function editScript(
  place: PolicyPlace,
  { before, commands }: { readonly before: Json | undefined; readonly commands: readonly Command[] },
  files?: PolicyFiles,
): string {
  const { read, first, putBack, ending, remove } = accessTo(place);
  const undo = before === undefined ? remove : putBack;
  const edits = files === undefined ? commands : commands.map((command) => fromFile(command, files.after));
  // In a subshell, so that the shell into which the script is pasted continues after the script
  // stops.
  return [
    '(',
    'set -eu',
    ...verifyAccount(place),
    'saved=$(mktemp ./policy-before.XXXXXX)',
    ...(first === undefined ? [] : [first]),
    ...(before === undefined ? verifyAbsent(read) : verifySame(read, before, files)),
    ...edits.flatMap((command) => shown(command, '')),
    `echo ${shellQuotedLines('To undo this:')}`,
    ...undo.map((command) => printing(command, isOpen(command) ? (ending ?? '"$saved"') : '')),
    ')',
  ].join('\n');
}

/** The command with its document in a file. */
export function fromFile({ program, arguments: words }: Command, file: string): Command {
  return {
    program,
    arguments: words.map((word) => (typeof word !== 'string' && 'document' in word ? `${filePrefix}${file}` : word)),
  };
}

const width = 76;

function shown(command: Command, after: string): readonly string[] {
  const lines = commandLines(commandParts(command), width);
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ''}${after}`];
}

function printing(command: Command, ending: string): string {
  return `printf '%s\\n' ${shellQuotedLines(commandText(command))}${ending}`;
}

const stop = [
  "  echo 'The policy changed after the check. This script changed nothing.' >&2",
  "  echo 'Repeat the check with the current policy.' >&2",
  '  exit 1',
];

/**
 * Checks the account. Users, roles and groups have the same names in many accounts, often with the
 * same policies. The name of a key, a managed policy or a control policy is unique to one account.
 */
function verifyAccount(place: PolicyPlace): readonly string[] {
  if (place.in !== 'inline policy' || permissionSetOf(place.owner) !== undefined) return [];
  const account = accountOf(place.owner);
  return [
    'account=$(aws sts get-caller-identity --query Account --output text)',
    `if [ "$account" != ${shellQuoted(account)} ]; then`,
    `  echo ${shellQuoted(`The policy is in account ${account}. This script changed nothing.`)} >&2`,
    '  echo "The credentials belong to account $account." >&2',
    '  exit 1',
    'fi',
  ];
}

function verifySame(read: Command, before: Json, files: PolicyFiles | undefined): readonly string[] {
  const expected: Command =
    files === undefined
      ? { program: 'printf', arguments: ['%s', { document: before, dense: false }] }
      : { program: 'cat', arguments: [files.before] };
  return [
    ...shown(read, ' >"$saved"'),
    ...shown(expected, ' >"$saved.read"'),
    'same() {',
    '  if command -v node >/dev/null; then',
    `    node -e ${shellQuotedLines(byNode)} "$1" "$2"`,
    '  else',
    `    python3 -c ${shellQuotedLines(byPython)} "$1" "$2"`,
    '  fi',
    '}',
    'if ! same "$saved" "$saved.read"; then',
    ...stop,
    'fi',
    'rm -f "$saved.read"',
  ];
}

/** Compares JSON by value: white space and the order of names do not matter. */
const byNode =
  'const [a, b] = process.argv.slice(1).map((f) => JSON.parse(require("fs").readFileSync(f, "utf8"))); process.exit(require("util").isDeepStrictEqual(a, b) ? 0 : 1)';
const byPython = 'import json, sys; a, b = [json.load(open(f)) for f in sys.argv[1:]]; sys.exit(a != b)';

/**
 * Checks that there is no policy. A read may also fail because of a missing permission, which says
 * nothing about the policy.
 */
function verifyAbsent(read: Command): readonly string[] {
  return [
    ...shown({ ...read, program: `if ${read.program}` }, ' >"$saved" 2>"$saved.error"; then'),
    '  if grep -q "{" "$saved"; then',
    ...stop.map((line) => `  ${line}`),
    '  fi',
    'elif ! grep -q NoSuchEntity "$saved.error"; then',
    '  cat "$saved.error" >&2',
    '  exit 1',
    'fi',
    'rm -f "$saved" "$saved.error"',
  ];
}

/** Whether the command still needs a value that is known only when the script runs. */
function isOpen({ arguments: words }: Command): boolean {
  return words.at(-1) === filePrefix || words.at(-1) === '--version-id';
}

const filePrefix = 'file://';

function accessTo(place: PolicyPlace): Access {
  switch (place.in) {
    case 'key policy': {
      const key = [
        ...option('--key-id', withoutPath(place.key)),
        '--policy-name',
        'default',
        ...regionOption(place.key),
      ];
      return {
        read: aws('kms', 'get-key-policy', ...key, ...asText('Policy')),
        putBack: [aws('kms', 'put-key-policy', ...key, '--policy', filePrefix)],
        remove: [],
      };
    }
    case 'inline policy':
      return permissionSetOf(place.owner) === undefined
        ? inlineAccess(place)
        : permissionSetAccess(permissionSetOf(place.owner) ?? '');
    case 'managed policy': {
      const policy = option('--policy-arn', place.arn);
      const version = aws('iam', 'get-policy', ...policy, ...asText('Policy.DefaultVersionId'));
      return {
        first: `version=$(${commandText(version)})`,
        read: aws(
          'iam',
          'get-policy-version',
          ...policy,
          '--version-id',
          variable,
          ...asJson('PolicyVersion.Document'),
        ),
        putBack: [aws('iam', 'set-default-policy-version', ...policy, '--version-id')],
        ending: '" $version"',
        remove: [],
      };
    }
    case 'scp':
    case 'rcp': {
      const id = idOf(place.in, place.name);
      return {
        read: aws('organizations', 'describe-policy', '--policy-id', id, ...asText('Policy.Content')),
        putBack: [aws('organizations', 'update-policy', '--policy-id', id, '--content', filePrefix)],
        remove: [],
      };
    }
  }
}

/** The default version of a managed policy. */
const variable: CommandArgument = { variable: 'version' };

function asText(query: string): readonly string[] {
  return ['--query', query, '--output', 'text'];
}

/** IAM's documents are URL-encoded on the wire. The AWS CLI decodes them. */
function asJson(query: string): readonly string[] {
  return ['--query', query, '--output', 'json'];
}

function inlineAccess({ owner, name }: Extract<PolicyPlace, { readonly in: 'inline policy' }>): Access {
  const kind = resourceTypeOf(owner);
  const policy = [...option(`--${kind}-name`, withoutPath(owner)), ...option('--policy-name', name)];
  return {
    read: aws('iam', `get-${kind}-policy`, ...policy, ...asJson('PolicyDocument')),
    putBack: [aws('iam', `put-${kind}-policy`, ...policy, '--policy-document', filePrefix)],
    remove: [aws('iam', `delete-${kind}-policy`, ...policy)],
  };
}

function permissionSetAccess(name: string): Access {
  const set = ['--instance-arn', ssoInstance, '--permission-set-arn', `<ARN of ${name}>`] as const;
  const provision = aws('sso-admin', 'provision-permission-set', ...set, '--target-type', 'ALL_PROVISIONED_ACCOUNTS');
  return {
    read: aws('sso-admin', 'get-inline-policy-for-permission-set', ...set, ...asText('InlinePolicy')),
    putBack: [
      aws('sso-admin', 'put-inline-policy-to-permission-set', ...set, '--inline-policy', filePrefix),
      provision,
    ],
    remove: [aws('sso-admin', 'delete-inline-policy-from-permission-set', ...set), provision],
  };
}
