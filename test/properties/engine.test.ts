import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authorize, compile, type Decision } from '../../src/policy/authorize.ts';
import type { NamedPolicy, Policies, Unread } from '../../src/policy/policies.ts';
import type { RequestInput } from '../../src/policy/request.ts';
import type { World } from '../../src/policy/worlds.ts';
import { completionsOf, forgetting, keyNames, policies, policy, request, statement } from './arbitraries.ts';

const runs = { numRuns: 1_000 };

function answer(asked: RequestInput, given: Policies): string {
  const decision = authorize(asked, given);
  return 'denial' in decision ? `denied ${decision.denial}` : decision.decision;
}

/** The statements of a policy that was made here. */
function statementsOf({ document }: NamedPolicy): readonly Json[] {
  const listed: unknown = isJson(document) ? document['Statement'] : [];
  return (Array.isArray(listed) ? listed : [listed]).filter(isJson);
}

type Json = Readonly<Record<string, unknown>>;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function rewritten(given: Policies, change: (one: NamedPolicy) => NamedPolicy): Policies {
  const each = (one: NamedPolicy | Unread): NamedPolicy | Unread => ('unread' in one ? one : change(one));
  const levels = (all: Policies['scps']): Policies['scps'] =>
    all === undefined || 'unread' in all ? all : all.map((level) => level.map(each));
  const { boundary, session, endpoint, resource } = given;
  const scps = levels(given.scps);
  const rcps = levels(given.rcps);
  return {
    ...given,
    identity: given.identity.map(each),
    ...(boundary === undefined ? {} : { boundary: boundary.map(each) }),
    ...(session === undefined ? {} : { session: session.map(each) }),
    ...(endpoint === undefined ? {} : { endpoint: endpoint.map(each) }),
    ...(resource === undefined ? {} : { resource: each(resource) }),
    ...(scps === undefined ? {} : { scps }),
    ...(rcps === undefined ? {} : { rcps }),
  };
}

function withStatements(one: NamedPolicy, change: (statements: readonly Json[]) => readonly unknown[]): NamedPolicy {
  return { name: one.name, document: { Version: '2012-10-17', Statement: change(statementsOf(one)) } };
}

/** What does not matter: the answer to a complete request is the same before and after. */
function changesNothing(change: (given: Policies) => Policies): void {
  fc.assert(
    fc.property(request, policies, (asked, given) => {
      expect(answer(asked, change(given))).toBe(answer(asked, given));
    }),
    runs,
  );
}

describe('what does not matter', () => {
  test('the order of statements', () =>
    changesNothing((given) => rewritten(given, (one) => withStatements(one, (all) => all.toReversed()))));

  test('the order of policies', () =>
    changesNothing((given) => ({
      ...given,
      identity: given.identity.toReversed(),
      ...(given.grants === undefined || 'unread' in given.grants ? {} : { grants: given.grants.toReversed() }),
    })));

  test('statements that stand twice', () =>
    changesNothing((given) => rewritten(given, (one) => withStatements(one, (all) => [...all, ...all]))));

  test('Sids', () =>
    changesNothing((given) =>
      rewritten(given, (one) =>
        withStatements(one, (all) => all.map((json, index) => ({ Sid: `Sid${index}`, ...json }))),
      ),
    ));

  test('whether actions stand in one statement or in two', () =>
    changesNothing((given) =>
      rewritten(given, (one) =>
        withStatements(one, (all) =>
          all.flatMap((json) =>
            Array.isArray(json['Action'])
              ? json['Action'].map((action: unknown) => ({ ...json, Action: action }))
              : [json],
          ),
        ),
      ),
    ));

  test('whether a policy is an object, JSON text or URL-encoded text', () => {
    changesNothing((given) => rewritten(given, ({ name, document }) => ({ name, document: JSON.stringify(document) })));
    changesNothing((given) =>
      rewritten(given, ({ name, document }) => ({ name, document: encodeURIComponent(JSON.stringify(document)) })),
    );
  });

  test('the case of actions and of condition keys', () =>
    changesNothing((given) =>
      rewritten(given, ({ name, document }) => {
        const shouted = JSON.stringify(document).replace(
          /"(kms|rds|secretsmanager|aws):([A-Za-z*?/]+)"/g,
          (_, service: string, rest: string) => `"${service}:${rest.toUpperCase()}"`,
        );
        return { name, document: JSON.parse(shouted) };
      }),
    ));

  test('an unknown key that no policy mentions', () => {
    fc.assert(
      fc.property(request, policies, (asked, given) => {
        expect(answer({ ...asked, unknownKeys: ['aws:SourceVpce'] }, given)).toBe(answer(asked, given));
      }),
      runs,
    );
  });

  test('IfExists on a key that is present', () => {
    fc.assert(
      fc.property(request, policies, (asked, given) => {
        const present = new Set(Object.keys(asked.context ?? {}));
        const relaxed = rewritten(given, (one) =>
          withStatements(one, (all) => all.map((json) => ({ ...json, ...relax(json['Condition'], present) }))),
        );
        expect(answer(asked, relaxed)).toBe(answer(asked, given));
      }),
      runs,
    );
  });
});

