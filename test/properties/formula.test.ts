import { expect, test } from 'vitest';
import { allows, type LayerResults, type Regime } from '../../src/policy/formula.ts';
import { contextFact, type Truth, unknownBy } from '../../src/policy/truth.ts';

/*
 * How layers combine, for every combination of their results, compared with iam-evaluation 5.6-5.10
 * as a formula.
 */

const open: Truth = unknownBy(contextFact('aws:SourceVpc'));
const truths: readonly Truth[] = [true, false, open];

/** Kleene's truth values as numbers: "and" is the minimum, "or" is the maximum. */
const worth = (truth: Truth): number => (truth === true ? 1 : truth === false ? 0 : 0.5);

function written(regime: Regime, says: LayerResults, root: boolean): number {
  // This code runs for every combination, and creating lists would take longer than the rest.
  const { min: and, max: or } = Math;
  const SCP = worth(says.scp);
  const VPCE = worth(says.endpoint);
  const ID = worth(says.identity);
  const PB = worth(says.boundary);
  const SP = worth(says.session);
  const DIRECT = worth(says.resource.direct);
  const BOUNDED = worth(says.resource.bounded);
  const ACCOUNT = worth(says.resource.account);
  const GRANT = worth(says.grant.direct);
  const ROLE_GRANT = worth(says.grant.bounded);
  const FOREIGN = worth(says.foreignGrant.direct);
  const FOREIGN_ROLE = worth(says.foreignGrant.bounded);
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
  const wrong: string[] = [];
  const total = 3 ** 11;
  for (let combination = 0; combination < total; combination++) {
    let rest = combination;
    const next = (): Truth => {
      const truth = truths[rest % 3] ?? false;
      rest = Math.floor(rest / 3);
      return truth;
    };
    const says: LayerResults = {
      scp: next(),
      // 7 and 3 have no common factor, so every value of the endpoint meets every combination of
      // the other layers.
      endpoint: truths[(combination % 7) % 3] ?? false,
      identity: next(),
      boundary: next(),
      session: next(),
      resource: { direct: next(), bounded: next(), account: next() },
      grant: { direct: next(), bounded: next(), account: false },
      foreignGrant: { direct: next(), bounded: next(), account: false },
    };
    for (const root of [false, true])
      if (worth(allows(regime, says, root)) !== written(regime, says, root) && wrong.length < 3)
        wrong.push(`${root} ${JSON.stringify(says)}`);
  }
  expect(wrong).toEqual([]);
});
