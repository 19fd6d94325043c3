import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { check } from '../src/answer/check.ts';
import type { Question } from '../src/check/question.ts';
import { demoEvidence, demoPrincipal } from '../src/evidence/demo.ts';
import type { Evidence } from '../src/evidence/schema.ts';
import { operationsNamed } from '../src/operations/catalogue.ts';

const restores = operationsNamed('restore').flatMap((operation): Question[] =>
  operation.reads?.types[0] === 'cluster-snapshot'
    ? [
        {
          operation,
          principal: demoPrincipal,
          target: 'orders-before-upgrade',
          region: 'us-east-1',
          context: {},
          strict: false,
          evaluatedAt: '2026-11-01T12:00:00Z',
          explain: true,
          fix: true,
        },
      ]
    : [],
);

/** The demo with one more role. `allow` changes the action that the role's policy allows. */
function withHelper(): { readonly evidence: Evidence; readonly allow: (action: string) => void } {
  const evidence = structuredClone(demoEvidence);
  const useKeys = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };
  const statement = { Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' };
  evidence.accounts['111122223333']?.iam?.RoleDetailList?.push({
    RoleName: 'helper',
    Arn: 'arn:aws:iam::111122223333:role/helper',
    RolePolicyList: [
      { PolicyName: 'help', PolicyDocument: { Version: '2012-10-17', Statement: [useKeys, statement] } },
    ],
    AttachedManagedPolicies: [],
    Tags: [],
  });
  return {
    evidence,
    allow: (action) => {
      statement.Action = action;
    },
  };
}

describe('check is pure', () => {
  test('also when evidence is edited in place between two calls', () => {
    expect(restores).toHaveLength(1);
    for (const question of restores) {
      const { evidence, allow } = withHelper();
      const before = check(evidence, question, '1.0.0');
      allow('rds:*');
      const after = check(evidence, question, '1.0.0');
      expect(after).toEqual(check(structuredClone(evidence), question, '1.0.0'));
      const gainers = ({ fixes }: typeof after): readonly string[] =>
        fixes.flatMap(({ gains }) => gains.flatMap(({ principals }) => principals));
      expect([before, after].map((report) => gainers(report).some((arn) => arn.endsWith('helper')))).toEqual([
        false,
        true,
      ]);
    }
  });

  test('and leaves the evidence and the question as they were', () => {
    for (const question of restores) {
      const { evidence } = withHelper();
      const copies = structuredClone([evidence, { ...question, operation: question.operation.command }]);
      check(evidence, question, '1.0.0');
      expect([evidence, { ...question, operation: question.operation.command }]).toEqual(copies);
    }
  });
});

const src = fileURLToPath(new URL('../src', import.meta.url));

/**
 * Fills a row of a constant table when the row is first used. The table has seven rows, whatever
 * the input is.
 */
const fillsOnDemand = 'operations/action-table.ts';

/** A text that contains a program for browsers. */
const forBrowsers = 'report/html/page-script.ts';

/**
 * The state that a module keeps between two calls. A table that is filled when the module is loaded
 * does not count.
 */
function stateOf(text: string): readonly string[] {
  const declared = [...text.matchAll(/^(?:export )?const (\w+)[^\n]*? = (new (?:Map|Set)\b|\[\];|\{\};)/gm)].map(
    ([, name = '']) => name,
  );
  const written = declared.filter((name) =>
    new RegExp(
      `(?<![.\\w])${name}(?:\\.(?:set|add|delete|clear|push|unshift|splice|pop|shift|sort)\\(|\\[[^\\]]+\\] = )`,
    ).test(text),
  );
  const variables = [...text.matchAll(/^(?:export )?(?:let|var) (\w+)/gm)].map(([, name = '']) => name);
  const weak = [...text.matchAll(/^(?:export )?const (\w+)[^\n]*? = new Weak(?:Map|Set|Ref)\b/gm)].map(
    ([, name = '']) => name,
  );
  const empty = [...text.matchAll(/^(?:export )?const (\w+)[^\n]*? = new (?:Map|Set)(?:<[^\n]*>)?\(\)/gm)].map(
    ([, name = '']) => name,
  );
  return [...new Set([...written, ...variables, ...weak, ...empty])];
}

describe('modules', () => {
  test.each([
    ['const known = new Map<string, number>();', ['known']],
    ['const read: Read = new WeakMap();', ['read']],
    ['const words = new Set([1]);\nfunction f() { words.add(2); }', ['words']],
    ['export const found: string[] = [];\nfound.push("a");', ['found']],
    ['let count = 0;', ['count']],
    ["const table = new Map([['a', 1]]);\ntable.get('a');", []],
    ['function f() {\n  const seen = new Set<string>();\n  seen.add("a");\n}', []],
  ])('%j keeps %j', (text, names) => {
    expect(stateOf(text)).toEqual(names);
  });

  test('keep nothing between two calls', () => {
    const found = readdirSync(src, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => ![fillsOnDemand, forBrowsers].includes(relative(src, path)))
      .flatMap((path) => stateOf(readFileSync(path, 'utf8')).map((name) => `${relative(src, path)}: ${name}`));
    expect(found).toEqual([]);
  });
});
