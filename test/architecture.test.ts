import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ownPages, userPages } from './readme.ts';

const src = fileURLToPath(new URL('../src', import.meta.url));

/**
 * The layers from the bottom to the top: a file imports from its own layer and from those below it.
 */
const layers = [
  'base',
  'operations',
  'policy',
  'contract',
  'evidence',
  'anonymize',
  'collect',
  'check',
  'bulk',
  'fix',
  'diff',
  'diagnose',
  'plan',
  'preflight',
  'audit',
  'explain',
  'answer',
  'report',
  'cli',
  'index.ts',
];

/** The packages that a layer, or a single file of a layer, may import. */
const packages: Readonly<Record<string, readonly string[]>> = {
  'base/nearest.ts': ['fastest-levenshtein'],
  evidence: ['valibot'],
  'evidence/folder.ts': ['node:fs', 'node:path'],
  'evidence/readers/files.ts': ['node:buffer', 'node:fs', 'node:path', 'node:zlib'],
  'evidence/save.ts': ['node:fs', 'node:path', 'node:zlib'],
  'contract/report.ts': ['valibot'],
  'contract/diff-report.ts': ['valibot'],
  'contract/plan-report.ts': ['valibot'],
  'contract/preflight-report.ts': ['valibot'],
  'contract/who-can-report.ts': ['valibot'],
  'contract/audit-report.ts': ['valibot'],
  'contract/key-impact-report.ts': ['valibot'],
  'contract/worded.ts': ['valibot'],
  'base/digest.ts': ['node:crypto'],
  'base/objects.ts': ['valibot'],
  'contract/expectations.ts': ['valibot'],
  'contract/exceptions.ts': ['valibot'],
  'contract/baseline.ts': ['valibot'],
  'diagnose/incident-record.ts': ['valibot'],
  'plan/plan-file.ts': ['valibot'],
  'preflight/yaml.ts': ['yaml'],
  collect: ['p-limit', 'node:'],
  'collect/sdk.ts': ['@aws-sdk/', '@smithy/'],
  report: ['chalk', 'diff'],
  anonymize: ['valibot'],
  cli: ['commander'],
  'cli/fix-folder.ts': ['node:fs', 'node:path'],
  'cli/report-files.ts': ['node:fs', 'node:path'],
  'cli/report-places.ts': ['node:path'],
  'cli/report-targets.ts': ['node:fs', 'node:path'],
  'cli/start.ts': ['node:'],
  'cli/version.ts': ['../package.json'],
};

/** Layers that only some files may import, because these layers decide nothing or call AWS. */
const closed: Readonly<Record<string, readonly string[]>> = { collect: ['cli'], answer: ['cli', 'index.ts'] };

interface Import {
  readonly file: string;
  readonly target: string;
  readonly types: boolean;
  readonly lazy: boolean;
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(path: string): readonly Import[] {
  const file = relative(src, path);
  const text = readFileSync(path, 'utf8');
  const statics = [...text.matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)'/gms)].map((found) => ({
    specifier: found[2] ?? '',
    types: found[1] !== undefined,
    lazy: false,
  }));
  const lazies = [...text.matchAll(/import\('([^']+)'\)/g)].map((found) => ({
    specifier: found[1] ?? '',
    types: false,
    lazy: true,
  }));
  return [...statics, ...lazies].map(({ specifier, types, lazy }) => ({
    file,
    target: specifier.startsWith('.') ? relative(src, join(path, '..', specifier)) : specifier,
    types,
    lazy,
  }));
}

function layerOf(file: string): string {
  return file.split('/')[0] ?? file;
}

const all = filesIn(src).flatMap(importsOf);

/**
 * Every module that is loaded together with the given files, and the chain of imports to the
 * module. An import() does not count, because its module is loaded later.
 */
function reachedFrom(files: readonly string[]): ReadonlyMap<string, string> {
  const reached = new Map(files.map((file): [string, string] => [file, file]));
  for (const [file, path] of reached)
    for (const { target } of all.filter((one) => one.file === file && !one.types && !one.lazy))
      if (!reached.has(target)) reached.set(target, `${path} > ${target}`);
  return reached;
}

