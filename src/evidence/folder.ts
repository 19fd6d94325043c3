import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder, and those above it that do not exist. The recursive `mkdirSync` of Node never
 * returns below a folder such as /proc, which exists but says that a new folder's parent does not.
 * @throws Error of the file system
 */
export function makeFolder(path: string): void {
  if (isThere(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another program may have made the folder meanwhile.
    if (!isThere(path)) throw error;
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
