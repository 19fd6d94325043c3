import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { list } from '../src/base/wording.ts';
import { run } from '../src/cli/run.ts';
import { demoIncident } from '../src/diagnose/demo-incident.ts';
import * as library from '../src/index.ts';
import {
  anonymize,
  assume,
  authorize,
  type CheckQuestion,
  catalogue,
  check,
  compile,
  type Decision,
  demoEvidence,
  demoPrincipal,
  diagnose,
  diff,
  type Evidence,
  explain,
  Failure,
  InvalidPolicies,
  loadEvidence,
  mergeEvidence,
  type Policies,
  render,
} from '../src/index.ts';
import { parameterTable } from '../src/operations/parameters.ts';
import { formatNames } from '../src/report/format-rows.ts';

const evaluatedAt = '2026-11-01T10:00:00Z';
const account = '111122223333';

/** The output of the command at the same fixed time. */
async function printed(...argv: readonly string[]): Promise<string> {
  let stdout = '';
  const stream = { write: (text: string) => (stdout += text) };
  await run(argv, { stdout: stream, stderr: stream, environment: { COLUMNS: '80' }, now: () => new Date(evaluatedAt) });
  return stdout;
}

function failureOf(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the face of the library', () => {
  test('is what its documentation says', () => {
    expect(Object.keys(library).toSorted()).toEqual([
      'Failure',
      'InvalidPolicies',
      'InvalidRequest',
      'ReadDocuments',
      'anonymize',
      'assume',
      'authorize',
      'catalogue',
      'check',
      'commandText',
      'compile',
      'demoEvidence',
      'demoPrincipal',
      'diagnose',
      'diff',
      'disputed',
      'explain',
      'loadEvidence',
      'mergeEvidence',
      'operationsNamed',
      'parse',
      'render',
    ]);
  });
});