describe('imports', () => {
  test('exist, so that the tests below can fail', () => {
    expect(all.length).toBeGreaterThan(50);
  });

  test('point down, and to the packages of their layer', () => {
    const wrong = all.filter(({ file, target, types, lazy }) => {
      const [from, to] = [layers.indexOf(layerOf(file)), layers.indexOf(layerOf(target))];
      if (to === -1) {
        // Imports of types are removed from the output, so types of the SDK load nothing.
        if (types && layerOf(file) === 'collect' && /^@(?:aws-sdk|smithy)\//.test(target)) return false;
        const may = [...(packages[layerOf(file)] ?? []), ...(packages[file] ?? [])];
        return !may.some((one) => target === one || (/[/:]$/.test(one) && target.startsWith(one)));
      }
      if (from === to) return false;
      if (to > from) return true;
      const guests = closed[layerOf(target)];
      if (guests !== undefined && !guests.includes(layerOf(file))) return !types;
      return layerOf(target) === 'collect' && !lazy && !types;
    });
    expect(wrong).toEqual([]);
  });

  test('make no circle, not even of types', () => {
    const targets = new Map<string, string[]>();
    for (const { file, target } of all) {
      if (target.endsWith('.ts')) targets.set(file, [...(targets.get(file) ?? []), target]);
    }
    const done = new Set<string>();
    const circles: string[] = [];
    const walk = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
      if (done.has(file) || path.includes(file)) return;
      for (const target of targets.get(file) ?? []) walk(target, [...path, file]);
      done.add(file);
    };
    for (const file of targets.keys()) walk(file, []);
    expect(circles).toEqual([]);
  });

  test('of the command line reach valibot and the AWS SDK only by way of import()', () => {
    const commands = [...new Set(all.map(({ file }) => file))].filter((file) =>
      /^cli\/commands\/[\w-]+-command\.ts$/.test(file),
    );
    const reached = reachedFrom(['cli/main.ts', ...commands]);
    expect(reached.size).toBeGreaterThan(50);
    const heavy = [...reached].filter(([target]) => /^(valibot|@aws-sdk\/|@smithy\/)/.test(target));
    expect(heavy.map(([, path]) => path)).toEqual([]);
  });

  test.each([
    {
      run: 'a list of operations',
      from: ['cli/commands/operations-command.ts', 'report/operation-list.ts'],
      never: /^(?:policy|contract|evidence|check|fix|explain|answer|report\/(?:formats|text|catalogue))\b/,
    },
    {
      run: 'a check that is shown as text',
      from: ['cli/commands/operation-command.ts', 'report/text.ts'],
      never:
        /^(?:diff\/|diagnose\/|preflight\/|evidence\/readers|contract\/(?:precondition-)?codes|report\/(?:formats\/|cases|row|catalogue|diff\.))/,
    },
  ])('of $run reach no code that it does not need', ({ from, never }) => {
    const reached = reachedFrom(['cli/main.ts', ...from]);
    expect(reached.size).toBeGreaterThan(20);
    expect([...reached].filter(([target]) => never.test(target)).map(([, path]) => path)).toEqual([]);
  });
});

interface OnePlace {
  readonly what: string;
  /** Matches code that contains the knowledge. */
  readonly written: RegExp;
  readonly examples: readonly string[];
  /** The files that may contain the knowledge. */
  readonly places: readonly string[];
}

