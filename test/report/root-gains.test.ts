import { expect, test } from 'vitest';
import { runInProcess } from '../run-in-process.ts';

const disabled = ['--snapshot', 'ledger-monthly', '--assume-key-state', 'alias/ledger=Disabled'];

/** What the fix of a restore says about the root user. */
async function saidOfRoot(principal: string, ...more: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await runInProcess(['restore', '--demo', '--principal', principal, ...disabled, ...more]);
  return stdout.match(/\b[Tt]he root user[^.]*could then also [^:.]*[:.]/g) ?? [];
}

test('a root user who gains is counted, and named with its operations on demand', async () => {
  expect(await saidOfRoot('role/dr-restore')).toEqual([
    expect.stringMatching(/^The root user of account 111122223333 could then also run \d+ operations:$/),
  ]);
  expect(await saidOfRoot('role/dr-restore', '--fix=all')).toEqual([
    expect.stringMatching(/^The root user of account 111122223333 could then also .*restore snapshot ledger-monthly/s),
  ]);
});

test('a root user who asks gains like any other principal', async () => {
  expect(await saidOfRoot('root', '--fix=all')).toEqual([expect.stringMatching(/^The root user could then also /)]);
});

test('of many abilities that a principal gains, a short answer counts most', async () => {
  const ofDr = async (...more: readonly string[]): Promise<string> => {
    const { stdout } = await runInProcess([
      'restore',
      '--demo',
      '--principal',
      'user/administrator',
      ...disabled,
      ...more,
    ]);
    return /user\/administrator could then\s+also [^:.]*[:.]/.exec(stdout)?.[0].replaceAll(/\s+/g, ' ') ?? '';
  };
  expect(await ofDr()).toMatch(/(?:, [^,]+){5} and run \d+ more operations:$/);
  expect((await ofDr('--fix')).split(', ').length).toBeGreaterThan(8);
});