describe('check', () => {
  const question = { operation: 'restore', principal: demoPrincipal, target: 'ledger-monthly', evaluatedAt };

  test('fills in the version and the time', () => {
    const before = new Date();
    const { tool, evaluatedAt: at } = check(demoEvidence, {
      operation: 'restore',
      principal: demoPrincipal,
      fix: false,
    });
    expect(tool).toEqual({ name: 'aurora-kms-check', version: packageJson.version });
    expect(Date.parse(at)).toBeGreaterThanOrEqual(before.getTime());
    expect(Date.parse(at)).toBeLessThanOrEqual(Date.now());
  });

  test.each([
    ['restore', {}, []],
    ['restore', { target: 'ledger-monthly', explain: true }, ['--snapshot', 'ledger-monthly', '--explain']],
    ['create-snapshot', { strict: true, principal: 'role/dr-restore' }, ['--strict', '--principal', 'role/dr-restore']],
    [
      'restore',
      {
        target: 'orders-before-upgrade',
        parameters: { kmsKeyId: 'alias/ledger' },
        context: { 'aws:SourceIp': ['203.0.113.7'] },
      },
      ['--snapshot', 'orders-before-upgrade', '--kms-key-id', 'alias/ledger', '--source-ip', '203.0.113.7'],
    ],
  ] as const)('takes what the command takes by default: %s %o', { tags: 'slow' }, async (operation, asked, args) => {
    // The command checks the demo at the time when the demo was collected.
    const readAt = new Date(demoEvidence.collectedAt ?? '').toISOString();
    const report = check(demoEvidence, { operation, principal: demoPrincipal, evaluatedAt: readAt, ...asked });
    expect(render(report, { format: 'json' })).toBe(await printed(operation, '--demo', '--output', 'json', ...args));
    expect(render(report)).toBe(await printed(operation, '--demo', ...args));
  });

  test('looks for fixes unless the caller turns that off', () => {
    const fixes = (fix?: boolean): number =>
      check(demoEvidence, { ...question, ...(fix === undefined ? {} : { fix }) }).fixes.length;
    expect([fixes() > 0, fixes(false)]).toEqual([true, 0]);
  });

  test('checks the caller of the evidence unless the question names another principal', () => {
    const caller = { Arn: 'arn:aws:iam::111122223333:user/administrator', Account: account };
    const { results } = check({ ...demoEvidence, caller }, { operation: 'restore', evaluatedAt, fix: false });
    expect(results[0]?.principal.arn).toBe(caller.Arn);
  });

  test.each([
    ['restore', undefined, 'RestoreDBClusterFromSnapshot'],
    ['restore', 'arn:aws:rds:us-east-1:111122223333:cluster-snapshot:ledger-monthly', 'RestoreDBClusterFromSnapshot'],
    ['create-db-cluster-snapshot', undefined, 'CreateDBClusterSnapshot'],
    ['StartDBCluster', undefined, 'StartDBCluster'],
  ])('knows %s of %s as %s', (operation, target, api) => {
    const asked = { operation, principal: demoPrincipal, fix: false, ...(target === undefined ? {} : { target }) };
    expect(check(demoEvidence, asked).results.map((result) => result.api)).toContain(api);
  });

  test('finds by the type of the target which of two operations is meant', () => {
    const target = 'arn:aws:rds:us-east-1:111122223333:snapshot:reports';
    expect(failureOf(() => check(demoEvidence, { ...question, target })).message).toContain('snapshot:reports');
  });

  test('restores a DB snapshot as a DB instance, although a cluster can also be restored from one', () => {
    const arn = 'arn:aws:rds:us-east-1:111122223333:snapshot:reports';
    const { accounts } = demoEvidence;
    const owner = accounts[account];
    const region = owner?.regions?.['us-east-1'];
    const DBSnapshots = [{ DBSnapshotIdentifier: 'reports', DBSnapshotArn: arn, Engine: 'postgres' }];
    const held: Evidence = {
      ...demoEvidence,
      accounts: {
        ...accounts,
        [account]: { ...owner, regions: { 'us-east-1': { ...region, rds: { ...region?.rds, DBSnapshots } } } },
      },
    };
    const { results } = check(held, { ...question, target: arn, fix: false });
    expect(results.map(({ api }) => api)).toEqual(['RestoreDBInstanceFromDBSnapshot']);
  });

  const unreadable = {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: '*',
      Resource: '*',
      Condition: { BinaryEquals: { 'aws:RequestTag/key': '%%%' } },
    },
  };

  test.each([
    ['an unknown operation', { operation: 'restor' }, 'unknown operation `restor`'],
    ['a property of every object as operation', { operation: 'constructor' }, 'unknown operation'],
    ['an invalid principal', { principal: 'operator:x' }, 'operator:x'],
    ['a group', { principal: 'arn:aws:iam::111122223333:group/dba' }, 'group/dba'],
    ['a principal that does not exist', { principal: 'role/nobody' }, 'role/nobody'],
    ['a target that does not exist', { target: 'nothing' }, 'nothing'],
    ['a parameter that the operation does not take', { parameters: { s3Bucket: 'b' } }, '--s3-bucket'],
    ...[
      ['kmsKeyId', '["alias/orders"]', 'string'],
      ['withInstance', '"false"', 'boolean'],
      ['associatedRoles', '"role/x"', 'string[]'],
      ['tags', '[{"Key":"team","Value":"data"}]', 'Record<string, string>'],
    ].map(
      ([name, value, kind]) =>
        [
          `a parameter ${name} that is not ${kind}`,
          { parameters: JSON.parse(`{"${name}":${value}}`) },
          `parameters.${name} is not of type ${kind}`,
        ] as const,
    ),
    ['an invalid time', { evaluatedAt: 'yesterday' }, 'evaluatedAt `yesterday` is not a time'],
    // Callers in JavaScript may give a text where a list belongs.
    [
      'a condition key without a list',
      { context: JSON.parse('{"aws:SourceIp":"203.0.113.7"}') },
      'context: `aws:SourceIp` is not a list of texts',
    ],
    ['an invalid session policy', { sessionPolicy: '{' }, 'the session policy'],
    ['a session policy that STS refuses', { sessionPolicy: unreadable }, 'the session policy'],
    ['a session policy that AWS refuses', { sessionPolicy: { Version: '2012-10-17' } }, 'the session policy'],
  ] as const)('refuses %s', (_, wrong, says) => {
    const { kind, message, next } = failureOf(() => check(demoEvidence, { ...question, ...wrong }));
    expect({ kind, hasNext: next !== undefined }).toEqual({ kind: 'input', hasNext: true });
    expect(message).toContain(says);
  });

  test('refuses to guess the principal', () => {
    const { caller: _, ...evidence } = demoEvidence;
    expect(failureOf(() => check(evidence, { operation: 'restore' })).message).toContain('caller');
  });
});

