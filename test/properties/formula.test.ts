import { expect, test } from 'vitest';
import { allows, type LayerResults, type Regime } from '../../src/policy/formula.ts';
import { contextFact, type Truth, unknownBy } from '../../src/policy/truth.ts';

/*
 * How layers combine, for every combination of what they say, against iam-evaluation 5.6-5.10
 * written out.
 */

const open: Truth = unknownBy(contextFact('aws:SourceVpc'));
const truths: readonly Truth[] = [true, false, open];

/** Kleene's values as numbers: and is the least, or the greatest. */
const worth = (truth: Truth): number => (truth === true ? 1 : truth === false ? 0 : 0.5);

function written(regime: Regime, says: LayerResults, root: boolean): number {
  const [SCP, VPCE, ID, PB, SP] = [says.scp, says.endpoint, says.identity, says.boundary, says.session].map(worth);
  const { direct, bounded, account } = says.resource;
  const [DIRECT, BOUNDED, ACCOUNT] = [direct, bounded, account].map(worth);
  const [GRANT, ROLE_GRANT] = [says.grant.direct, says.grant.bounded].map(worth);
  const [FOREIGN, FOREIGN_ROLE] = [says.foreignGrant.direct, says.foreignGrant.bounded].map(worth);
  const and = (...values: readonly (number | undefined)[]): number => Math.min(...values.map((value) => value ?? 0));
  const or = (...values: readonly (number | undefined)[]): number => Math.max(...values.map((value) => value ?? 0));
  const OWN = root ? 1 : and(ID, PB, SP);
  switch (regime) {
    case 'always allowed':
      return 1;
    case 'same account':
      return and(SCP, VPCE, or(DIRECT, and(BOUNDED, PB, SP), OWN));
    case 'resource policy first':
      return and(SCP, VPCE, or(DIRECT, and(BOUNDED, PB, SP), and(ACCOUNT, OWN), GRANT, and(ROLE_GRANT, PB, SP)));
    case 'cross-account':
      return and(
        SCP,
        VPCE,
        or(and(OWN, or(DIRECT, BOUNDED, ACCOUNT, GRANT, ROLE_GRANT)), FOREIGN, and(FOREIGN_ROLE, PB, SP)),
      );
    case 'service principal':
      return or(DIRECT, GRANT);
    case 'retire a grant':
      return and(SCP, VPCE, GRANT);
    case 'retire abroad':
      return and(SCP, VPCE, OWN, GRANT);
    case 'out of reach':
      return 0;
  }
}

const regimes: readonly Regime[] = [
  'always allowed',
  'same account',
  'resource policy first',
  'cross-account',
  'service principal',
  'retire a grant',
  'retire abroad',
  'out of reach',
];

test.each(regimes)('C6: %s: every combination of layers follows the written formula', (regime) => {
  const names = [
    'scp',
    'identity',
    'boundary',
    'session',
    'direct',
    'bounded',
    'account',
    'grant',
    'roleGrant',
    'foreign',
    'foreignRole',
  ];
  const wrong: string[] = [];
  const total = 3 ** names.length;
  for (let combination = 0; combination < total; combination++) {
    const at = (index: number): Truth => truths[Math.floor(combination / 3 ** index) % 3] ?? false;
    const says: LayerResults = {
      scp: at(0),
      // Not one factor more: 7 and 3 share none, so every answer of the endpoint meets every
      // combination of few others.
      endpoint: truths[(combination % 7) % 3] ?? false,
      identity: at(1),
      boundary: at(2),
      session: at(3),
      resource: { direct: at(4), bounded: at(5), account: at(6) },
      grant: { direct: at(7), bounded: at(8), account: false },
      foreignGrant: { direct: at(9), bounded: at(10), account: false },
    };
    for (const root of [false, true])
      if (worth(allows(regime, says, root)) !== written(regime, says, root) && wrong.length < 3)
        wrong.push(
          `${root} ${names.map((name, index) => `${name}=${worth(at(index))}`).join(' ')} endpoint=${worth(says.endpoint)}`,
        );
  }
  expect(wrong).toEqual([]);
});
