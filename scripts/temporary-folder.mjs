// Lets tests write below one folder, which is removed when all tests have run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

// The path of a socket has at most 104 characters.
const prefix = 'akc-';

/** Vitest calls this for each of its projects: the first call makes the folder. */
export function setup() {
  if (basename(tmpdir()).startsWith(prefix)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), prefix));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
