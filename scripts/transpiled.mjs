// Removes the types of all modules of src and test before the tests run. Without this step, each
// test process would do that module by module, which takes several times as long.
import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

export const outputOptions = { format: 'esm', target: 'node20.19', sourcemap: 'inline', sourcesContent: false };

/**
 * Vitest calls this function for each of its projects, and the first call writes the file. A run of
 * a few test files needs few modules, so it skips this step.
 */
export async function setup({ vitest: { filenamePattern = [] } }) {
  if (process.env.TRANSPILED !== undefined || filenamePattern.length > 0) return;
  const madeAt = Date.now();
  const entryPoints = ['src', 'test'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  // The process of esbuild ends soon: collecting garbage would take a third of its time.
  process.env.GOGC = 'off';
  // The source maps name their sources relative to the output.
  const { outputFiles } = await build({ ...outputOptions, entryPoints, outdir: '.', outbase: '.', write: false });
  delete process.env.GOGC;
  const codes = outputFiles.map(({ path, text }) => [path.replace(/\.js$/, '.ts'), text]);
  process.env.TRANSPILED = join(tmpdir(), 'modules.json');
  writeFileSync(process.env.TRANSPILED, JSON.stringify({ madeAt, codes: Object.fromEntries(codes) }));
}
