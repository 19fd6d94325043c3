import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { readingPolicy } from '../../src/collect/permissions.ts';
import { administrator, drRestore, keys, operator } from './command.ts';
import { account, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import { startProxy } from './proxy.ts';
import { deputy, fillStaff } from './staff.ts';
import { fillInstances } from './surroundings.ts';

let moto: Emulator;
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
  await fillStaff(moto.endpoint);
  await fillInstances(moto.endpoint);
});
afterAll(() => moto.stop());

const foreign = 'arn:aws:iam::999999999999:role/visitor';
const exported = ['--s3-bucket', 'bucket', '--iam-role', `arn:aws:iam::${account}:role/assistant`];
const questions: readonly (readonly string[])[] = [
  ['restore', '--principal', operator, '--snapshot', 'ledger-monthly'],
  ['restore', '--principal', operator, '--snapshot', 'orders-before-upgrade', '--strict', '--verbose'],
  ['restore', '--principal', deputy],
  ['restore', '--principal', deputy, '--instance-snapshot', 'wiki-1'],
  ['create-snapshot', '--principal', deputy, '--cluster', 'orders'],
  ['create-snapshot', '--principal', drRestore, '--instance', 'orders-writer'],
  [
    'copy-snapshot',
    '--principal',
    operator,
    '--snapshot',
    'ledger-monthly',
    '--kms-key-id',
    'alias/orders',
    '--to',
    'x',
  ],
  ['share-snapshot', '--principal', administrator, '--snapshot', 'ledger-monthly', '--with', '444455556666'],
  [
    'export-snapshot',
    '--principal',
    deputy,
    '--snapshot',
    'ledger-monthly',
    '--kms-key-id',
    'alias/orders',
    ...exported,
  ],
  ['create-cluster', '--principal', administrator, '--to', 'new', '--storage-encrypted'],
  ['create-replica', '--principal', administrator, '--instance', 'wiki', '--to', 'new'],
  ['delete-cluster', '--principal', administrator, '--cluster', 'orders'],
  ['stop-instance', '--principal', administrator, '--instance', 'wiki'],
  ['restore', '--principal', foreign, '--snapshot', 'ledger-monthly'],
  ['restore', '--principal', foreign],
  ['restore', '--principal', operator, '--snapshot', 'no-such'],
  ['restore', '--principal', operator, '--snapshot', 'ledger-monthly', '--kms-key-id', 'alias/none'],
  ['restore', '--principal', 'role/none', '--snapshot', 'ledger-monthly'],
  [
    'restore',
    '--principal',
    operator,
    '--snapshot',
    'ledger-monthly',
    '--assume-attach',
    'role/none=arn:aws:iam::aws:policy/ReadOnlyAccess',
  ],
  ['restore', '--principal', operator, '--snapshot', 'ledger-monthly', '--assume-key-state', 'alias/none=Disabled'],
  [
    'restore',
    '--principal',
    operator,
    '--snapshot',
    'ledger-monthly',
    '--vpc-endpoint',
    'vpce-0123456789abcdef0',
    '--max-age',
    '1h',
  ],
  [
    'diagnose',
    '--operation',
    'restore',
    '--principal',
    operator,
    '--snapshot',
    'ledger-monthly',
    '--error',
    'KMSKeyNotAccessibleFault',
  ],
];

interface Said {
  /**
   * The whole output of a run. The flag --evidence is removed, because a flag may have this name.
   */
  readonly text: string;
  readonly asked: readonly string[];
}

async function said(question: readonly string[], refuses: (operation: string) => boolean): Promise<Said> {
  const proxy = await startProxy(moto.endpoint, (operation) => {
    if (refuses(operation))
      return /^(kms|organizations):/.test(operation)
        ? { code: 'AccessDeniedException', status: 400 }
        : { code: 'AccessDenied', status: 403 };
    // The emulator does not know these operations.
    return /ClusterAutomatedBackups/.test(operation)
      ? { code: '', status: 200, body: `<${operation.slice(4)}Response/>` }
      : undefined;
  });
  let text = '';
  const stream = {
    write: (more: string) => {
      text += more;
    },
  };
  const io = { stdout: stream, stderr: stream, environment: keys, now: () => new Date() };
  await run([...question, '--endpoint-url', proxy.endpoint, '--region', region], io);
  await proxy.stop();
  return { text: text.replaceAll('--evidence', ''), asked: proxy.asked };
}

/** These commands together make every read of a check. */
const widest: readonly (readonly string[])[] = [
  ['restore', '--principal', deputy, '--instance-snapshot', 'wiki-1'],
  ['create-snapshot', '--principal', operator, '--cluster', 'orders'],
  ['share-snapshot', '--principal', administrator, '--snapshot', 'ledger-monthly', '--with', '444455556666'],
  ['share-snapshot', '--principal', administrator, '--instance-snapshot', 'wiki-1', '--with', '444455556666'],
  ['restore-to-point-in-time', '--principal', administrator, '--to', 'new'],
  ['restore-to-point-in-time', '--principal', administrator, '--instance', 'no-such', '--to', 'new'],
];

/** Every read of a check that AWS may refuse. */
const single = readingPolicy('check', []).Statement.flatMap((statement) => statement.Action);

describe('a live run does not speak of evidence', () => {
  test.each(questions.map((question) => ({ question })))('$question', async ({ question }) => {
    const nothing = await said(question, () => false);
    const allKeys = await said(question, (operation) => operation.startsWith('kms:'));
    const allIam = await said(question, (operation) => operation.startsWith('iam:'));
    const all = await said(question, (operation) => operation !== 'sts:GetCallerIdentity');
    expect([nothing, allKeys, allIam, all].map(({ text }) => text).join('')).not.toMatch(/evidence/i);
  });

  test('where one read is refused, and names it', async () => {
    const asks = await Promise.all(widest.map(async (question) => (await said(question, () => false)).asked));
    const faults: unknown[] = [];
    for (const action of single) {
      const question = widest[asks.findIndex((asked) => asked.includes(action))];
      const { text } =
        question === undefined ? { text: '' } : await said(question, (operation) => operation === action);
      if (!text.includes(action) || /evidence/i.test(text))
        faults.push({ action, question: question?.join(' '), text });
    }
    expect(faults).toEqual([]);
  });
});
