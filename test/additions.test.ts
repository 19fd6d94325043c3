// @module-tag slow
import { describe, expect, test, vi } from 'vitest';
import { check } from '../src/answer/check.ts';
import { run } from '../src/cli/run.ts';
import { demoIncident } from '../src/diagnose/demo-incident.ts';
import { incidentOf } from '../src/diagnose/incident.ts';
import { demoEvidence, demoPrincipal } from '../src/evidence/demo.ts';
import { apiNames } from '../src/operations/api-names.ts';
import { catalogue, operationsNamed } from '../src/operations/catalogue.ts';
import type { Operation } from '../src/operations/operation.ts';
import { allParameters, rowOf } from '../src/operations/request-parameters.ts';
import { operationOfRequest } from '../src/operations/requests.ts';
import { allSourceFlags, sourceFlags } from '../src/operations/source-flags.ts';

/*
 * An operation is an entry in its family of operations, and a parameter is a row of a table. The
 * tests add one of each as data. The other files of src must handle both without a change.
 */

const tables = vi.hoisted(() => ({
  parameter: {
    property: 'polishGrade',
    kind: 'text',
    placeholder: '<grade>',
    help: 'how bright the cluster is to shine',
    complaint: (text: string) => (text === 'dull' ? 'give a grade that shines' : undefined),
    request: 'PolishGrade',
    example: 'mirror',
  },
  operation: {
    command: 'polish-cluster',
    aliases: ['shine'],
    api: 'PolishDBCluster',
    does: 'polish a cluster',
    phrase: 'polish SOURCE',
    reads: { flag: 'cluster', types: ['cluster'] },
    request: { source: ['DBClusterIdentifier'] },
    parameters: ['polish-grade'],
    requires: ['polish-grade'],
    calls: [
      {
        kind: 'caller',
        action: 'rds:PolishDBCluster',
        on: 'cluster',
        basis: 'documented',
        source: 'rds-kms-operations 1.2',
      },
    ],
    preconditions: [],
    faults: { caller: 'AccessDenied' },
  },
}));

vi.mock(import('../src/operations/parameters.ts'), async (original) => {
  const held = await original();
  return { ...held, parameterTable: { ...held.parameterTable, 'polish-grade': tables.parameter } };
});

vi.mock('../src/operations/lifecycle.ts', async (original) => {
  const { lifecycle } = await original<{ lifecycle: readonly Operation[] }>();
  return { lifecycle: [...lifecycle, tables.operation] };
});

/** The output of the program, which runs in this process. */
async function printed(...argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', ''];
  const code = await run(argv, {
    stdout: { write: (text) => void (stdout += text) },
    stderr: { write: (text) => void (stderr += text) },
    environment: {},
    now: () => new Date('2026-11-23T12:00:00Z'),
  });
  return { code, stdout, stderr };
}

const demo = ['--demo', '--cluster', 'orders'];

