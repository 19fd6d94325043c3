import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import multitool from '@microsoft/sarif-multitool';
import { Ajv } from 'ajv';
import { parse as parseCsv } from 'csv-parse/sync';
import { marked } from 'marked';
import { beforeAll, describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { run } from '../cli.ts';

/*
 * Validates each format of --report with a third-party reader. The built program writes the files,
 * for every command with such a format, for hostile names, and for a run without an answer.
 */

const strictSchema = readFileSync(new URL('junit.xsd', import.meta.url), 'utf8');
const usualSchema = strictSchema.replace(
  '<!-- other readers -->',
  '<xs:attribute name="file"/><xs:attribute name="line" type="xs:positiveInteger"/>',
);
const formats = ['junit', 'junit-strict', 'sarif', 'gitlab', 'markdown', 'jsonl', 'csv', 'json'] as const;
type FormatName = (typeof formats)[number];

/**
 * Characters that could break XML, Markdown, a spreadsheet or a command, in the notation of YAML.
 */
const hostile = [
  ']]> <![CDATA[ </failure><script>alert(1)</script> & " \' <img src=x onerror=y>',
  '| a | b | **bold** _it_ `code` [link](http://evil.example) ![i](http://evil.example) @octocat #1 www.evil.example',
  '=HYPERLINK(1) %0A::error::x ::error::x ##vso[task.complete]',
  '\\u0000\\u0008\\u001b[31m\\ufffe\\u2028',
].join(' ');

const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));

function expectations(): string {
  const asked = 'can: restore, snapshot: orders-before-upgrade';
  const until = '2199-01-31';
  const text = (value: string): string => `"${value.replaceAll('"', '\\"')}"`;
  return [
    'version: 1',
    'expectations:',
    `  - { id: broken, who: role/operator, ${asked}, why: ${text(hostile)} }`,
    `  - { id: nobody, who: ${text(`role/${hostile}`)}, ${asked}, why: x }`,
    `  - { id: holds, who: user/administrator, ${asked}, why: x }`,
    '  - id: excepted',
    '    who: role/operator',
    '    cannot: share-snapshot',
    '    backups-of: "*"',
    '    why: x',
    `    except: [{ who: role/operator, reason: ${text(hostile)}, until: ${until} }]`,
    '  - { id: unproven, who: role/dr-restore, cannot: copy-snapshot, backups-of: orders, why: x }',
  ].join('\n');
}

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly code: number;
}

const evidence = join(folder, 'evidence.json');
const cases: readonly Case[] = [
  { name: 'preflight', args: ['preflight', 'aurora-kms-check.yaml', '--demo'], code: 1 },
  { name: 'check', args: ['restore', '--evidence', evidence, '--snapshot', 'orders-before-upgrade'], code: 1 },
  { name: 'sweep', args: ['restore', '--evidence', evidence, '--principal', 'role/dr-restore'], code: 1 },
  {
    name: 'diff',
    args: ['diff', evidence, '--assume-key-state', 'alias/orders=PendingDeletion', '--operation', 'restore'],
    code: 1,
  },
  { name: 'failure', args: ['restore', '--evidence', hostile], code: 252 },
];

beforeAll(async () => {
  writeFileSync(join(folder, 'aurora-kms-check.yaml'), expectations());
  const { demoEvidence, demoPrincipal } = await import('../../src/evidence/demo.ts');
  writeFileSync(evidence, JSON.stringify({ ...demoEvidence, caller: { Arn: demoPrincipal } }, undefined, 2));
  for (const { name, args, code } of cases) {
    mkdirSync(join(folder, name));
    const reports = formats.flatMap((format) => ['--report', `${format}=${join(name, format)}`]);
    const ran = run([...args, ...reports], { cwd: folder });
    if (ran.code !== code) throw new Error(`${name} exits ${ran.code}: ${ran.stderr}`);
  }
});

function written({ name }: Case, format: FormatName): string {
  return readFileSync(join(folder, name, format), 'utf8');
}

