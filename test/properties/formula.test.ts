import { expect, test } from 'vitest';
import { allows, type LayerResults, type Regime } from '../../src/policy/formula.ts';
import { contextFact, type Truth, unknownBy } from '../../src/policy/truth.ts';

/* How layers combine, for every combination of what they say (style: law C6), against iam-evaluation 5.6-5.10 written out. */

const open: Truth = unknownBy(contextFact('aws:SourceVpc'));
const truths: readonly Truth[] = [true, false, open];

/** Kleene's values as numbers: and is the least, or the greatest. */
const worth = (truth: Truth): number => (truth === true ? 1 : truth === false ? 0 : 0.5);

function written(regime: Regime, says: LayerResults, root: boolean): number {
  const [SCP, VPCE, ID, PB, SP] = [says.scp, says.endpoint, says.identity, says.boundary, says.session].map(worth);
  const { direct, bounded, account } = says.resource;
  const [DIRECT, BOUNDED, ACCOUNT] = [direct, bounded, account].map(worth);
  const [GRANT, ROLE_GRANT] = [says.grant.direct, says.grant.bounded].map(worth);
  const FOREIGN = worth(says.foreignGrant);
  const and = (...values: readonly (number | undefined)[]): number => Math.min(...values.map((value) => value ?? 0));
  const or = (...values: readonly (number | undefined)[]): number => Math.max(...values.map((value) => value ?? 0));
  const OWN = root ? 1 : and(ID, PB, SP);
  switch (regime) {
    case 'same account':
      return and(SCP, VPCE, or(DIRECT, and(BOUNDED, PB, SP), OWN));
    case 'resource policy first':
      return and(SCP, VPCE, or(DIRECT, and(BOUNDED, PB, SP), and(ACCOUNT, OWN), GRANT, and(ROLE_GRANT, PB, SP)));
    case 'cross-account':
      return and(
        SCP,
        VPCE,
        or(and(OWN, or(DIRECT, BOUNDED, ACCOUNT, GRANT, and(ROLE_GRANT, PB, SP))), and(FOREIGN, PB, SP)),
      );
    case 'service principal':
      return or(DIRECT, GRANT);
    case 'retire a grant':
      return and(SCP, VPCE, GRANT);
    case 'out of reach':
      return 0;
  }
}

const regimes: readonly Regime[] = [
  'same account',
  'resource policy first',
  'cross-account',
  'service principal',
  'retire a grant',
  'out of reach',
];

test.each(regimes)('C6: %s: every combination of layers follows the written formula', (regime) => {
  const names = [
    'scp',
    'endpoint',
    'identity',
    'boundary',
    'session',
    'direct',
    'bounded',
    'account',
    'grant',
    'roleGrant',
    'foreign',
  ];
  const wrong: string[] = [];
  const total = 3 ** names.length;
  for (let combination = 0; combination < total; combination++) {
    const at = (index: number): Truth => truths[Math.floor(combination / 3 ** index) % 3] ?? false;
    const says: LayerResults = {
      scp: at(0),
      endpoint: at(1),
      identity: at(2),
      boundary: at(3),
      session: at(4),
      resource: { direct: at(5), bounded: at(6), account: at(7) },
      grant: { direct: at(8), bounded: at(9), account: false },
      foreignGrant: at(10),
    };
    for (const root of [false, true])
      if (worth(allows(regime, says, root)) !== written(regime, says, root) && wrong.length < 3)
        wrong.push(`${root} ${names.map((name, index) => `${name}=${worth(at(index))}`).join(' ')}`);
  }
  expect(wrong).toEqual([]);
});