describe('an operation and a parameter that are added as data', () => {
  test('help lists them, with an example', async () => {
    const whole = await printed('--help');
    expect(whole.stdout).toMatch(/^ {2}polish-cluster +can the principal polish a cluster\?/m);
    const { stdout } = await printed('polish-cluster', '--help');
    expect(stdout).toMatch(/^ {2}--polish-grade <grade> +how bright the cluster is to shine$/m);
    expect(stdout).toContain('Other names: shine, polish-db-cluster.');
    expect(stdout).toContain('$ aurora-kms-check polish-cluster --demo --polish-grade mirror\n');
    expect((await printed('diagnose', '--help')).stdout).toContain('--polish-grade <grade>');
  });

  test('the catalog that the program prints lists them', async () => {
    expect((await printed('operations')).stdout).toMatch(/^ {2}polish-cluster --cluster +polish a cluster/m);
    expect((await printed('operations', 'PolishDBCluster')).stdout).toContain('rds:PolishDBCluster\n    on cluster: ');
  });

  test('are read from a CloudTrail record', () => {
    if (demoIncident.is !== 'CloudTrail event') throw new Error('not an event');
    const requestParameters = { dBClusterIdentifier: 'orders', polishGrade: 'mirror' };
    const event = { ...demoIncident.event, eventName: 'PolishDBCluster', requestParameters };
    const { operation, source, parameters } = incidentOf({ is: 'CloudTrail event', event });
    expect(operation).toBe(tables.operation);
    expect({ source, parameters }).toEqual({ source: 'orders', parameters: { polishGrade: 'mirror' } });
  });

  test('are checked', async () => {
    const { code, stdout } = await printed('shine', ...demo, '--polish-grade', 'matt', '--output', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ api: 'PolishDBCluster', verdict: 'fails' }] });
    const [operation] = operationsNamed('polish-cluster');
    if (operation === undefined) throw new Error('there is no such operation');
    const question = { operation, principal: demoPrincipal, target: 'orders', context: {}, strict: false };
    const asked = { ...question, evaluatedAt: '2026-11-23T12:00:00Z', explain: false, fix: false };
    expect(() => check(demoEvidence, asked, 'test')).toThrow('polish-cluster needs --polish-grade');
  });

  test('are refused where they make no sense', async () => {
    expect((await printed('shine', ...demo, '--polish-grade', 'dull')).stderr).toContain('give a grade that shines');
    expect((await printed('shine', ...demo)).stderr).toContain('polish-cluster needs --polish-grade');
    const elsewhere = await printed('stop-cluster', ...demo, '--polish-grade', 'matt');
    expect(elsewhere.stderr).toContain("unknown option '--polish-grade'");
  });
});

describe('the tables are complete', () => {
  test.each(allParameters())('--%s has help and a property of its own', (flag) => {
    const { property, kind, placeholder, help } = rowOf(flag);
    expect(help).toMatch(/^[a-zA-Z].*[^.]$/);
    expect(allParameters().filter((other) => rowOf(other).property === property)).toEqual([flag]);
    expect(placeholder === undefined).toBe(kind === 'switch');
    expect(catalogue.some(({ parameters }) => parameters.includes(flag))).toBe(true);
  });

  test("no flag is the AWS CLI's name of another parameter or source", () => {
    const flags: readonly string[] = [...allParameters(), ...allSourceFlags()];
    expect(apiNames(catalogue).filter(({ name }) => flags.includes(name))).toEqual([]);
  });

  test('no flag names a source and a parameter', () => {
    const properties = allSourceFlags().map((flag): string => sourceFlags[flag].property);
    const flags: readonly string[] = allSourceFlags();
    expect(allParameters().filter((flag) => flags.includes(flag) || properties.includes(rowOf(flag).property))).toEqual(
      [],
    );
  });

  test.each(catalogue.map((one) => [`${one.command}, ${one.does}`, one] as const))('%s', (_, operation) => {
    const { request, reads, parameters, requires = [], api, runsAsRole } = operation;
    expect(request.source !== undefined, 'the request names what is read').toBe(reads !== undefined);
    if (runsAsRole !== true)
      expect(request.to !== undefined, 'the request names what is made').toBe(parameters.includes('to'));
    expect(requires.filter((flag) => !parameters.includes(flag))).toEqual([]);
    for (const flag of requires) expect(rowOf(flag).example, `--${flag} is required`).toBeDefined();
    const rivals = catalogue.filter((one) => one.api === api && one.runsAsRole !== true);
    expect(rivals.filter((one) => one.request.when === undefined).length, 'one is meant where no other is').toBe(1);
  });

  test.each(catalogue.filter(({ runsAsRole }) => runsAsRole !== true).map((one) => [one.does, one] as const))(
    'a request to %s is distinguished from other requests of its API',
    (_, operation) => {
      const { when } = operation.request;
      const asked = operationOfRequest(operation.api, (name) =>
        name === when?.parameter ? `a${when.holds}b` : undefined,
      );
      expect(asked).toBe(operation);
    },
  );
});
