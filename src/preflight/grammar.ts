import { Failure } from '../base/failure.ts';
import { nearestFirst } from '../base/nearest.ts';
import { list } from '../base/wording.ts';
import { operationsCalled } from '../check/operation-named.ts';
import { findAction, prefixOf, serviceWithPrefix } from '../operations/action-table.ts';
import type { Operation } from '../operations/operation.ts';
import { type OperationParameters, type Parameter, parameterTable } from '../operations/parameters.ts';
import { allParameters, rowOf } from '../operations/request-parameters.ts';
import { allSourceFlags } from '../operations/source-flags.ts';
import { readAddress } from '../policy/address.ts';
import { conditionKey, conditionKeys, isKnownKey, isMultivalued } from '../policy/condition-keys.ts';
import type {
  Asked,
  Exception,
  Expectation,
  NamedCall,
  NewestOf,
  Session,
  SourceField,
  SourceItem,
  SourceSpec,
  Who,
} from './expectation.ts';
import { type At, type Field, faultAt, type Said, type Tree } from './tree.ts';
import {
  accountIn,
  dayIn,
  fieldsOf,
  hoursIn,
  isPattern,
  regionIn,
  saidIn,
  several,
  switchIn,
  tagsIn,
  verifyArn,
  verifyPlaced,
  whoIn,
} from './values.ts';

/** The maximum number of expectations in one run. */
export const mostExpectations = 10_000;

const sourceFields: readonly SourceField[] = [...allSourceFlags(), 'backups-of', 'key'];
const expectationFields: readonly string[] = [
  'id',
  'why',
  'who',
  'only',
  'can',
  'cannot',
  ...sourceFields,
  'flags',
  'account',
  'region',
  'session',
  'because',
  'at-least',
  'except',
];

type Fields = ReadonlyMap<string, Field>;

/** The default account and Region of expectations. */
type Defaults = Pick<Expectation, 'accounts' | 'regions'>;

/**
 * The expectations of a file, in the syntax that docs/preflight.md describes. `tree`: undefined if
 * the file is empty.
 * @throws Failure with line and column of the first fault
 */
export function expectationsIn(file: string, tree: Tree | undefined): readonly Expectation[] {
  if (tree === undefined)
    throw new Failure(
      'input',
      `${file}: the file is empty`,
      'write a first file with `aurora-kms-check preflight init`',
    );
  refuseOtherFile(tree);
  const fields = fieldsOf(tree, 'the file', ['version', 'defaults', 'expectations', '$schema']);
  const version = saidIn(needed(fields, 'version', tree.at).value, 'version');
  if (version.text !== '1')
    throw faultAt(version.at, `version \`${version.text}\` is not supported`, 'write version: 1');
  const defaults = defaultsIn(fields.get('defaults'));
  const all = needed(fields, 'expectations', tree.at).value;
  if (all.is !== 'list')
    throw faultAt(all.at, '`expectations` must be a list', 'begin each expectation with `- id: ...`');
  if (all.items.length === 0) throw faultAt(all.at, '`expectations` is empty', 'add at least one expectation');
  if (all.items.length > mostExpectations)
    throw faultAt(
      all.at,
      `the file has ${all.items.length} expectations; the maximum is ${mostExpectations}`,
      'use patterns, or split the file and run the parts separately',
    );
  return all.items.map((one) => expectationIn(one, defaults));
}

/**
 * Refuses other kinds of files.
 * @throws Failure if the file belongs to another flag
 */
function refuseOtherFile(tree: Tree): void {
  const names = tree.is === 'map' ? tree.fields.map(({ key }) => key.text) : [];
  if (names.includes('evidenceVersion'))
    throw faultAt(tree.at, 'this is an evidence file, not a file of expectations', 'give the file with --evidence');
  if (names.includes('planned_values') || names.includes('resource_changes'))
    throw faultAt(tree.at, 'this is a plan, not a file of expectations', 'give the file with --plan');
}

function needed(fields: Fields, name: string, at: At): Field {
  const field = fields.get(name);
  if (field === undefined) throw faultAt(at, `\`${name}\` is missing`, `add the field: \`${name}: ...\``);
  return field;
}

