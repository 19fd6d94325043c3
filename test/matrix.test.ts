import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { Result } from '../src/check/report.ts';
import { evidenceSchema } from '../src/evidence/schema.ts';
import { ask, type CheckQuestion, changed } from './check-case.ts';

interface Fixture {
  readonly shapes: Readonly<
    Record<string, { readonly about: string; readonly keyPolicy: unknown; readonly rcp?: unknown }>
  >;
  readonly questions: Readonly<Record<string, Omit<CheckQuestion, 'principal'>>>;
  readonly evidence: unknown;
}

interface Matrix {
  readonly cells: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;
}

const fixture: Fixture = JSON.parse(readFileSync(new URL('./cases/matrix/fixture.json', import.meta.url), 'utf8'));
const { cells }: Matrix = JSON.parse(readFileSync(new URL('./cases/matrix/cells.json', import.meta.url), 'utf8'));

const owner = '/accounts/111122223333';
const rcps = (account: string): string => `/accounts/${account}/organization/path/0/rcps/1`;

const evidence = Object.fromEntries(
  Object.entries(fixture.shapes).map(([shape, { keyPolicy, rcp }]) => {
    const attached = { name: shape, document: { Version: '2012-10-17', Statement: rcp } };
    const changes = {
      [`${owner}/regions/eu-west-1/kms/keys/0/Policy/Statement`]: keyPolicy,
      ...(rcp === undefined ? {} : { [rcps('111122223333')]: attached, [rcps('444455556666')]: attached }),
    };
    return [shape, v.parse(evidenceSchema, changed(fixture.evidence, changes))];
  }),
);

for (const [row, principals] of Object.entries(cells)) {
  const asked = fixture.questions[row];
  if (asked === undefined) throw new Error(`no question for ${row}`);
  describe(row, () => {
    for (const [name, shapes] of Object.entries(principals)) {
      const account = name.startsWith('Partner') ? '444455556666' : '111122223333';
      const question = { ...asked, principal: `arn:aws:iam::${account}:role/${name}` };
      for (const [shape, cell] of Object.entries(shapes)) {
        test(`${name}, ${shape} ${fixture.shapes[shape]?.about ?? ''}: ${cell}`, () => {
          const held = evidence[shape];
          if (held === undefined) throw new Error(`no evidence for ${shape}`);
          const report = ask(held, question);
          const [result] = report.results;
          if (result === undefined || report.results.length > 1) throw new Error('not one result');
          verify(result, cell);
        });
      }
    }
  });
}

function verify(result: Result, cell: string): void {
  const [verdict = '', decider] = cell.split(/: (.*)/);
  const calls = result.calls.map(({ kind, action, on, decision }) => ({
    call: `${kind} ${action} on ${on}`,
    decision,
  }));
  expect({ verdict: result.verdict }, result.reasons.join('\n')).toEqual({ verdict });
  if (decider === undefined) return;
  if (/^(caller|forwarded|service|role) /.test(decider)) {
    const deciding = calls.filter(
      ({ decision }) => decision === 'denied' || (verdict === 'undetermined' && decision === 'depends'),
    );
    expect(deciding.map(({ call }) => call)).toContain(decider);
  } else {
    expect(result.preconditions.filter(({ status }) => status === 'unmet')).not.toEqual([]);
  }
}
