// Measures the commands that ask about every principal of an organization: the built program reads
// the evidence from disk and writes its answer.
// `npm run bench:audit -- 10000 100000` measures with 10,000 and with 100,000 principals. The
// script prints figures and never fails because of a figure.
import { mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { numbered } from './generated-account.mjs';
import { accountId, perAccount, shares, writeEstate } from './generated-estate.mjs';
import { measured } from './measured-run.mjs';

const given = process.argv.slice(2).map(Number);
const sizes = given.length === 0 ? [10_000, 100_000] : given;

console.log(
  `Node ${process.version}; ${JSON.stringify(perAccount)} for each account; in percent: ${JSON.stringify(shares)}`,
);
for (const size of sizes) {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  try {
    const accounts = Math.max(2, Math.round(size / perAccount.principals));
    const megabytes = Math.round(writeEstate(join(folder, 'evidence'), accounts) / 1e6);
    console.log(`${size.toLocaleString('en')} principals in ${accounts} accounts, ${megabytes} MB`);
    const snapshots = numbered(perAccount.snapshots, (number) => [
      '--snapshot',
      `arn:aws:rds:us-east-1:${accountId(1)}:cluster-snapshot:nightly-${number}`,
    ]).flat();
    time(folder, 'who can restore the snapshots of one account', [
      'who-can',
      'restore',
      ...snapshots,
      '--output',
      'jsonl',
    ]);
    time(folder, 'an audit', ['audit', '--output', 'jsonl']);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function time(folder, what, args) {
  const written = join(folder, 'answer');
  const { wall, cpu, megabytes } = measured([...args, '--evidence', join(folder, 'evidence')], {
    stdio: ['ignore', openSync(written, 'w'), 'pipe'],
  });
  console.log(
    `  ${what}: ${wall.toFixed(1)} s (CPU ${cpu.toFixed(1)} s), at most ${megabytes} MB, ${(statSync(written).size / 1e6).toFixed(1)} MB written`,
  );
}