describe('a policy that AWS would not accept', () => {
  const broken = { Version: '2012-10-17', Statement: [{ Effect: 'Perhaps', Action: 'rds:*', Resource: '*' }] };
  const fields = new Set(['PolicyDocument', 'Document', 'document', 'Policy', 'AssumeRolePolicyDocument']);

  /**
   * The evidence with one of its policies broken at a time, with the place of the broken policy.
   */
  function variants(value: unknown, path: string): readonly (readonly [path: string, variant: unknown])[] {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
      const at = `${path}.${name}`;
      const changed = (item: unknown): unknown =>
        Array.isArray(value) ? value.with(Number(name), item) : { ...value, [name]: item };
      if (fields.has(name)) return [[at, changed(broken)] as const];
      return variants(inner, at).map(([where, item]) => [where, changed(item)] as const);
    });
  }

  const statement = { Effect: 'Allow', Action: '*', Resource: '*' };
  const document = { Version: '2012-10-17', Statement: [statement] };
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
  };
  const boundary = `arn:aws:iam::${account}:policy/boundary`;
  const inline = { PolicyName: 'p', PolicyDocument: document };
  const known = demoEvidence.accounts[account] ?? {};
  /**
   * Policies of every kind. Some apply to the principal of the question, the others only to other
   * principals.
   */
  const everywhere: Evidence = {
    ...demoEvidence,
    accounts: {
      [account]: {
        ...known,
        iam: {
          ...known.iam,
          UserDetailList: [
            {
              Arn: `arn:aws:iam::${account}:user/u`,
              UserName: 'u',
              GroupList: ['g'],
              UserPolicyList: [inline],
              AttachedManagedPolicies: [],
              PermissionsBoundary: { PermissionsBoundaryArn: boundary },
            },
          ],
          GroupDetailList: [
            {
              Arn: `arn:aws:iam::${account}:group/g`,
              GroupName: 'g',
              GroupPolicyList: [inline],
              AttachedManagedPolicies: [],
            },
          ],
          RoleDetailList: (known.iam?.RoleDetailList ?? []).map((role) => ({
            ...role,
            AssumeRolePolicyDocument: trust,
          })),
          Policies: [
            ...(known.iam?.Policies ?? []),
            {
              Arn: boundary,
              PolicyName: 'boundary',
              DefaultVersionId: 'v1',
              PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: document }],
            },
          ],
        },
        organization: {
          id: 'o-a',
          path: [
            {
              id: 'r-a',
              scps: [{ name: 's', document }],
              rcps: [{ name: 'r', document: { ...document, Statement: [{ ...statement, Principal: '*' }] } }],
            },
          ],
        },
        regions: Object.fromEntries(
          Object.entries(known.regions ?? {}).map(([name, region]) => [
            name,
            {
              ...region,
              vpcEndpointPolicies: [
                { name: 'vpce-1', document: { ...document, Statement: [{ ...statement, Principal: '*' }] } },
              ],
            },
          ]),
        ),
      },
    },
  };
  const states = variants(everywhere, '').map(([path, variant]): readonly [string, Evidence] => {
    const file = join(mkdtempSync(join(tmpdir(), 'aurora-kms-check-')), 'evidence.json');
    writeFileSync(file, JSON.stringify(variant));
    const read: Evidence = JSON.parse(readFileSync(file, 'utf8'));
    return [path, read];
  });
  const questions: readonly CheckQuestion[] = catalogue
    .filter(({ command }) => ['restore', 'create-snapshot', 'start-cluster'].includes(command))
    .map((operation) => ({ operation, principal: demoPrincipal, evaluatedAt }));

  test('is in enough places for the tests to mean something', () => {
    expect(states.length).toBeGreaterThan(12);
  });

  test.each(states)(
    '%s: is a Failure wherever it bears on the answer, and nothing else',
    { tags: 'slow' },
    (path, evidence) => {
      const isTrust = path.endsWith('AssumeRolePolicyDocument');
      for (const question of questions) {
        for (const fix of [true, false]) {
          const outcome = (): string => {
            try {
              return check(evidence, { ...question, fix }).verdict;
            } catch (error) {
              if (!(error instanceof Failure)) throw error;
              expect(error.kind).toBe('input');
              return 'Failure';
            }
          };
          if (fix && !isTrust) expect(outcome()).toBe('Failure');
          else expect(['Failure', 'succeeds', 'fails', 'undetermined']).toContain(outcome());
        }
      }
    },
  );

  test.each(states.filter(([path]) => !path.endsWith('AssumeRolePolicyDocument')))(
    '%s: is refused by diff',
    { tags: 'slow' },
    (_, evidence) => {
      const question = { before: { evidence: demoEvidence }, after: { evidence } };
      expect(failureOf(() => diff(question)).message).toContain('neither "Allow" nor "Deny"');
    },
  );

  test('is refused where evidence is loaded', () => {
    const [first] = states;
    const file = join(mkdtempSync(join(tmpdir(), 'aurora-kms-check-')), 'evidence.json');
    writeFileSync(file, JSON.stringify(first?.[1]));
    expect(failureOf(() => loadEvidence(file)).message).toContain(file);
  });

  test('is refused by the engine by name and path', () => {
    const resource = { name: 'key policy', document: broken };
    expect(() => compile({ identity: [], resource })).toThrow(InvalidPolicies);
    expect(() => compile({ identity: [], resource })).toThrow('`key policy`');
  });
});