/** Moves tests of present keys under the operator with IfExists, if there are no others under it. */
function relax(condition: unknown, present: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  if (typeof condition !== 'object' || condition === null) return {};
  const names = new Set(Object.keys(condition));
  const entries = Object.entries(condition).map(([operator, keys]: [string, unknown]): [string, unknown] => {
    const single =
      !operator.includes(':') &&
      operator !== 'Null' &&
      !operator.endsWith('IfExists') &&
      !names.has(`${operator}IfExists`);
    const all = typeof keys === 'object' && keys !== null && Object.keys(keys).every((key) => present.has(key));
    return [single && all ? `${operator}IfExists` : operator, keys];
  });
  return { Condition: Object.fromEntries(entries) };
}

describe('what more policies do', () => {
  const named = (layer: string): boolean => layer === 'resource' || layer === 'endpoint';
  const layers = ['identity', 'boundary', 'session', 'resource'] as const;

  function added(given: Policies, layer: (typeof layers)[number], json: unknown): Policies {
    const extended = (one: NamedPolicy | Unread): NamedPolicy | Unread =>
      'unread' in one ? one : withStatements(one, (all) => [...all, json]);
    if (layer === 'identity')
      return {
        ...given,
        identity: [...given.identity, { name: 'added', document: { Version: '2012-10-17', Statement: json } }],
      };
    if (layer === 'resource')
      return given.resource === undefined ? given : { ...given, resource: extended(given.resource) };
    const existing = given[layer];
    return existing === undefined ? given : { ...given, [layer]: existing.map(extended) };
  }

  test('a Deny never turns denied into allowed', () => {
    fc.assert(
      fc.property(
        request,
        policies,
        fc.constantFrom(...layers).chain((layer) => fc.tuple(fc.constant(layer), statement(['Deny'], named(layer)))),
        (asked, given, [layer, json]) => {
          const after = answer(asked, added(given, layer, json));
          if (answer(asked, given) !== 'allowed') expect(after).not.toBe('allowed');
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('an Allow never turns allowed into denied', () => {
    fc.assert(
      fc.property(
        request,
        policies,
        fc.constantFrom(...layers).chain((layer) => fc.tuple(fc.constant(layer), statement(['Allow'], named(layer)))),
        (asked, given, [layer, json]) => {
          if (answer(asked, given) === 'allowed') expect(answer(asked, added(given, layer, json))).toBe('allowed');
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('another ceiling never turns denied into allowed', () => {
    fc.assert(
      fc.property(
        request,
        policies,
        fc.constantFrom('boundary', 'session', 'scps').chain((layer) => fc.tuple(fc.constant(layer), policy(layer))),
        (asked, given, [layer, one]) => {
          // The first session policy of a federated user is what lets identity policies count at all (iam-evaluation 5.22).
          fc.pre(
            given.boundary === undefined &&
              given.session === undefined &&
              given.scps === undefined &&
              !asked.principal.includes('federated-user'),
          );
          const after = answer(asked, { ...given, [layer]: layer === 'scps' ? [[one]] : [one] });
          if (answer(asked, given) !== 'allowed') expect(after).not.toBe('allowed');
        },
      ),
      runs,
    );
  });

  test('a service principal without a matching policy or grant, and anybody without any, is denied', () => {
    fc.assert(
      fc.property(request, (asked) => {
        fc.pre(!asked.principal.endsWith(':root'));
        expect(
          answer(asked, {
            identity: [],
            resource: { name: 'k', document: { Version: '2012-10-17', Statement: [] } },
            grants: [],
          }),
        ).toBe('denied implicit');
      }),
      runs,
    );
  });

  test('on a key that delegates to nobody, identity policies change nothing', () => {
    fc.assert(
      fc.property(request, policies, policy('identity', false, ['Allow']), (asked, given, more) => {
        fc.pre(
          asked.action.startsWith('kms:') &&
            asked.principal.includes('111122223333') &&
            !JSON.stringify(given.resource).includes('"AWS":"111122223333"'),
        );
        expect(answer(asked, { ...given, identity: [...given.identity, more] })).toBe(answer(asked, given));
      }),
      runs,
    );
  });
});

describe('what is said agrees with what is decided', () => {
  test('every statement that decides matches, and every Deny that matches decides', () => {
    fc.assert(
      fc.property(request, policies, (asked, given) => {
        const decision = authorize(asked, given);
        const statements = decision
          .trace()
          .flatMap((layer) => (layer.applies ? layer.policies.flatMap((one) => one.statements) : []));
        const deciding = decision.decidedBy.flatMap((by) => ('grant' in by ? [] : [by]));
        for (const by of decision.decision === 'depends' ? [] : deciding) {
          expect(statements.find((one) => one.statement === by)?.matches).toBe(true);
          expect(by.effect).toBe(decision.decision === 'allowed' ? 'Allow' : 'Deny');
        }
        const denies = statements.filter((one) => one.statement.effect === 'Deny' && one.matches === true);
        expect(denies.length > 0).toBe('denial' in decision && decision.denial === 'explicit');
        if (denies.length > 0) expect(new Set(deciding)).toEqual(new Set(denies.map((one) => one.statement)));
        for (const { matches, elements } of statements)
          expect(elements.every((element) => element.matches === true)).toBe(matches === true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('an implicit denial names what lacks', () => {
    fc.assert(
      fc.property(request, policies, (asked, given) => {
        const decision = authorize(asked, given);
        if ('denial' in decision && decision.denial === 'implicit') expect(decision.lacking.length).toBeGreaterThan(0);
        if (decision.decision === 'allowed') expect(decision.lacking).toEqual([]);
      }),
      runs,
    );
  });
});

/** The request as a witness completes it. */
function replayed(asked: RequestInput, world: World): RequestInput {
  const context: Record<string, string | readonly string[]> = { ...asked.context };
  const settled = new Set<string>();
  for (const { fact, value } of world) {
    if (fact.fact !== 'context') continue;
    settled.add(fact.key);
    if (value !== 'absent') context[fact.key] = fact.key === 'kms:GrantOperations' ? value.split(', ') : value;
  }
  return { ...asked, context, unknownKeys: (asked.unknownKeys ?? []).filter((key) => !settled.has(key)) };
}

const forgotten = fc.subarray([...keyNames], { minLength: 1, maxLength: 2 });

describe('unknown facts', () => {
  test('a request of which everything is known is decided', () => {
    fc.assert(
      fc.property(request, policies, (asked, given) => {
        fc.pre(!asked.principal.endsWith('role/App') && !asked.principal.endsWith('role/Guest'));
        expect(authorize(asked, given).dependsOn.filter((fact) => fact.fact === 'context')).toEqual([]);
      }),
      runs,
    );
  });

  test('the answer is that of all completions, or tells one of each side', () => {
    const counts: Record<string, number> = {};
    fc.assert(
      fc.property(request, policies, forgotten, (complete, given, keys) => {
        const asked = forgetting(complete, keys);
        const engine = compile(given);
        const decision: Decision = engine.authorize(asked);
        const answers = new Set(completionsOf(complete, keys).map((one) => engine.authorize(one).decision));
        fc.pre(!answers.has('depends'));
        counts[decision.decision] = (counts[decision.decision] ?? 0) + 1;
        const [only] = answers;
        expect(decision.decision).toBe(answers.size === 1 ? only : 'depends');
        if (decision.decision !== 'depends') return;
        expect(decision.witness).not.toBe('not enumerated');
        if (decision.witness === 'not enumerated') return;
        expect(engine.authorize(replayed(asked, decision.witness.allows)).decision).toBe('allowed');
        expect(engine.authorize(replayed(asked, decision.witness.denies)).decision).toBe('denied');
      }),
      { numRuns: 3_000 },
    );
    for (const answerSeen of ['allowed', 'denied', 'depends'])
      expect(counts[answerSeen] ?? 0, JSON.stringify(counts)).toBeGreaterThan(30);
  });

  test('dependsOn names forgotten keys, each of which can change the answer', () => {
    fc.assert(
      fc.property(request, policies, forgotten, (complete, given, keys) => {
        // Of two unknown keys that a policy variable compares, both are named although either alone would do.
        if (JSON.stringify(given).includes('${')) return;
        const asked = forgetting(complete, keys);
        const engine = compile(given);
        const decision = engine.authorize(asked);
        fc.pre(decision.decision === 'depends' && decision.dependsOn.every((fact) => fact.fact === 'context'));
        const named = decision.dependsOn.flatMap((fact) => (fact.fact === 'context' ? [fact.key] : []));
        for (const name of named) {
          expect(keys).toContain(name);
          const others = completionsOf(
            complete,
            keys.filter((one) => one !== name),
          );
          const changes = others.some(
            (one) => new Set(completionsOf(one, [name]).map((each) => engine.authorize(each).decision)).size > 1,
          );
          expect(changes).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('learning a fact never changes a settled answer', () => {
    fc.assert(
      fc.property(request, policies, forgotten, (complete, given, keys) => {
        const before = authorize(forgetting(complete, keys), given).decision;
        if (before !== 'depends') expect(authorize(complete, given).decision).toBe(before);
      }),
      runs,
    );
  });

  test('an unread SCP or key policy never reads as a yes', () => {
    fc.assert(
      fc.property(request, policies, (asked, given) => {
        fc.pre(!asked.principal.includes('aws-service-role') && asked.principal !== 'rds.amazonaws.com');
        expect(authorize(asked, { ...given, scps: { unread: 'refused' } }).decision).not.toBe('allowed');
      }),
      runs,
    );
  });
});

describe('combination alone', () => {
  const says = ['allows', 'denies', 'silent'] as const;
  type Says = (typeof says)[number];
  const doc = (what: Says, principal?: unknown): unknown => ({
    Version: '2012-10-17',
    Statement:
      what === 'silent'
        ? []
        : [
            {
              Effect: what === 'allows' ? 'Allow' : 'Deny',
              ...(principal === undefined ? {} : { Principal: principal }),
              Action: '*',
              Resource: '*',
            },
          ],
  });
  const keyArn = 'arn:aws:kms:us-east-1:111122223333:key/K';

  test.each([
    ['a role of the key owner, named by the account', 'arn:aws:iam::111122223333:role/App', { AWS: '111122223333' }],
    [
      'a role of the key owner, named itself',
      'arn:aws:iam::111122223333:role/App',
      { AWS: 'arn:aws:iam::111122223333:role/App' },
    ],
    [
      'a user of the key owner, named itself',
      'arn:aws:iam::111122223333:user/Eve',
      { AWS: 'arn:aws:iam::111122223333:user/Eve' },
    ],
    ['a role of another account', 'arn:aws:iam::444455556666:role/Guest', { AWS: '444455556666' }],
  ])('%s: every combination of layers follows the written formula', (_, principal, named) => {
    let count = 0;
    for (const [identity, boundary, session, scp, rcp, resource] of combinations()) {
      const layers = [identity, boundary, session, scp, rcp, resource];
      const given: Policies = {
        identity: [{ name: 'i', document: doc(identity) }],
        boundary: [{ name: 'b', document: doc(boundary) }],
        session: [{ name: 's', document: doc(session) }],
        scps: [[{ name: 'p', document: doc(scp) }]],
        rcps: [[{ name: 'r', document: rcp === 'denies' ? doc('denies', '*') : doc('silent') }]],
        resource: { name: 'k', document: doc(resource, resource === 'denies' ? '*' : named) },
        grants: [],
      };
      const own = identity === 'allows' && boundary === 'allows' && session === 'allows';
      const ceiling = boundary === 'allows' && session === 'allows';
      const foreign = principal.includes('444455556666');
      // iam-evaluation 5.7 and 5.10, with the ways in which the key policy may name the caller (5.14).
      const path =
        foreign || !('AWS' in named) || named.AWS === '111122223333'
          ? own
          : named.AWS.includes(':role/')
            ? ceiling
            : true;
      const allowed = !layers.includes('denies') && scp === 'allows' && resource === 'allows' && path;
      const expected = layers.includes('denies') ? 'denied explicit' : allowed ? 'allowed' : 'denied implicit';
      const asked = { principal, action: 'kms:Decrypt', resource: { arn: keyArn, account: '111122223333' } };
      expect(`${layers.join()} ${answer(asked, given)}`).toBe(`${layers.join()} ${expected}`);
      count++;
    }
    expect(count).toBe(729);
  });

  function combinations(): readonly (readonly [Says, Says, Says, Says, Says, Says])[] {
    return says.flatMap((a) =>
      says.flatMap((b) =>
        says.flatMap((c) => says.flatMap((d) => says.flatMap((e) => says.map((f) => [a, b, c, d, e, f] as const)))),
      ),
    );
  }
});