/** Knowledge that must be in one place only. */
const onePlace: readonly OnePlace[] = [
  {
    what: 'an ARN is cut',
    written:
      /\.split\(['"`]:|\.split\(['"`]\/['"`]\)\.at\(-1\)|slice\(\d\)\.join\(':'\)|ndexOf\(['"`][a-z-]+[/:]|\b\w*[aA]rn\w*\.(?:i|lastI)ndexOf\(/,
    examples: [
      "arn.split(':')[4]",
      "arn.split('/').at(-1)",
      "parts.slice(6).join(':')",
      "key.slice(key.indexOf('key/'))",
      "arn.slice(arn.lastIndexOf('/') + 1)",
    ],
    // An IPv6 address is split at colons, too.
    places: ['base/arn.ts', 'policy/address.ts'],
  },
  {
    what: 'an ARN is recognized by a part of its text',
    written: /(?:startsWith|endsWith|includes|indexOf)\(['"`](?:arn:|:[a-z])/,
    examples: ["arn.startsWith('arn:')", "arn.includes(':cluster-snapshot:')", 'arn.endsWith(`:root`)'],
    places: ['base/arn.ts'],
  },
  {
    what: 'an ARN is read by an expression',
    written:
      /\/\^?(?:\(\?:)?(?:arn:|:[a-z-]+[:/\\]).*\/[a-z]*\.(?:exec|test)|replace(?:All)?\(\/.*:(?:alias|iam|key|kms|rds|role|sts)\b/,
    examples: [
      String.raw`/^arn:[^:]+:iam::aws:policy\//.test(arn)`,
      String.raw`/:role\//.exec(arn)`,
      String.raw`arn.replace(/:alias\/.*$/, '')`,
    ],
    places: ['base/arn.ts'],
  },
  {
    what: 'an ARN is built',
    written: /`arn:\$\{/,
    examples: ['`arn:${partition}:iam::${account}:root`'],
    places: ['base/arn.ts'],
  },
  {
    what: 'an account ID is recognized',
    written: /\/\^\\d\{12\}\$\//,
    examples: [String.raw`/^\d{12}$/.test(text)`],
    places: ['contract/expectations.ts', 'contract/exceptions.ts', 'base/arn.ts', 'evidence/schema.ts'],
  },
  {
    what: 'an address of a service is built',
    written: /\}\.amazonaws\.com/,
    examples: ['`${service}.${region}.amazonaws.com`'],
    places: ['base/service.ts'],
  },
  {
    what: 'a partition is derived from the beginning of a Region',
    written: /startsWith\(['"`](?:cn|us-gov|us-iso|eusc)/,
    examples: ["region.startsWith('cn-')"],
    places: [],
  },
  {
    what: 'an object of JSON is recognized',
    written: /typeof \w+ [!=]== 'object' [&|]{2} \w+ [!=]== null/,
    examples: ["typeof value === 'object' && value !== null"],
    places: ['base/json.ts', 'collect/faults.ts'],
  },
  {
    what: 'an argument of a shell is quoted',
    written: /replaceAll\(["'`]'["'`],/,
    examples: [`text.replaceAll("'", '')`],
    places: ['base/shell.ts'],
  },
  {
    what: 'nobody is written down',
    written: /direct: false, bounded: false, account: false/,
    examples: ['const nobody = { direct: false, bounded: false, account: false };'],
    places: ['policy/reach.ts'],
  },
];

describe.each(onePlace)('the place where $what', ({ written, examples, places }) => {
  test('is found', () => {
    expect(examples.filter((text) => !written.test(text))).toEqual([]);
  });

  test('is the only one', () => {
    const found = filesIn(src)
      .map((path) => relative(src, path))
      .filter((file) => !places.includes(file) && written.test(readFileSync(join(src, file), 'utf8')));
    expect(found).toEqual([]);
  });
});

describe('folders', () => {
  const files = filesIn(src).map((path) => ({ file: relative(src, path), text: readFileSync(path, 'utf8') }));
  const folders = [...new Set(files.map(({ file }) => dirname(file)))].filter((folder) => folder !== '.');

  test.each(folders)('one file of %s opens with a comment that says what the folder holds', (folder) => {
    const openings = files.filter(
      ({ file, text }) => dirname(file) === folder && text.startsWith(`/*\n * src/${folder}/ `),
    );
    expect(openings.map(({ file }) => file)).toHaveLength(1);
  });
});

describe('names', () => {
  test('an exported name has one meaning; index.ts is a face for names of other files', () => {
    const exported = new Map<string, string[]>();
    for (const path of filesIn(src)) {
      if (path.endsWith('index.ts')) continue;
      const declared = readFileSync(path, 'utf8').matchAll(
        /^export (?:async )?(?:function\*? |const |interface |type |class )(\w+)/gm,
      );
      for (const [, name = ''] of declared) exported.set(name, [...(exported.get(name) ?? []), relative(src, path)]);
    }
    expect([...exported].filter(([, files]) => files.length > 1)).toEqual([]);
  });

  test('no type shadows one of the platform', () => {
    const shadowed =
      /^(?:export )?(?:interface|type|class) (Request|Response|Document|Parameters|Record|Node|Event|Text|Range)\b/m;
    expect(
      filesIn(src)
        .filter((path) => shadowed.test(readFileSync(path, 'utf8')))
        .map((path) => relative(src, path)),
    ).toEqual([]);
  });
});

describe('words', () => {
  test('no source or document speaks of where it is developed', () => {
    const texts = [
      ...filesIn(src),
      ...['CHANGELOG.md', 'package.json', ...userPages, ...ownPages].map((name) => join(src, '..', name)),
    ];
    const forbidden = /\/work\/|\bsession's\b|shared\/|registry\.npmjs|(?:\/\/|\*).*\bTODO\b|\bFIXME\b/;
    expect(texts.filter((path) => forbidden.test(readFileSync(path, 'utf8')))).toEqual([]);
  });
});

describe('collect/ changes nothing', () => {
  test('the folder names only calls of the SDK that read', () => {
    const named = filesIn(join(src, 'collect')).flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\b(?:paginate([A-Z]\w+)|([A-Z]\w+)Command(?:Output)?)\b/g)].map(
        ([, paged, sent]) => paged ?? sent ?? '',
      ),
    );
    expect(new Set(named).size).toBeGreaterThan(20);
    expect(named.filter((name) => !/^(Describe|Get|List|Lookup|Simulate)[A-Z]|^AssumeRole$/.test(name))).toEqual([]);
  });
});
