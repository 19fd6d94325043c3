import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prepareReports, reportsIn } from '../../src/cli/report-targets.ts';
import { pageMark } from '../../src/report/html/page-mark.ts';

test('the start of a run deletes the pages of an earlier one, and no file that others wrote', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  const files = {
    'index.html': pageMark,
    'account-1.html': `<head>${pageMark}</head>`,
    'account-2.html': 'somebody wrote this',
    'notes.html': pageMark,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  prepareReports(reportsIn(['restore', '--report', `html=${folder}/`]));
  expect(readdirSync(folder).toSorted()).toEqual(['account-2.html', 'notes.html']);
});