describe('evidence', () => {
  test('is loaded from files and folders as one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
    writeFileSync(join(folder, 'evidence.json'), JSON.stringify(demoEvidence));
    expect(loadEvidence(folder)).toEqual(demoEvidence);
    expect(loadEvidence([folder, join(folder, 'evidence.json')])).toEqual(demoEvidence);
    expect(failureOf(() => loadEvidence(join(folder, 'none.json'))).message).toContain('no such file');
  });

  test('is merged, and refused where it contradicts itself or is none', () => {
    const other: Evidence = { evidenceVersion: 1, accounts: { '444455556666': {} } };
    expect(Object.keys(mergeEvidence([demoEvidence, other]).accounts)).toEqual([account, '444455556666']);
    expect(mergeEvidence([demoEvidence, demoEvidence])).toEqual(demoEvidence);
    const disabled = assume(demoEvidence, [{ assume: 'key state', key: 'alias/ledger', state: 'Disabled' }]);
    expect(failureOf(() => mergeEvidence([demoEvidence, disabled.evidence])).message).toContain('contradict');
    expect(failureOf(() => mergeEvidence([])).kind).toBe('input');
    const wrong: Evidence = JSON.parse('{ "evidenceVersion": 2, "accounts": {} }');
    expect(failureOf(() => mergeEvidence([demoEvidence, wrong])).message).toContain('evidence 2: `evidenceVersion`');
  });

  test('is anonymized without a change of verdict', () => {
    const anonymous = anonymize({ ...demoEvidence, caller: { Arn: demoPrincipal, Account: account } });
    expect(JSON.stringify(anonymous)).not.toContain(account);
    const verdicts = (evidence: Evidence, principal?: string): readonly string[] =>
      check(evidence, {
        operation: 'restore',
        fix: false,
        ...(principal === undefined ? {} : { principal }),
      }).results.map(({ verdict }) => verdict);
    expect(verdicts(anonymous)).toEqual(verdicts(demoEvidence, demoPrincipal));
  });
});

