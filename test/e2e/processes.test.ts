import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/*
 * A process of the program takes as long as fifty runs in the process of the tests. These files
 * start about 40 processes, and nothing else in `npm test` starts one.
 */
const starting: Readonly<Record<string, string>> = {
  'cli.ts': 'run, which takes standard input',
  'e2e/bad-input.test.ts': 'evidence from standard input; random arguments',
  'e2e/diagnose.test.ts': 'an event from standard input',
  'e2e/output.test.ts': 'a reader that closes the pipe; a folder without packages',
  'e2e/special-files.test.ts': 'signals',
  'e2e/start.test.ts': 'the cache of compiled code',
  'e2e/transcripts.test.ts': 'what the README shows of the built program',
  'e2e/what-if.test.ts': 'a policy from standard input',
};

test('no test starts the program that tests no process', () => {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  const starts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/^(?:browser|ci-formats|emulator)\b/.test(name))
    .filter((name) => name !== 'e2e/processes.test.ts')
    .filter((name) =>
      /\bbin\/aurora-kms-check\.js|import \{[^}]*\brun\b[^}]*\} from '[./]+\/cli\.ts'/.test(
        readFileSync(`${folder}/${name}`, 'utf8'),
      ),
    );
  expect(starts.toSorted()).toEqual(Object.keys(starting));
});