function defaultsIn(field: Field | undefined): Defaults {
  if (field === undefined) return { accounts: [], regions: [] };
  return placesIn(fieldsOf(field.value, 'defaults', ['account', 'region']), { accounts: [], regions: [] });
}

function placesIn(fields: Fields, { accounts, regions }: Defaults): Defaults {
  const [account, region] = [fields.get('account'), fields.get('region')];
  return {
    accounts: account === undefined ? accounts : several(account.value, 'accounts', accountIn),
    regions: region === undefined ? regions : several(region.value, 'Regions', regionIn),
  };
}

function expectationIn(tree: Tree, defaults: Defaults): Expectation {
  const fields = fieldsOf(tree, 'an expectation', expectationFields);
  const { at } = tree;
  const id = saidIn(needed(fields, 'id', at).value, 'id');
  if (/\p{Cc}/u.test(id.text) || id.text.length > 200)
    throw faultAt(
      id.at,
      'an ID must be one line of at most 200 characters',
      'use a short name, such as nightly-backup',
    );
  const why = saidIn(needed(fields, 'why', at).value, 'why').text;
  const who = oneOf(fields, ['who', 'only'], at);
  const verb = oneOf(fields, ['can', 'cannot'], at);
  const isOnly = who.key.text === 'only';
  if (isOnly && verb.key.text === 'cannot')
    throw faultAt(
      verb.key.at,
      '`only` needs `can`',
      'replace cannot with can: only the named principals can then run the operation',
    );
  const source = sourceIn(fields, at);
  const people = several(who.value, who.key.text, placedWho);
  const asked = several(verb.value, 'operations', (one) => askedIn(saidIn(one, 'an operation'), source));
  refuseNotRoles(people, asked);
  if (!isOnly) refuseNoSession(people, fields.get('session'));
  const because = fields.get('because');
  if (because !== undefined && verb.key.text === 'can' && !isOnly)
    throw faultAt(
      because.key.at,
      '`because` needs `cannot` or `only`',
      'remove because: it names the call that stops an operation, and nothing stops what the principal can do',
    );
  const except = fields.get('except');
  const atLeast = fields.get('at-least');
  return {
    id: id.text,
    at: id.at,
    why,
    who: people,
    isOnly,
    verb: verb.key.text === 'can' ? 'can' : 'cannot',
    asked,
    source,
    parameters: flagsIn(fields.get('flags'), asked),
    ...placesIn(fields, defaults),
    session: sessionIn(fields.get('session')),
    because: because === undefined ? [] : several(because.value, 'calls', callIn),
    atLeast: atLeast === undefined ? 1 : countIn(atLeast.value),
    except: except === undefined ? [] : several(except.value, 'exceptions', (one) => exceptionIn(one, source)),
  };
}

function placedWho(tree: Tree): Who {
  const who = whoIn(tree);
  verifyPlaced(who.said, ['account']);
  return who;
}

/**
 * An AWS Backup job runs as a role.
 * @throws Failure if the expectation names a principal that is not a role
 */
function refuseNotRoles(who: Expectation['who'], asked: readonly Asked[]): void {
  const job = asked.find((one) => 'operations' in one && one.operations.some(({ runsAsRole }) => runsAsRole === true));
  const user = who.find(isNoRole);
  if (job === undefined || user === undefined) return;
  throw faultAt(
    user.said.at,
    `\`${user.said.text}\` is not a role, but a ${job.said.text} runs as a role`,
    'name the role that AWS Backup assumes',
  );
}

/**
 * Users and the root user have no session of their own.
 * @throws Failure if the expectation gives them a session
 */
function refuseNoSession(who: Expectation['who'], session: Field | undefined): void {
  const of = session?.value.is === 'map' ? session.value.fields : [];
  const field = of.find(({ key }) => key.text === 'policy' || key.text === 'tags');
  const user = who.find(isNoRole);
  if (field === undefined || user === undefined) return;
  throw faultAt(
    field.key.at,
    `session ${field.key.text} ${field.key.text === 'tags' ? 'are' : 'is'} for roles, but \`${user.said.text}\` is not a role`,
    'remove the field, or name roles only',
  );
}