describe('diff', () => {
  const after = assume(demoEvidence, [{ assume: 'key state', key: 'alias/ledger', state: 'Disabled' }]);

  test('compares what was with what would be, as the command does', { tags: 'slow' }, async () => {
    const seen: number[] = [];
    const report = diff({
      before: { evidence: demoEvidence, name: 'the embedded example' },
      after: { ...after, name: 'the hypothetical state' },
      evaluatedAt,
      onProgress: ({ done }) => seen.push(done),
    });
    expect(report.verdict).toBe('fails');
    const args = ['--demo', '--assume-key-state', 'alias/ledger=Disabled'];
    expect(render(report)).toBe(await printed('diff', ...args));
    expect(render(report, { format: 'json' })).toBe(await printed('diff', ...args, '--output', 'json'));
    expect(seen.length).toBeGreaterThan(1);
  });

  test('asks about the given principals and targets', () => {
    const { changes, before } = diff({
      before: { evidence: demoEvidence },
      after,
      principals: ['role/dr-restore'],
      operations: ['restore'],
    });
    expect(new Set(changes.map(({ principal, operation }) => `${principal} ${operation}`))).toEqual(
      new Set(['arn:aws:iam::111122223333:role/dr-restore restore']),
    );
    expect(before).toBe('before');
    expect(
      failureOf(() => diff({ before: { evidence: demoEvidence }, after, operations: ['restor'] })).message,
    ).toContain('restor');
  });
});

describe('diagnose', () => {
  const event = 'event' in demoIncident ? demoIncident.event : {};

  test('says what the command says', { tags: 'slow' }, async () => {
    const report = diagnose(demoEvidence, event, { maxAge: 1_000_000 });
    expect(render(report, { format: 'json' })).toBe(await printed('diagnose', '--demo', '--output', 'json'));
    expect(diagnose(demoEvidence, JSON.stringify(event), { maxAge: 1_000_000 })).toEqual(report);
  });

  test('says what is missing, and takes what is added', () => {
    const error = 'KMSKeyNotAccessibleFault: the key is not accessible';
    const { diagnosis, results } = diagnose(demoEvidence, error);
    expect(results).toEqual([]);
    expect(diagnosis?.missing.map(({ flag }) => flag)).toContain('--operation');
    const added = { operation: 'restore', principal: demoPrincipal, target: 'orders-before-upgrade' };
    expect(diagnose(demoEvidence, error, added).diagnosis?.agreement).toBe('agrees');
  });

  test('refuses what contradicts the record, and what is no record', () => {
    expect(failureOf(() => diagnose(demoEvidence, event, { principal: 'user/administrator' })).message).toContain(
      '--principal',
    );
    expect(failureOf(() => diagnose(demoEvidence, { a: 1 })).kind).toBe('input');
    expect(failureOf(() => diagnose(demoEvidence, '{')).kind).toBe('input');
  });
});

