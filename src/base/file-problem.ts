const problems: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file or folder'],
  ['ENOTDIR', 'part of the path is a file, not a folder'],
  // A folder was to be made.
  ['EEXIST', 'part of the path is a file, not a folder'],
  ['EISDIR', 'this is a folder, not a file'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'the disk is full'],
  ['ELOOP', 'the link points to itself'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ENXIO', 'a socket or device, not a file'],
]);

/** The meaning of an error of the file system. Undefined: it is another kind of error. */
export function fileProblem(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? problems.get(code) : undefined;
}
