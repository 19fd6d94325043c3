import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { authorize, type Decision } from '../../src/policy/authorize.ts';
import type { PolicyKind, StatementRef } from '../../src/policy/statement-ref.ts';
import type { TracedLayer, TracedStatement } from '../../src/policy/trace.ts';
import { everything, type Layered, mapStatements, type Named, type StatementDoc } from './documents.ts';
import { forgetful, forgotten } from './forgetting.ts';
import { fc, runs, share } from './seed.ts';
import { type About, pivotalSituation, requestOf, situation, statementFor } from './situations.ts';

/* How statements and layers combine, and that the reported reasons agree with the decision. */

const any = fc.oneof(situation, pivotalSituation);
const kinds: readonly PolicyKind[] = ['identity', 'boundary', 'session', 'endpoint', 'resource', 'scp', 'rcp'];

const rank = { denied: 0, depends: 1, allowed: 2 } as const;

/** Further statements for the first policy of each kind. */
function withStatement(policies: Layered, kind: PolicyKind, statement: StatementDoc): Layered {
  let done = false;
  return mapStatements(policies, (statements, at) => {
    if (at !== kind || done) return statements;
    done = true;
    return [...statements, statement];
  });
}

/**
 * A situation, sometimes with unknown facts, and a statement with this effect for one of its
 * layers.
 */
function withMore(effect: 'Allow' | 'Deny') {
  return fc
    .tuple(forgetful(any, 2), fc.boolean(), fc.constantFrom(...kinds))
    .chain(([{ situation: one, names }, complete, kind]) => {
      const about: About = { ...one, pivotal: true };
      const statement = statementFor(kind, about)
        .filter(({ NotPrincipal }) => effect === 'Deny' || NotPrincipal === undefined)
        .map((made): StatementDoc => ({ ...made, Effect: effect }));
      return fc.record({
        one: fc.constant(one),
        names: fc.constant(complete ? [] : names),
        kind: fc.constant(kind),
        statement,
      });
    });
}

describe('more statements', () => {
  test('C3: a Deny makes nothing more allowed', () => {
    let moved = 0;
    fc.assert(
      fc.property(withMore('Deny'), ({ one, names, kind, statement }) => {
        const policies = withStatement(one.policies, kind, statement);
        const request = forgotten(one, names);
        const before = authorize(request, one.policies).decision;
        const after = authorize(request, policies).decision;
        if (before !== after) moved++;
        expect(rank[after]).toBeLessThanOrEqual(rank[before]);
      }),
      runs(1_500),
    );
    expect(moved).toBeGreaterThan(share(3, 1_500));
  });

  test('C3: an Allow makes nothing less allowed', () => {
    let moved = 0;
    fc.assert(
      fc.property(withMore('Allow'), ({ one, names, kind, statement }) => {
        const policies = withStatement(one.policies, kind, statement);
        const request = forgotten(one, names);
        const before = authorize(request, one.policies).decision;
        const after = authorize(request, policies).decision;
        if (before !== after) moved++;
        expect(rank[after]).toBeGreaterThanOrEqual(rank[before]);
      }),
      runs(1_500),
    );
    expect(moved).toBeGreaterThan(share(3, 1_500));
  });

  test('C1: a Deny of everything in any layer that applies denies, and is named', () => {
    fc.assert(
      fc.property(any, fc.constantFrom(...kinds), (one, kind) => {
        const policies = withStatement(one.policies, kind, { Sid: 'Law', ...everything('Deny', kind) });
        const decision = authorize(requestOf(one), policies);
        const layer = decision.trace().find((traced) => traced.layer === kind);
        if (layer === undefined || !JSON.stringify(policies).includes('"Law"') || isOutOfRcps(kind, one)) return;
        const named = decision.decidedBy.some((by) => 'sid' in by && by.sid === 'Law' && by.policy === kind);
        if (layer.applies)
          expect([decision.decision, 'denial' in decision && decision.denial]).toEqual(['denied', 'explicit']);
        expect(named).toBe(layer.applies);
      }),
      runs(1_000),
    );
  });
});

