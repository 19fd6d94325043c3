import * as rds from '@aws-sdk/client-rds';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { apiOptions } from '../../src/cli/options/api-options.ts';
import { parameterOptions, sourceOptions } from '../../src/cli/options/question-options.ts';
import { apiNames, meaning } from '../../src/operations/api-names.ts';
import { catalogue, kebab } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { rowOf } from '../../src/operations/request-parameters.ts';
import { sourceFlags } from '../../src/operations/source-flags.ts';
import { unusedParameters } from '../../src/operations/unused-parameters.ts';

/** The parameters of an API in the SDK's model. */
function membersOf(api: string): readonly string[] {
  const shape = inputOf(api);
  const members: unknown = Array.isArray(shape) ? shape[4] : undefined;
  return Array.isArray(members) ? members.map(String) : [];
}

function inputOf(api: string): unknown {
  const operation: unknown = Reflect.get(rds, `${api}$`);
  const input: unknown = Array.isArray(operation) ? operation[4] : undefined;
  return called(input);
}

function called(shape: unknown): unknown {
  return typeof shape === 'function' ? Reflect.apply(shape, undefined, []) : shape;
}

/**
 * The form in which the AWS CLI takes each parameter of an API, by the name without dashes. The
 * numbers are types in Smithy's schemas.
 */
function kindsOf(api: string): ReadonlyMap<string, string> {
  const shape = inputOf(api);
  const types: readonly unknown[] = Array.isArray(shape) && Array.isArray(shape[5]) ? shape[5] : [];
  const kinds = types.map((type) => {
    const inner = called(Array.isArray(type) && typeof type[0] === 'function' ? type[0] : type);
    const isText = Array.isArray(inner) && inner[0] === 0;
    if (inner === 2) return 'switch';
    return (Array.isArray(inner) && !isText) || inner === 64 ? 'list' : 'value';
  });
  return new Map(membersOf(api).map((name, index) => [kebab(name), kinds[index] ?? '']));
}

/** Possible values for an option. */
function valueFor(flag: string): readonly string[] {
  if (flag === 'tag') return ['Key=team,Value=dba', 'Key=stage,Value=prod'];
  if (flag === 'with') return ['444455556666', 'all'];
  return flag.includes('group') ? ['name'] : ['given'];
}

function parsed(operations: readonly Operation[], args: readonly string[]): Readonly<Record<string, unknown>> {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  for (const option of [...sourceOptions(operations), ...parameterOptions(operations), ...apiOptions(operations)])
    command.addOption(option);
  return command.parse([...args], { from: 'user' }).opts();
}

const groups = [...new Set(catalogue.map(({ command }) => command))].map((name) => ({
  name,
  operations: catalogue.filter(({ command }) => command === name),
}));

