import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { released } from '../../src/audit/released.ts';
import { type Bound, boundTo } from '../../src/check/bind.ts';
import { evaluator } from '../../src/check/evaluate.ts';
import { judge } from '../../src/check/judgment.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { merge } from '../../src/evidence/merge.ts';
import { findPrincipal } from '../../src/evidence/principals.ts';
import type { Account, Evidence } from '../../src/evidence/schema.ts';
import { sourcesHeld } from '../../src/evidence/sources.ts';
import { operationsNamed } from '../../src/operations/catalogue.ts';

/* An audit of many accounts keeps its answers, but releases the policies behind the answers. */

const settings = { context: {}, strict: false, evaluatedAt: '2026-11-26T12:00:00Z' } as const;
const [[ofDemo, held] = ['', {}]] = Object.entries(demoEvidence.accounts);

/** The demo's account under other IDs. */
function accountsLike(ids: readonly string[]): Evidence['accounts'] {
  const text = JSON.stringify({ evidenceVersion: 1, accounts: { [ofDemo]: held } });
  return merge(ids.map((id) => ({ from: id, evidence: parseEvidence(id, text.replaceAll(ofDemo, id)) }))).accounts;
}

/**
 * Builds the principals of an account anew after another account was read, as a read from a file
 * does.
 */
function readingAnew(
  accounts: Evidence['accounts'],
  note: (id: string, iam: NonNullable<Account['iam']>) => void,
): Evidence['accounts'] {
  let latest: { readonly id: string; readonly iam: NonNullable<Account['iam']> } | undefined;
  const entries = Object.entries(accounts).map(([id, { iam, ...rest }]): [string, Account] => [
    id,
    {
      ...rest,
      get iam() {
        if (latest?.id !== id) {
          latest = { id, iam: structuredClone(iam ?? {}) };
          note(id, latest.iam);
        }
        return latest.iam;
      },
    },
  ]);
  return Object.fromEntries(entries);
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
}

describe('an audit of many accounts', { tags: 'slow' }, () => {
  test('reads each account once, and keeps no policies of an account that it has answered for', async () => {
    const ids = ['111111111111', '222222222222', '333333333333', '444444444444', '555555555555', '666666666666'];
    const policies: { readonly id: string; readonly policy: WeakRef<object> }[] = [];
    const reads: string[] = [];
    const accounts = readingAnew(accountsLike(ids), (id, { RoleDetailList: roles = [] }) => {
      reads.push(id);
      for (const role of roles)
        for (const { PolicyDocument: document } of role.RolePolicyList ?? [])
          if (typeof document === 'object') policies.push({ id, policy: new WeakRef(document) });
    });
    const found = audit(directoryOf({ evidenceVersion: 1, accounts }), {
      ...settings,
      allowAccounts: [],
      allowOrgs: [],
    });
    // A weak reference keeps its object until the current task ends.
    await new Promise(setImmediate);
    collectGarbage();
    const kept = new Set(policies.filter(({ policy }) => policy.deref() !== undefined).map(({ id }) => id));
    expect(new Set(policies.map(({ id }) => id)).size).toBe(ids.length);
    expect(found.asked).toBeGreaterThan(ids.length);
    expect(kept.size).toBeLessThanOrEqual(1);
    // Each of these reads has to read the file of principals again.
    expect(reads).toEqual(ids);
  });
});

describe('a released answer', () => {
  const directory = directoryOf(demoEvidence);
  const deciding = evaluator(directory, settings);
  const region = Object.keys(held.regions ?? {})[0] ?? '';
  const [operation] = operationsNamed('restore');
  const { sources } = sourcesHeld(demoEvidence, { account: ofDemo, region }, ['cluster-snapshot']);
  const asked = (held.iam?.RoleDetailList ?? []).flatMap(({ Arn: arn }) =>
    sources.flatMap((source): readonly Bound[] => {
      if (operation === undefined) return [];
      const principal = findPrincipal(directory, arn);
      return [boundTo(directory, { operation, principal, region, parameters: {} }, source)];
    }),
  );

  test('says what the answer says, and what only the policies can say', () => {
    expect(asked.length).toBeGreaterThan(2);
    for (const bound of asked) {
      const evaluated = deciding.evaluate(bound);
      const kept = released(evaluated, () => deciding.evaluate(bound));
      expect(JSON.stringify(kept)).toBe(JSON.stringify({ evaluated, judgment: judge(evaluated) }));
      for (const [index, call] of evaluated.calls.entries()) {
        const same = kept.evaluated.calls[index];
        expect(same?.decision.trace()).toEqual(call.decision.trace());
        expect(same?.sides().map(({ decision }) => decision.decision)).toEqual(
          call.sides().map(({ decision }) => decision.decision),
        );
        expect(same?.possible('aws:sourceip')).toEqual(call.possible('aws:sourceip'));
        for (const layer of call.decision.trace())
          for (const { statements } of layer.policies)
            for (const { statement, ...traced } of statements)
              expect(same?.decision.traceOf({ ...statement })).toEqual({ statement, ...traced });
      }
    }
  });
});