describe('more layers', () => {
  test('C4: another ceiling makes nothing more allowed', () => {
    const extra = fc.oneof(any).chain((one) => {
      const federated = one.caller.type === 'federated user';
      const kind = fc.constantFrom<PolicyKind>(
        'boundary',
        'endpoint',
        'scp',
        'rcp',
        ...(federated ? [] : ['session' as const]),
      );
      return kind.chain((of) =>
        fc.record({
          one: fc.constant(one),
          kind: fc.constant(of),
          statements: fc.array(statementFor(of, { ...one, pivotal: false }), { maxLength: 2 }),
        }),
      );
    });
    fc.assert(
      fc.property(extra, ({ one, kind, statements }) => {
        const { policies } = one;
        const layer: readonly Named[] = [{ name: 'more', document: { Version: '2012-10-17', Statement: statements } }];
        const more: Layered =
          kind === 'scp'
            ? { ...policies, scps: [...(policies.scps ?? []), layer] }
            : kind === 'rcp'
              ? { ...policies, rcps: [...(policies.rcps ?? []), layer] }
              : { [kind]: layer, ...policies };
        const before = authorize(requestOf(one), policies).decision;
        expect(rank[authorize(requestOf(one), more).decision]).toBeLessThanOrEqual(rank[before]);
      }),
      runs(1_000),
    );
  });
});

function statementsOf(layer: TracedLayer) {
  return layer.policies.flatMap(({ statements }) => statements);
}

/**
 * Each statement once. A policy may be attached at two levels, and its statements then have the same
 * description.
 */
function once(refs: readonly StatementRef[]): readonly StatementRef[] {
  return refs.filter((ref, at) => refs.findIndex((other) => isDeepStrictEqual(other, ref)) === at);
}

/** Whether RCPs apply to a call without a resource is an open question (iam-evaluation 14.18). */
function isOutOfRcps(kind: PolicyKind, { arn }: { readonly arn: string }): boolean {
  return kind === 'rcp' && arn === '*';
}

/** Whether one of these layers reports a statement with this effect that matches. */
function isMatched(decision: Decision, effect: 'Allow' | 'Deny', among: readonly PolicyKind[]): boolean {
  return decision
    .trace()
    .filter(({ layer, applies }) => applies && among.includes(layer))
    .some((layer) =>
      statementsOf(layer).some(({ statement, matches }) => statement.effect === effect && matches === true),
    );
}

describe('the reported reasons agree with the decision', () => {
  test('C1, C2: Denies that match are what denies explicitly; what decides matches, in layers that apply', () => {
    fc.assert(
      fc.property(any, (one) => {
        const decision = authorize(requestOf(one), one.policies);
        const sure = kinds.filter((kind) => !isOutOfRcps(kind, one));
        expect(isMatched(decision, 'Deny', sure)).toBe('denial' in decision && decision.denial === 'explicit');
        if (decision.decision === 'depends') return;
        const statements = decision.trace().flatMap((layer) => (layer.applies ? statementsOf(layer) : []));
        const where = (truth: (matches: TracedStatement['matches']) => boolean) =>
          statements.filter(({ matches }) => truth(matches)).map(({ statement }) => statement);
        const matching = where((truth) => truth === true);
        // An Allow that depends on an unpublished rule is listed next to the Allows that certainly
        // match.
        const open = decision.decision === 'allowed' ? where((truth) => typeof truth !== 'boolean') : [];
        for (const by of decision.decidedBy) if (!('grant' in by)) expect([...matching, ...open]).toContainEqual(by);
        if (decision.decision === 'denied' && decision.denial === 'explicit')
          expect(decision.decidedBy).toEqual(
            once(matching.filter(({ effect, policy }) => effect === 'Deny' && !isOutOfRcps(policy, one))),
          );
        if (decision.decision === 'denied' && decision.denial === 'implicit') expect(decision.decidedBy).toEqual([]);
      }),
      runs(1_500),
    );
  });

  test('every statement matches as its elements do', () => {
    fc.assert(
      fc.property(forgetful(any, 2), ({ situation: one, names }) => {
        for (const layer of authorize(forgotten(one, names), one.policies).trace())
          for (const { matches, elements } of statementsOf(layer)) {
            const each = elements.map((element) => element.matches);
            if (each.includes(false)) expect(matches).toBe(false);
            else if (each.every((truth) => truth === true)) expect(matches).toBe(true);
            else expect(typeof matches).toBe('object');
          }
      }),
      runs(1_000),
    );
  });

  test('allowed only if every ceiling reports an Allow and something grants', () => {
    fc.assert(
      fc.property(any, (one) => {
        const decision = authorize(requestOf(one), one.policies);
        fc.pre(decision.decision !== 'depends');
        const layers = decision.trace().filter(({ applies, layer }) => applies && ['scp', 'endpoint'].includes(layer));
        const open = layers.every((layer) =>
          statementsOf(layer).some(({ statement, matches }) => statement.effect === 'Allow' && matches === true),
        );
        const grants = one.policies.grants ?? [];
        const root = one.caller.type === 'root' && !one.arn.includes(':key/') && !one.action.startsWith('sts:');
        if (decision.decision === 'allowed') {
          expect(open).toBe(true);
          expect(isMatched(decision, 'Allow', ['identity', 'resource']) || grants.length > 0 || root).toBe(true);
        } else if (decision.denial === 'implicit') {
          const everyone: readonly PolicyKind[] = ['identity', 'boundary', 'session'];
          const present = decision.trace().filter(({ applies, layer }) => applies && everyone.includes(layer));
          const own = present.every((layer) => isMatched(decision, 'Allow', [layer.layer]));
          const federated = one.caller.type === 'federated user' && (one.policies.session ?? []).length === 0;
          const barred = one.action === 'kms:RetireGrant' || one.caller.type === 'service' || federated || root;
          const foreign = one.action === 'kms:PutKeyPolicy' && one.caller.account !== one.account;
          if (open && own && !barred && !foreign && one.caller.type !== 'root')
            expect(isMatched(decision, 'Allow', ['resource'])).toBe(false);
        }
      }),
      runs(1_500),
    );
  });

  test('C2: without Allow and grant all but the root user are denied', () => {
    fc.assert(
      fc.property(any, (one) => {
        const mute = mapStatements(one.policies, (statements) => statements.filter(({ Effect }) => Effect === 'Deny'));
        const { grants: _, ...policies } = mute;
        const decision = authorize(requestOf(one), policies);
        const key = one.arn.includes(':key/') || one.action.startsWith('sts:');
        if (one.caller.type !== 'root' || (key && one.caller.account === one.account))
          expect(decision.decision).toBe('denied');
      }),
      runs(1_000),
    );
  });

  test('every implicit denial that policies could fix names what is missing', () => {
    fc.assert(
      fc.property(any, (one) => {
        const decision = authorize(requestOf(one), one.policies);
        if (decision.decision === 'allowed') expect(decision.lacking).toEqual([]);
        if (decision.decision !== 'denied' || decision.denial !== 'implicit') return;
        let loosened = one.policies;
        for (const kind of decision.lacking) {
          const allow = everything('Allow', kind);
          loosened = mapStatements(loosened, (statements, at) => (at === kind ? [...statements, allow] : statements));
        }
        // A layer that lacks an Allow because it does not exist cannot be changed in place.
        const there = decision.trace().map(({ layer }) => layer);
        const barred =
          one.action === 'kms:RetireGrant' || (one.action === 'kms:PutKeyPolicy' && one.caller.account !== one.account);
        fc.pre(
          !barred &&
            decision.lacking.every(
              (kind) => there.includes(kind) && (kind !== 'identity' || one.policies.identity.length > 0),
            ),
        );
        fc.pre(!isMatched(decision, 'Deny', kinds));
        expect(authorize(requestOf(one), loosened).decision).not.toBe('denied');
      }),
      runs(1_000),
    );
  });
});