async function xmlErrors(contents: string, schema: string): Promise<readonly string[]> {
  const { errors } = await validateXML({
    xml: [{ fileName: 'report.xml', contents }],
    schema: [{ fileName: 'junit.xsd', contents: schema }],
  });
  return errors.map(({ message }) => message);
}

describe.each(cases)('the reports of a $name', (one) => {
  test('junit and junit-strict are valid XML of their dialects', async () => {
    expect(await xmlErrors(written(one, 'junit'), usualSchema)).toEqual([]);
    expect(await xmlErrors(written(one, 'junit-strict'), strictSchema)).toEqual([]);
    if (one.name !== 'failure') expect(await xmlErrors(written(one, 'junit'), strictSchema)).not.toEqual([]);
    const names = [...written(one, 'junit').matchAll(/<testcase classname="[^"]*" name="([^"]*)"/g)].map(
      ([, name]) => name,
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(0);
  });

  test('sarif passes the rules of SARIF and those of GitHub', () => {
    const file = join(folder, one.name, 'report.sarif');
    writeFileSync(file, written(one, 'sarif'));
    // The npm package makes the program executable with an install script, which may not have run.
    chmodSync(multitool, 0o755);
    // The tool exits with 0 whatever it finds. It applies both kinds of rules only if both are
    // named.
    const { stdout, stderr } = spawnSync(multitool, ['validate', '--rule-kind', 'Sarif;Ghas', file], {
      encoding: 'utf8',
    });
    expect(`${stdout}${stderr}`).toContain('Analysis completed successfully');
    expect(`${stdout}${stderr}`.split('\n').filter((line) => /: (?:error|warning) /.test(line))).toEqual([]);
  });

  test('gitlab has the fields that GitLab requires of Code Quality', () => {
    const schema = {
      type: 'array',
      items: {
        type: 'object',
        required: ['description', 'check_name', 'fingerprint', 'severity', 'location'],
        properties: {
          description: { type: 'string', minLength: 1 },
          fingerprint: { type: 'string', minLength: 1 },
          severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
          location: {
            type: 'object',
            required: ['path', 'lines'],
            properties: {
              path: { type: 'string', pattern: '^[^/.]' },
              lines: { type: 'object', required: ['begin'], properties: { begin: { type: 'integer', minimum: 1 } } },
            },
          },
        },
      },
    };
    const text = written(one, 'gitlab');
    const parsed: unknown = JSON.parse(text);
    const ajv = new Ajv();
    expect(ajv.validate(schema, parsed), ajv.errorsText()).toBe(true);
    expect(text.startsWith('[')).toBe(true);
    const prints = [...text.matchAll(/"fingerprint": "([^"]*)"/g)].map(([, print]) => print);
    expect(new Set(prints).size).toBe(prints.length);
  });

  test('markdown is one table, and no name formats, links or is HTML', () => {
    const html = marked.parse(written(one, 'markdown'), { gfm: true, async: false });
    const tags = new Set([...html.matchAll(/<\/?([a-z0-9]+)/g)].map(([, tag]) => tag));
    const allowed = ['h3', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'br', 'ul', 'li', 'p'];
    expect([...tags].filter((tag) => !allowed.includes(tag ?? ''))).toEqual([]);
    const columns = html
      .split('</tr>')
      .map((row) => row.split(/<t[hd]>/).length - 1)
      .filter((count) => count > 0);
    expect(new Set(columns).size).toBeLessThan(2);
  });

  test('csv has as many cells in each line, and none is a formula', () => {
    const rows: readonly string[][] = parseCsv(written(one, 'csv'));
    expect(rows.length).toBeGreaterThan(1);
    expect(new Set(rows.map(({ length }) => length)).size).toBe(1);
    expect(rows.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  });

  test('each line of jsonl is a record, the last of which ends the report', () => {
    const records = written(one, 'jsonl')
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(records.at(-1)).toMatchObject({ record: one.name === 'failure' ? 'error' : 'summary' });
  });
});