/** Whether a name means a user or a root user. */
function isNoRole({ is, said: { text } }: Expectation['who'][number]): boolean {
  return is === 'root' || (is === 'name' && /^(?:user\/|arn:.*:user\/|arn:.*:root$)/.test(text));
}

/**
 * The one field of several that is present.
 * @throws Failure if none or two are present
 */
function oneOf(fields: Fields, names: readonly string[], at: At): Field {
  // The fields keep the order of the file.
  const [one, other] = [...fields.values()].filter(({ key }) => names.includes(key.text));
  if (one === undefined)
    throw faultAt(
      at,
      `${list(
        names.map((name) => `\`${name}\``),
        'or',
      )} is missing`,
      `add ${list(names, 'or')}`,
    );
  if (other !== undefined)
    throw faultAt(other.key.at, `\`${one.key.text}\` and \`${other.key.text}\` cannot be combined`, 'keep one of them');
  return one;
}

function countIn(tree: Tree): number {
  const { text, at } = saidIn(tree, 'at-least');
  if (!/^\d{1,7}$/.test(text)) throw faultAt(at, `\`${text}\` is not a count`, 'write 0 or more, such as at-least: 2');
  return Number(text);
}

function sourceIn(fields: Fields, at: At): SourceSpec | undefined {
  const given = sourceFields.flatMap((field) => (fields.has(field) ? [field] : []));
  const [field] = given;
  if (field === undefined) return undefined;
  const { key, value } = oneOf(fields, sourceFields, at);
  return { field, at: key.at, items: several(value, field, (one) => itemIn(one, field)) };
}

function itemIn(tree: Tree, field: SourceField): SourceItem {
  if (tree.is !== 'map') return named(saidIn(tree, field), []);
  const isNewest = tree.fields.some(({ key }) => key.text === 'newest-of');
  if (isNewest) return newestIn(tree, field);
  const fields = fieldsOf(tree, `a ${field}`, ['match', 'not', 'tag']);
  const [not, tag] = [fields.get('not'), fields.get('tag')];
  const match = saidIn(needed(fields, 'match', tree.at).value, 'match');
  return {
    ...named(match, not === undefined ? [] : several(not.value, 'patterns', (one) => saidIn(one, 'a pattern'))),
    tags: tag === undefined ? [] : tagsIn(tag.value),
  };
}

function named(said: Said, not: readonly Said[]): Exclude<SourceItem, NewestOf> {
  verifyArn(said);
  verifyPlaced(said, ['account', 'region']);
  return { is: isPattern(said.text) ? 'pattern' : 'name', said, not, tags: [] };
}

const snapshotTypes = ['manual', 'automated', 'awsbackup'];

function newestIn(tree: Tree, field: SourceField): NewestOf {
  if (field !== 'snapshot' && field !== 'instance-snapshot')
    throw faultAt(
      tree.at,
      `\`newest-of\` finds a snapshot and does not work in ${field}`,
      'use snapshot or instance-snapshot',
    );
  const fields = fieldsOf(tree, 'newest-of', ['newest-of', 'max-age', 'region', 'type']);
  const [maxAge, region, type] = [fields.get('max-age'), fields.get('region'), fields.get('type')];
  const said = saidIn(needed(fields, 'newest-of', tree.at).value, 'newest-of');
  if (isPattern(said.text))
    throw faultAt(said.at, '`newest-of` takes the name of one database', 'name one cluster or DB instance');
  const kind = type === undefined ? undefined : saidIn(type.value, 'type');
  if (kind !== undefined && !snapshotTypes.includes(kind.text))
    throw faultAt(kind.at, `unknown snapshot type \`${kind.text}\``, `the types are ${list(snapshotTypes)}`);
  return {
    is: 'newest',
    said,
    maxAge: maxAge === undefined ? undefined : hoursIn(maxAge.value, 'max-age'),
    region: region === undefined ? undefined : regionIn(region.value).text,
    type: kind?.text,
  };
}

