import { expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { keyImpact } from '../../src/audit/key-impact.ts';
import { type KillingAction, killersOf } from '../../src/audit/killers.ts';
import { accountOf } from '../../src/base/arn.ts';
import { isServiceLinkedRole } from '../../src/base/principal-arn.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { outcomesOn } from '../preflight-case.ts';
import { estateOf } from './estates.ts';
import { countOf, firstSeed } from './seed.ts';

/*
 * An audit, key-impact and expectations give one answer to the question of who can take a key out of
 * use.
 */

const settings = { context: {}, strict: false, evaluatedAt: '2026-11-26T12:00:00Z' } as const;
const actions: readonly KillingAction[] = ['kms:ScheduleKeyDeletion', 'kms:DisableKey', 'kms:PutKeyPolicy'];

type Answer = 'yes' | 'maybe' | 'no';

/** What expectations say about principals that call an action on a key. */
function byExpectations(
  evidence: ReturnType<typeof estateOf>['evidence'],
  { key, action, people }: { readonly key: string; readonly action: string; readonly people: readonly string[] },
): ReadonlyMap<string, Answer> {
  const expected = people.flatMap((who) => [
    { id: `can ${who}`, who, can: action, key },
    { id: `cannot ${who}`, who, cannot: action, key },
  ]);
  const defaults = { account: accountOf(key), region: 'us-east-1' };
  const found = outcomesOn(evidence, expected, { now: settings.evaluatedAt, defaults });
  const answerOf = (who: string): Answer => {
    if (found.get(`can ${who}`) === 'holds') return 'yes';
    return found.get(`cannot ${who}`) === 'holds' ? 'no' : 'maybe';
  };
  return new Map(people.map((who) => [who, answerOf(who)]));
}

test.each(Array.from({ length: countOf(60, 3) }, (_, at) => firstSeed + at))(
  'an audit, key-impact and expectations name the same people, SEED=%i',
  { tags: 'slow' },
  (seed) => {
    const { evidence, principals } = estateOf(seed);
    const directory = directoryOf(evidence);
    const { estate } = audit(directory, { ...settings, allowAccounts: [], allowOrgs: [] });
    for (const [key, { byAction }] of killersOf(estate)) {
      const people = principals.filter((arn) => accountOf(arn) === accountOf(key) && !isServiceLinkedRole(arn));
      const impact = keyImpact(directory, key, { ...settings, keys: [key], actions: ['disable', 'delete', 'policy'] });
      for (const action of actions) {
        const holders = impact.actions.flatMap((one) => one.holders).find((one) => one.action === action);
        const expected = byExpectations(evidence, { key, action, people });
        for (const who of people) {
          const where = `SEED=${seed} ${who} ${action} ${key}`;
          const held =
            holders?.can.includes(who) === true ? 'yes' : holders?.may.includes(who) === true ? 'maybe' : 'no';
          expect(held, where).toBe(expected.get(who));
          expect(byAction.get(action)?.get(who)?.holds ?? 'no', where).toBe(expected.get(who));
        }
      }
    }
  },
);
