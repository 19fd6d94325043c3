import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ask, type CheckCase, evidenceOf, readCases } from '../check-case.ts';
import { textsOf } from '../texts.ts';

type NearMissCase = Omit<CheckCase, 'expect'> & {
  /** The action of the call. */
  readonly action: string;
  readonly expect: {
    readonly decision: string;
    readonly nearMisses: readonly { readonly statement?: string; readonly element: string; readonly but: string }[];
  };
};

const folder = new URL('../cases/near-misses/', import.meta.url);

describe.each(readdirSync(folder))('%s', (name) => {
  const file = readCases<NearMissCase>(new URL(name, folder));

  test.each(file.cases.map((one) => [one.name, one] as const))('%s', (_, given) => {
    const [result] = ask(evidenceOf(file, given), given.question).results;
    const call = result?.calls.find(({ action }) => action === given.action);
    const found = call?.nearMisses.map(({ statement, element, but }) => ({
      statement: statement.sid,
      element,
      but: but.text,
    }));
    expect({ decision: call?.decision, nearMisses: found }).toEqual(given.expect);
    // The reasons of the report must say so as well.
    const calls = ['the call', 'both calls', given.action];
    for (const { but } of given.expect.nearMisses)
      expect(calls.map((allowed) => `would allow ${allowed}, but ${but}`)).toContainEqual(
        expect.toSatisfy((text: string) => textsOf(result?.reasons).includes(text)),
      );
  });
});