function askedIn(said: Said, source: SourceSpec | undefined): Asked {
  if (source?.field === 'key' || /^[a-z0-9-]+:/i.test(said.text)) return { said, action: kmsAction(said, source) };
  const [first, ...others] = operationsFor(said, source);
  if (first === undefined) throw takesNoSource(said, source);
  return { said, operations: [first, ...others] };
}

function kmsAction(said: Said, source: SourceSpec | undefined): `kms:${string}` {
  if (source?.field !== 'key' && !/^kms:/i.test(said.text))
    throw faultAt(
      said.at,
      `\`${said.text}\` is an action, not an operation`,
      'name an operation such as restore: `aurora-kms-check operations` lists all',
    );
  if (source?.field !== 'key')
    throw faultAt(
      said.at,
      `KMS action \`${said.text}\` needs a key`,
      'name the key with key:, or name an operation such as restore',
    );
  const found = findAction(said.text);
  const names = [...(serviceWithPrefix('kms')?.actions.values() ?? [])].map((action) => action().name);
  const name = found?.name ?? names.find((one) => one.toLowerCase() === `kms:${said.text}`.toLowerCase());
  if (name === undefined || !isKmsAction(name))
    throw faultAt(
      said.at,
      `KMS has no action \`${said.text}\``,
      `did you mean ${list(nearestFirst(said.text, names).slice(0, 3), 'or')}? With key:, only KMS actions can be checked`,
    );
  // The action is not about a key, so no key policy decides it.
  if (findAction(name)?.resources.some(({ parts }) => parts.at(-1) === 'key/*') !== true)
    throw faultAt(said.at, `${name} is not an action on a key`, 'name an action on a key, such as kms:Decrypt');
  return name;
}

function isKmsAction(name: string): name is `kms:${string}` {
  return name.startsWith('kms:');
}

/**
 * The operations with a name.
 * @throws Failure with the place of a name that is not an operation
 */
function operationsAt({ text, at }: Said): readonly [Operation, ...Operation[]] {
  try {
    return operationsCalled(text);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw faultAt(at, error.message, error.next ?? '');
  }
}

/** The operations with a name that accept the source. */
function operationsFor(said: Said, source: SourceSpec | undefined): readonly Operation[] {
  const all = operationsAt(said);
  if (source === undefined) return all.filter(({ reads }) => reads === undefined);
  if (source.field !== 'backups-of') return all.filter(({ reads }) => reads?.flag === source.field);
  const { command } = all[0];
  // `restore` means every operation that restores any kind of backup.
  const restores = said.text === 'restore' ? operationsCalled('restore-to-point-in-time') : [];
  return [...all, ...restores].filter(
    ({ reads }) =>
      reads?.flag === 'snapshot' ||
      reads?.flag === 'instance-snapshot' ||
      (reads !== undefined && (command === 'restore-to-point-in-time' || restores.length > 0)),
  );
}

function takesNoSource(said: Said, source: SourceSpec | undefined): Failure {
  const flags = [...new Set(operationsAt(said).flatMap(({ reads }) => reads?.flag ?? []))];
  const next = flags.length === 0 ? 'remove the source' : `name the source with ${list(flags, 'or')}`;
  return source === undefined
    ? faultAt(said.at, `\`${said.text}\` needs a source`, next)
    : faultAt(said.at, `\`${said.text}\` takes no ${source.field}`, next);
}

function flagsIn(field: Field | undefined, asked: readonly Asked[]): OperationParameters {
  if (field === undefined) return {};
  const operations = asked.flatMap((one) => ('operations' in one ? one.operations : []));
  const taken = allParameters().filter((flag) => operations.some(({ parameters }) => parameters.includes(flag)));
  const fields = fieldsOf(field.value, 'flags', allParameters());
  const read = (flag: Parameter) => {
    const one = fields.get(flag);
    return one === undefined
      ? []
      : [[parameterTable[flag].property, valueIn(flag, takenBy(asked, flag, one, taken))] as const];
  };
  const given: OperationParameters = Object.fromEntries(allParameters().flatMap(read));
  return given;
}