describe('explain', () => {
  test('a result: the answer, why, and what would fix it', () => {
    const report = check(demoEvidence, {
      operation: 'restore',
      principal: demoPrincipal,
      target: 'orders-before-upgrade',
      evaluatedAt,
    });
    const [result] = report.results;
    if (result === undefined) throw new Error('no result');
    const [answer, error, why, ...others] = explain(result, report);
    expect(answer).toBe('role/operator cannot restore snapshot orders-before-upgrade.');
    expect(error).toBe('Expected error: KMSKeyNotAccessibleFault.');
    expect(why).toContain('kms:CreateGrant');
    expect(others.at(-1)).toMatch(/^Fix( \d)?: .*\.$/);
  });

  const principal = 'arn:aws:iam::111122223333:role/App';
  const request = {
    principal,
    action: 'kms:Decrypt',
    resource: { arn: 'arn:aws:kms:us-east-1:111122223333:key/K', account },
    unknownKeys: ['aws:SourceIp'],
  };
  const allow = { Sid: 'Office', Effect: 'Allow', Principal: { AWS: principal }, Action: 'kms:Decrypt', Resource: '*' };
  const decided = (...statements: readonly object[]): Decision => {
    const policies: Policies = {
      identity: [],
      resource: { name: 'key policy', document: { Version: '2012-10-17', Statement: statements } },
    };
    return authorize(request, policies);
  };

  test.each([
    [
      'allowed',
      [allow],
      ['kms:Decrypt on key/K is allowed for role/App.', '"Office" of the key policy allows the call.'],
    ],
    ['denied by no statement', [], ['kms:Decrypt on key/K is denied for role/App.']],
    [
      'denied by a statement',
      [
        allow,
        {
          ...allow,
          Sid: 'No',
          Effect: 'Deny',
          Condition: { StringNotEquals: { 'kms:ViaService': 'rds.us-east-1.amazonaws.com' } },
        },
      ],
      [
        'kms:Decrypt on key/K is denied for role/App.',
        '"No" of the key policy denies the call. The Deny applies because kms:ViaService is',
      ],
    ],
    [
      'open',
      [{ ...allow, Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } }],
      ['kms:Decrypt on key/K may be allowed or denied for role/App.', 'aws:SourceIp'],
    ],
  ])('a decision: %s', (_, statements, says) => {
    const sentences = explain(decided(...statements), request);
    expect(sentences).toHaveLength(2);
    for (const [index, words] of says.entries()) expect(sentences[index]?.toLowerCase()).toContain(words.toLowerCase());
    for (const words of sentences) expect(words).toMatch(/^[A-Zk"].*[^.]\.$/);
  });
});

describe('render', () => {
  const report = check(demoEvidence, { operation: 'restore', principal: demoPrincipal, fix: false });

  test('draws in the given width and colors', () => {
    expect(render(report, { color: true })).toContain('\u001B[');
    expect(
      render(report, { width: 200 })
        .split('\n')
        .some((line) => line.length > 80),
    ).toBe(true);
  });

  test('names the existing formats', () => {
    const { message, next } = failureOf(() => render(report, { format: 'xml' }));
    expect([message, next]).toEqual(['unknown format `xml`', `the formats are ${list(formatNames('check'))}`]);
  });
});

describe('what a question names is used or refused', () => {
  const values: Readonly<Record<string, unknown>> = { switch: true, tags: { a: 'b' }, list: ['a'] };
  const everything = Object.entries(parameterTable).map(([flag, row]) => ({
    flag,
    given: { [row.property]: values[row.kind] ?? 'a' },
  }));
  const asked = catalogue.map((operation) => ({
    operation,
    name: `${operation.command} ${operation.reads?.flag ?? ''}`,
  }));

  test.each(asked)('$name: each parameter that the operation does not take', ({ operation }) => {
    for (const { flag, given } of everything) {
      if (operation.parameters.some((one) => one === flag)) continue;
      const question = { operation, principal: demoPrincipal, parameters: given, fix: false };
      expect(failureOf(() => check(demoEvidence, question)).message).toBe(`${operation.api} takes no --${flag}`);
    }
  });

  test.each(asked.filter(({ operation }) => operation.reads === undefined))('$name: a target', ({ operation }) => {
    const question = { operation, principal: demoPrincipal, target: 'orders', fix: false };
    expect(failureOf(() => check(demoEvidence, question)).message).toBe(
      `${operation.command} takes no target, but the question names \`orders\``,
    );
  });

  test('a target chooses the operation that reads something', () => {
    const question = { operation: 'create-instance', principal: demoPrincipal, fix: false, evaluatedAt };
    const [result] = check(demoEvidence, { ...question, target: 'orders' }).results;
    expect(result?.target.cluster).toMatch(/:cluster:orders$/);
    expect(check(demoEvidence, question).results.map(({ target }) => target.cluster)).toEqual([null]);
  });

  test('a field that does not exist', () => {
    const question = { operation: 'restore', principal: demoPrincipal, fix: false };
    const { message, next } = failureOf(() => check(demoEvidence, Object.assign({ traget: 'orders' }, question)));
    expect([message, next]).toEqual([
      'the question has a field `traget`, which does not exist',
      'did you mean `target`?',
    ]);
    const parameters = Object.assign({ kmsKeyID: 'alias/orders' }, { to: 'x' });
    expect(failureOf(() => check(demoEvidence, { ...question, parameters })).next).toBe('did you mean `kmsKeyId`?');
    const states = { before: { evidence: demoEvidence }, after: { evidence: demoEvidence } };
    expect(failureOf(() => diff(Object.assign({ operation: 'restore' }, states))).next).toBe(
      'did you mean `operations`?',
    );
    expect(
      failureOf(() => diagnose(demoEvidence, 'AccessDenied', Object.assign({ event: '1' }, { strict: true }))).message,
    ).toBe('the question has a field `event`, which does not exist');
  });
});