describe('keys', () => {
  const onKey = any.filter(({ arn }) => arn.includes(':key/'));

  test('K1: in its own account, identity policies count for nothing where the key policy does not name the account', () => {
    fc.assert(
      fc.property(onKey, (one) => {
        fc.pre(one.caller.account === one.account && one.caller.type !== 'root');
        const direct = mapStatements(one.policies, (statements, kind) =>
          kind === 'resource' ? statements.filter((statement) => !namesAccount(statement)) : statements,
        );
        const more: Named = { name: 'more', document: { Statement: [everything('Allow', 'identity')] } };
        const request = requestOf(one);
        expect(authorize(request, { ...direct, identity: [...direct.identity, more] }).decision).toBe(
          authorize(request, direct).decision,
        );
      }),
      runs(1_000),
    );
  });

  test('K1: a Deny beats every grant', () => {
    fc.assert(
      fc.property(onKey, fc.constantFrom<PolicyKind>('identity', 'resource', 'scp'), (one, kind) => {
        const grants = [
          {
            GrantId: 'all',
            GranteePrincipal: one.caller.presents[1] ?? one.caller.is.principal,
            Operations: ['CreateGrant', 'Decrypt', 'DescribeKey'],
          },
        ];
        const deny: Named = { name: 'deny', document: { Statement: [everything('Deny', kind)] } };
        const { policies } = one;
        const denied: Layered =
          kind === 'identity'
            ? { ...policies, grants, identity: [...policies.identity, deny] }
            : kind === 'resource'
              ? { ...policies, grants, resource: [deny] }
              : { ...policies, grants, scps: [[deny]] };
        const decision = authorize(requestOf(one), denied);
        const applies = decision.trace().some(({ layer, applies: does }) => layer === kind && does);
        if (applies) expect(decision.decision).toBe('denied');
      }),
      runs(1_000),
    );
  });
});

function namesAccount({ Effect, Principal }: StatementDoc): boolean {
  return (
    Effect === 'Allow' &&
    Principal !== '*' &&
    /"(\d{12}|arn:aws:iam::\d{12}:root)"/.test(JSON.stringify(Principal ?? ''))
  );
}