/** The value of a flag, if every operation accepts the flag. */
function takenBy(asked: readonly Asked[], flag: Parameter, { key, value }: Field, taken: readonly Parameter[]): Tree {
  const takes = (one: Asked): boolean =>
    'operations' in one && one.operations.some(({ parameters }) => parameters.includes(flag));
  const without = asked.find((one) => !takes(one));
  if (without === undefined) return value;
  throw faultAt(
    key.at,
    `\`${without.said.text}\` takes no \`${flag}\``,
    taken.length === 0 ? 'remove flags' : `the flags are ${list(taken)}`,
  );
}

function valueIn(flag: Parameter, tree: Tree): string | boolean | readonly string[] | Readonly<Record<string, string>> {
  const row = rowOf(flag);
  const checked = ({ text, at }: Said): string => {
    const complaint = row.complaint?.(text);
    if (complaint !== undefined) throw faultAt(at, `\`${text}\` is not a value of ${flag}`, complaint);
    return text;
  };
  switch (row.kind) {
    case 'switch':
      return switchIn(tree, flag);
    case 'list':
      return several(tree, flag, (one) => checked(saidIn(one, flag)));
    case 'tags': {
      const tags = tagsIn(tree);
      for (const { key, value } of tags) checked({ text: `${key}=${value}`, at: tree.at });
      return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
    }
    case 'text':
      return checked(saidIn(tree, flag));
  }
}

/** Condition keys that only requests through a VPC endpoint have. */
const endpointKeys = /^aws:(?:SourceVpce|SourceVpc|VpcSourceIp)$/i;

const sessionFields = ['mfa', 'source-ip', 'vpc-endpoint', 'tags', 'policy', 'context'];

function sessionIn(field: Field | undefined): Session {
  if (field === undefined) return { context: {}, policy: undefined };
  const fields = fieldsOf(field.value, 'session', sessionFields);
  const [mfa, ip, vpce, tags, policy, context] = sessionFields.map((name) => fields.get(name));
  const known: (readonly [string, readonly string[]])[] = [];
  if (mfa !== undefined) known.push(['aws:MultiFactorAuthPresent', [String(switchIn(mfa.value, 'mfa'))]]);
  if (ip !== undefined)
    known.push(['aws:SourceIp', [matching(ip, (text) => readAddress(text) !== undefined, '203.0.113.7')]]);
  if (ip !== undefined && vpce !== undefined)
    throw faultAt(
      vpce.key.at,
      '`source-ip` and `vpc-endpoint` cannot be combined',
      'requests through a VPC endpoint do not carry aws:SourceIp: keep one of them',
    );
  if (vpce !== undefined)
    known.push(['aws:SourceVpce', [matching(vpce, (text) => /^vpce-[0-9a-z]+$/.test(text), 'vpce-0123456789abcdef0')]]);
  for (const { key, value } of tags === undefined ? [] : tagsIn(tags.value))
    known.push([`aws:PrincipalTag/${key}`, [value]]);
  if (context !== undefined) known.push(...contextIn(context.value));
  const twice = known.find(
    ([key], index) => known.findIndex(([other]) => other.toLowerCase() === key.toLowerCase()) < index,
  );
  if (known.some(([key]) => /^aws:SourceIp$/i.test(key)) && known.some(([key]) => endpointKeys.test(key)))
    throw faultAt(
      field.key.at,
      'aws:SourceIp cannot be combined with a VPC endpoint',
      'requests through a VPC endpoint do not carry aws:SourceIp: keep one of them',
    );
  if (twice !== undefined) throw faultAt(field.key.at, `${twice[0]} appears twice`, 'keep one value');
  return {
    context: Object.fromEntries(known),
    policy: policy === undefined ? undefined : saidIn(policy.value, 'policy'),
  };
}

function matching({ value, key }: Field, is: (text: string) => boolean, example: string): string {
  const { text, at } = saidIn(value, key.text);
  if (!is(text)) throw faultAt(at, `\`${text}\` is not a value of ${key.text}`, `use a value such as ${example}`);
  return text;
}

