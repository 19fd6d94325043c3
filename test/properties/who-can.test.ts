import { describe, expect, test } from 'vitest';
import { whoCanReport } from '../../src/answer/who-can.ts';
import type { WhoCanGroup } from '../../src/contract/who-can-report.ts';
import type { Evidence } from '../../src/evidence/schema.ts';
import { operationsNamed } from '../../src/operations/catalogue.ts';
import type { OperationParameters } from '../../src/operations/parameters.ts';
import { outcomesOn } from '../preflight-case.ts';
import { estateOf } from './estates.ts';
import { comparisons, countOf, firstSeed, seeds } from './seed.ts';

/*
 * who-can and its gate give each principal the answer that an expectation about this principal has.
 */

const account = '111122223333';
const region = 'us-east-1';
const now = '2026-11-26T12:00:00Z';

interface Asked {
  readonly command: string;
  readonly flag: 'cluster' | 'snapshot';
  readonly names: readonly string[];
  readonly parameters?: OperationParameters;
}

const questions: readonly Asked[] = [
  { command: 'restore', flag: 'snapshot', names: ['app-1', 'red-1'] },
  { command: 'copy-snapshot', flag: 'snapshot', names: ['app-3'] },
  { command: 'share-snapshot', flag: 'snapshot', names: ['app-2'], parameters: { with: ['999999999999'] } },
  { command: 'create-snapshot', flag: 'cluster', names: ['app'] },
  { command: 'clone', flag: 'cluster', names: ['other'] },
  { command: 'delete-cluster', flag: 'cluster', names: ['app', 'other'] },
  { command: 'start-cluster', flag: 'cluster', names: ['app'] },
];

/** What an expectation has to say about a principal of a group. */
function outcomeOf({ standing, byAnotherRequest }: WhoCanGroup): string {
  if (standing === 'can') return 'holds';
  return standing === 'may' && byAnotherRequest !== true ? 'unproven' : 'broken';
}

/** The answers for one source, each in words with the words that an expectation has for it. */
function* compared(
  evidence: Evidence,
  { command, flag, parameters = {} }: Asked,
  name: string,
): Generator<readonly [who: string, got: string, wanted: string]> {
  const operations = operationsNamed(command).filter(({ reads }) => reads?.flag === flag);
  const report = whoCanReport(
    evidence,
    {
      ...{ operations, names: [name], parameters, account, region, people: [], expected: [] },
      ...{ context: {}, strict: false, evaluatedAt: now },
    },
    'test',
  );
  const [target] = report.targets;
  if (target === undefined) throw new Error(`${command} ${name} was not checked`);
  const { groups, unexpected } = target;
  const people = groups.flatMap((group) => group.principals.map((who) => ({ who, group })));
  const source = {
    [flag]: `arn:aws:rds:${region}:${account}:${flag === 'cluster' ? flag : 'cluster-snapshot'}:${name}`,
  };
  const expected = people.flatMap(({ who }) =>
    ['can', 'cannot'].map((verb) => ({
      ...{ id: `${verb} ${who}`, who, [verb]: command, ...source },
      ...(Object.keys(parameters).length === 0 ? {} : { flags: parameters }),
    })),
  );
  const found = outcomesOn(evidence, expected, { now, defaults: { account, region } });
  for (const { who, group } of people) {
    const gate =
      unexpected?.can.includes(who) === true ? 'broken' : unexpected?.may.includes(who) === true ? 'unproven' : 'holds';
    yield [
      who,
      `can ${outcomeOf(group)}, cannot ${gate}`,
      `can ${found.get(`can ${who}`)}, cannot ${found.get(`cannot ${who}`)}`,
    ];
  }
}

describe('who-can', () => {
  const expectAgreement = (from: Iterable<number>, enough: number, most = Infinity): void => {
    let count = 0;
    for (const seed of from) {
      const { evidence } = estateOf(seed);
      for (const one of questions)
        for (const name of one.names) {
          let checked = 0;
          for (const [who, got, wanted] of compared(evidence, one, name)) {
            expect(got, `SEED=${seed} ${who} ${one.command} ${name}`).toBe(wanted);
            count += 1;
            checked += 1;
            if (checked >= most) break;
          }
        }
      if (count >= enough) break;
    }
    expect(count).toBeGreaterThanOrEqual(Math.min(enough, comparisons));
  };

  test('says what an expectation about each principal says', () => expectAgreement(seeds(), comparisons));

  test.each(Array.from({ length: countOf(60, 5) }, (_, at) => firstSeed + at))(
    'says what an expectation about each principal says, SEED=%i',
    { tags: 'slow' },
    (seed) => expectAgreement([seed], 1),
  );
});
