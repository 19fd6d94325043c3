import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and its missing parents. Node's recursive `mkdirSync` never returns below a folder
 * such as /proc, which exists but says that the parent of a new folder does not.
 * @throws Error of the file system
 */
export function makeFolder(path: string): void {
  if (isThere(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another program may have made the folder in the meantime.
    if (!isThere(path)) throw error;
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