function contextIn(tree: Tree): readonly (readonly [string, readonly string[]])[] {
  if (tree.is !== 'map')
    throw faultAt(
      tree.at,
      'the fields of context must be condition keys',
      'write for example aws:SourceVpc: vpc-0123456789abcdef0',
    );
  return tree.fields.map(({ key, value }) => {
    const name = key.text.toLowerCase();
    if (!isKnownKey(key.text)) {
      const [nearest = ''] = nearestFirst(
        key.text,
        conditionKeys.map((one) => one.name),
      );
      throw faultAt(key.at, `unknown condition key \`${key.text}\``, `did you mean \`${nearest}\`?`);
    }
    if (conditionKey(name)?.follows === true)
      throw faultAt(
        key.at,
        `${key.text} depends on the principal and the operation and cannot be set`,
        'remove this key',
      );
    const values = several(value, key.text, (one) => (one.is === 'text' ? one.text : saidIn(one, key.text).text));
    if (values.length > 1 && !isMultivalued(name))
      throw faultAt(value.at, `${key.text} takes only one value`, 'keep one value');
    return [key.text, values] as const;
  });
}

const layers = ['scp', 'rcp', 'boundary', 'identity', 'resource', 'session'] as const;

function callIn(tree: Tree): NamedCall {
  if (tree.is !== 'map') return { action: actionIn(saidIn(tree, 'a call')), layer: undefined, sid: undefined };
  const fields = fieldsOf(tree, 'because', ['action', 'layer', 'sid']);
  const [action, layer, sid] = [fields.get('action'), fields.get('layer'), fields.get('sid')];
  if (fields.size === 0) throw faultAt(tree.at, '`because` is empty', 'add action, layer or sid');
  const said = layer === undefined ? undefined : saidIn(layer.value, 'layer');
  const kind = layers.find((one) => one === said?.text);
  if (said !== undefined && kind === undefined)
    throw faultAt(said.at, `unknown layer \`${said.text}\``, `the layers are ${list(layers)}`);
  return {
    action: action === undefined ? undefined : actionIn(saidIn(action.value, 'an action')),
    layer: kind,
    sid: sid === undefined ? undefined : saidIn(sid.value, 'sid').text,
  };
}

function actionIn({ text, at }: Said): string {
  const action = findAction(text);
  if (action !== undefined) return action.name;
  // The program does not know all actions of some services, such as S3.
  const service = serviceWithPrefix(prefixOf(text));
  if (service === undefined && /^[a-z0-9-]+:\w+$/i.test(text)) return text;
  const names = [...((service ?? serviceWithPrefix('rds'))?.actions.values() ?? [])].map((one) => one().name);
  throw faultAt(at, `unknown action \`${text}\``, `did you mean ${list(nearestFirst(text, names).slice(0, 3), 'or')}?`);
}

/** `on`: the source of the expectation. */
function exceptionIn(tree: Tree, on: SourceSpec | undefined): Exception {
  const fields = fieldsOf(tree, 'an exception', ['who', 'source', 'operation', 'reason', 'until', 'ticket']);
  const [who, source, operation, ticket] = ['who', 'source', 'operation', 'ticket'].map((name) => fields.get(name));
  const operations =
    operation === undefined ? [] : several(operation.value, 'operations', (one) => saidIn(one, 'an operation'));
  const isAction = ({ text }: Said): boolean => on?.field === 'key' || text.includes(':');
  return {
    at: tree.at,
    who: who === undefined ? [] : several(who.value, 'who', whoIn),
    sources: source === undefined ? [] : several(source.value, 'sources', (one) => saidIn(one, 'a source')),
    operations: operations.filter((one) => !isAction(one)).flatMap(operationsAt),
    actions: operations.filter(isAction).map((one) => kmsAction(one, on).toLowerCase()),
    reason: saidIn(needed(fields, 'reason', tree.at).value, 'reason').text,
    ticket: ticket === undefined ? undefined : saidIn(ticket.value, 'ticket').text,
    until: dayIn(needed(fields, 'until', tree.at).value, 'until'),
  };
}
