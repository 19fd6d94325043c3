// Lets Node import TypeScript: node --import ./scripts/typescript.mjs. Types are removed, not
// checked.
import { readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { transform } from 'esbuild';
import { outputOptions } from './transpiled.mjs';

// Node runs hooks in a thread of their own, which loads this file once more.
if (isMainThread) register(import.meta.url);

/** The output that `transpiled.mjs` wrote earlier, by path. */
const { TRANSPILED } = process.env;
const { madeAt, codes } =
  isMainThread || TRANSPILED === undefined ? { madeAt: 0, codes: {} } : JSON.parse(readFileSync(TRANSPILED, 'utf8'));

/**
 * Gives Node the format of a .ts file. Without the format, Node would read the file to find out,
 * although `load` reads the file anyway.
 */
export function resolve(specifier, context, next) {
  const [path] = specifier.split('?');
  if (!path.endsWith('.ts') || !/^(?:\.\.?\/|file:)/.test(path)) return next(specifier, context);
  return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
}

export async function load(url, context, next) {
  const [module] = url.split('?');
  if (!module.endsWith('.ts')) return next(url, context);
  const file = fileURLToPath(module);
  const isMade = Object.hasOwn(codes, file) && statSync(file).mtimeMs < madeAt;
  return { format: 'module', source: isMade ? codes[file] : await codeOf(file), shortCircuit: true };
}

async function codeOf(file) {
  const { code } = await transform(await readFile(file, 'utf8'), { ...outputOptions, loader: 'ts', sourcefile: file });
  return code;
}