describe('the names of the AWS CLI', () => {
  test.each(catalogue.filter(({ api }) => membersOf(api).length > 0))('$command: $api has them', (operation) => {
    const members = membersOf(operation.api);
    const { source = [], to } = operation.request;
    for (const name of [...source, ...(to === undefined ? [] : [to])]) expect(members).toContain(name);
    for (const { name } of apiNames([operation])) expect(members.map(kebab)).toContain(name);
  });

  test('every parameter of the APIs is used, or known as one that is not', () => {
    const unused = new Map(unusedParameters().map(({ name, kind }) => [name, kind]));
    const all = new Map(catalogue.flatMap(({ api }) => [...kindsOf(api)]));
    const used = new Set([
      ...apiNames(catalogue).map(({ name }) => name),
      ...catalogue.flatMap((operation) => [
        ...apiNames([operation]).map(({ name }) => name),
        ...operation.parameters,
        ...(operation.request.source ?? []).map(kebab),
      ]),
      'attribute-name',
    ]);
    expect([...all.keys()].filter((name) => !unused.has(name) && !used.has(name))).toEqual([]);
    expect([...unused].filter(([name, kind]) => all.get(name) !== kind)).toEqual([]);
  });

  // The principal starts an AWS Backup job, and AWS Backup itself then calls the API of the job.
  const ofCaller = catalogue.filter(({ api, command }) => membersOf(api).length > 0 && !command.endsWith('-job'));

  test.each([...new Set(ofCaller.map(({ api }) => api))])('%s is taken with every parameter, used or not', (api) => {
    const operations = ofCaller.filter((operation) => operation.api === api);
    const known = new Set([
      ...unusedParameters().map(({ name }) => name),
      ...operations.flatMap((operation) => [
        ...apiNames([operation]).map(({ name }) => name),
        ...operation.parameters,
        ...(operation.request.source ?? []).map(kebab),
      ]),
      'attribute-name',
    ]);
    // If this fails, add the name to the operation's entry, or to the list of unused parameters. A
    // name that only another API uses does not count.
    expect(
      membersOf(api)
        .map(kebab)
        .filter((name) => !known.has(name)),
    ).toEqual([]);
  });

  test('the model of the SDK holds every API of RDS', () => {
    const ofRds = catalogue.filter(({ calls }) => calls.some(({ action }) => action.startsWith('rds:')));
    expect(ofRds.filter(({ api }) => membersOf(api).length === 0).map(({ api }) => api)).toEqual([]);
  });

  test.each(groups)('$name takes every parameter of its APIs that a flag of ours names', ({ operations }) => {
    const byProperty = operations.flatMap(({ request, reads, parameters, api }) => [
      ...(reads === undefined ? [] : (request.source ?? [])).map((name) => ({ name, flag: reads?.flag, api })),
      ...(request.to === undefined || !parameters.includes('to') ? [] : [{ name: request.to, flag: 'to', api }]),
      ...parameters.flatMap((flag) =>
        rowOf(flag).request === undefined ? [] : [{ name: rowOf(flag).request, flag, api }],
      ),
    ]);
    const named = new Map(apiNames(operations).map((one) => [one.name, meaning(one)]));
    for (const { name = '', flag } of byProperty) {
      if (['SourceArn', 'ResourceArn', 'RecoveryPointArn'].includes(name) || kebab(name) === flag) continue;
      expect(named.get(kebab(name)), name).toBe(flag);
    }
  });

  test.each(groups)('$name hands over the same as by our own flags', ({ operations }) => {
    for (const name of apiNames(operations)) {
      const property = 'source' in name ? sourceFlags[name.source].property : rowOf(name.parameter).property;
      const values = 'source' in name ? ['given'] : valueFor(name.parameter);
      const kind = 'source' in name ? 'list' : rowOf(name.parameter).kind;
      const args = kind === 'switch' ? [`--${name.name}`] : [`--${name.name}`, ...values];
      const tags = { team: 'dba', stage: 'prod' };
      const expected = { text: values[0], switch: true, list: values, tags }[kind];
      expect(parsed(operations, args)[property], name.name).toEqual(expected);
    }
  });

  test('a name that means different things to different commands is left out where any may be meant', () => {
    const names = apiNames(catalogue).map(({ name }) => name);
    expect(names).not.toContain('db-cluster-identifier');
    expect(names).toEqual(expect.arrayContaining(['snapshot-identifier', 's3-bucket-name', 'iam-role-arn', 'tags']));
  });

  test.each([
    [['--tags', 'team=dba'], { tags: { team: 'dba' } }],
    [['--tags', '[{"Key":"team","Value":"dba"},{"Key":"x"}]'], { tags: { team: 'dba', x: '' } }],
    [['--tags', 'Key=team'], { tags: { team: '' } }],
    [['--tags', 'Key=team,Value="a, b"'], { tags: { team: 'a, b' } }],
    [['--tags', 'Key=__proto__,Value=x'], { tags: Object.fromEntries([['__proto__', 'x']]) }],
  ])('%j', (args, expected) => {
    expect(
      parsed(
        catalogue.filter(({ command }) => command === 'restore'),
        args,
      ),
    ).toEqual(expected);
  });

  test.each([
    [['--tags', 'team'], 'Key=team,Value=dba'],
    [['--tags', '[1]'], '"Key"'],
    [['--tags', '[{"Key":'], 'as JSON'],
    [['--tags', 'Key=a,Value=b', 'Key=a,Value=c'], 'give tag a once'],
  ])('%j is refused', (args, says) => {
    expect(() =>
      parsed(
        catalogue.filter(({ command }) => command === 'restore'),
        args,
      ),
    ).toThrow(says);
  });

  test('accounts to share with come as words or as JSON', () => {
    const sharing = catalogue.filter(({ command }) => command === 'share-snapshot');
    const expected = { with: ['444455556666', '777788889999'] };
    expect(parsed(sharing, ['--values-to-add', '444455556666', '777788889999'])).toEqual(expected);
    expect(parsed(sharing, ['--values-to-add', '["444455556666","777788889999"]'])).toEqual(expected);
    expect(() => parsed(sharing, ['--values-to-add', '["x"]'])).toThrow('twelve digits');
    expect(() => parsed(sharing, ['--attribute-name', 'other'])).toThrow('restore');
    const removed = { valuesToRemove: ['444455556666', 'all'] };
    expect(parsed(sharing, ['--values-to-remove', '444455556666', 'all'])).toEqual(removed);
    expect(parsed(sharing, ['--values-to-remove', '["444455556666","all"]'])).toEqual(removed);
  });

  test('roles for a new cluster come as names, as structures or as JSON', () => {
    const restoring = catalogue.filter(({ command }) => command === 'restore');
    const expected = { associatedRoles: ['arn:aws:iam::111122223333:role/a', 'arn:aws:iam::111122223333:role/b'] };
    const [first = '', second = ''] = expected.associatedRoles;
    for (const words of [
      [first, second],
      [`RoleArn=${first},FeatureName=s3Import`, `FeatureName=Lambda,RoleArn="${second}"`],
      [JSON.stringify([{ RoleArn: first, FeatureName: 's3Import' }, { RoleArn: second }])],
    ])
      expect(parsed(restoring, ['--associated-roles', ...words])).toEqual(expected);
    expect(parsed(restoring, ['--associated-roles', first, '--associated-roles', second])).toEqual(expected);
    expect(() => parsed(restoring, ['--associated-roles', '[{"FeatureName":"s3Import"}]'])).toThrow('"RoleArn"');
    expect(() => parsed(restoring, ['--associated-roles', 'FeatureName=s3Import'])).toThrow('give RoleArn');
  });
});
