/**
 * Whether an import failed because the package is not installed. ES modules and CommonJS have codes
 * of their own for that.
 */
export function isMissingPackage(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND';
}
