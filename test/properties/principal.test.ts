import { describe, expect, test } from 'vitest';
import { authorize } from '../../src/policy/authorize.ts';
import type { NamedPolicy, Policies, Unread } from '../../src/policy/policies.ts';
import type { RequestInput } from '../../src/policy/request.ts';
import type { PolicyKind } from '../../src/policy/statement-ref.ts';
import type { World } from '../../src/policy/worlds.ts';
import { everything, type Layered, type Named } from './documents.ts';
import { fc, runs, share } from './seed.ts';
import { pivotalSituation, requestOf, type Situation, situation } from './situations.ts';

/* Facts that are not context keys: who the caller is, and policies that could not be read. */

type Who = Pick<RequestInput, 'principal' | 'roleArn' | 'userId' | 'federatingUser'>;

interface Vague {
  readonly what: 'role path' | 'session name' | 'federating user';
  readonly known: Who;
  readonly completions: readonly Who[];
}

/** The facts about a caller that may be unknown, and the callers that are then possible. */
function vagueness({ caller }: Situation): readonly Vague[] {
  const { account, is, type } = caller;
  const iam = `arn:aws:iam::${account}`;
  const { principal, userId = '' } = is;
  if (type === 'federated user') {
    const users = ['team/ann', 'ann', 'team/bob'].map((name) => `${iam}:user/${name}`);
    return [
      {
        what: 'federating user',
        known: { principal },
        completions: users.map((federatingUser) => ({ principal, federatingUser })),
      },
    ];
  }
  if (type !== 'role session') return [];
  const roles = ['team/App', 'App', 'other/App', 'team/red/App'].map((name) => `${iam}:role/${name}`);
  const role = `${iam}:role/team/App`;
  const sessions = ['s1', 's2', 's3'].map((name) => `arn:aws:sts::${account}:assumed-role/App/${name}`);
  return [
    {
      what: 'role path',
      known: { principal, userId },
      completions: roles.map((roleArn) => ({ principal, userId, roleArn })),
    },
    {
      what: 'session name',
      known: { principal: role, userId },
      completions: sessions.map((session) => ({ principal: session, userId, roleArn: role })),
    },
  ];
}

const vague = fc
  .oneof(situation, pivotalSituation)
  .filter((one) => vagueness(one).length > 0)
  .chain((one) => fc.record({ one: fc.constant(one), what: fc.constantFrom(...vagueness(one)) }));

const as = (one: Situation, who: Who): RequestInput => requestOf({ ...one, caller: { ...one.caller, is: who } });

/** The caller in a witness. Undefined: the witness also has other unknown facts. */
function witnessed({ known }: Vague, world: World): Who | undefined {
  let who = known;
  for (const { fact, values } of world) {
    const [value = ''] = values === 'absent' ? [] : values;
    if (fact.fact === 'principal' && fact.about === 'session name')
      who = {
        ...who,
        roleArn: known.principal,
        principal: `${known.principal.replace(':iam:', ':sts:').replace(/:role\/.*/, ':assumed-role/App')}/${value}`,
      };
    else if (fact.fact === 'principal' && fact.about === 'federating user') who = { ...who, federatingUser: value };
    else if (fact.fact === 'principal' || (fact.fact === 'context' && fact.key.toLowerCase() === 'aws:principalarn'))
      who = { ...who, roleArn: value };
    else return undefined;
  }
  return who;
}

describe('a caller of whom something is not known', () => {
  test('U2: a settled answer holds for every possible caller', () => {
    fc.assert(
      fc.property(vague, ({ one, what }) => {
        const { decision } = authorize(as(one, what.known), one.policies);
        if (decision === 'depends') return;
        for (const who of what.completions)
          expect({ who, said: authorize(as(one, who), one.policies).decision }).toEqual({ who, said: decision });
      }),
      runs(1_500),
    );
  });

  test('U3: both witnesses have the answer that they stand for', () => {
    let seen = 0;
    fc.assert(
      fc.property(vague, ({ one, what }) => {
        const decision = authorize(as(one, what.known), one.policies);
        if (decision.decision !== 'depends' || decision.witness === 'not enumerated') return;
        const [allows, denies] = [decision.witness.allows, decision.witness.denies].map((world) =>
          witnessed(what, world),
        );
        if (allows === undefined || denies === undefined) return;
        seen++;
        const said = [allows, denies].map((who) => authorize(as(one, who), one.policies).decision);
        expect(said).toEqual(['allowed', 'denied']);
      }),
      runs(1_500),
    );
    expect(seen).toBeGreaterThan(0);
  });
});

describe('a policy that could not be read', () => {
  const kinds: readonly PolicyKind[] = ['identity', 'boundary', 'session', 'endpoint', 'resource', 'scp', 'rcp'];
  const may = (kind: PolicyKind): readonly Named[] =>
    [[everything('Allow', kind)], [everything('Deny', kind)], []].map((Statement) => ({
      name: 'unread',
      document: { Version: '2012-10-17', Statement },
    }));

  /**
   * The policies with one more policy of this kind, if the layer exists. A resource policy replaces
   * the present one, because there is only one.
   */
  function added(policies: Layered, kind: PolicyKind, more: NamedPolicy | Unread): Policies {
    const { identity, scps = [], rcps = [] } = policies;
    switch (kind) {
      case 'identity':
        return { ...policies, identity: [...identity, more] };
      case 'resource':
        return { ...policies, resource: more };
      case 'scp':
        return { ...policies, scps: [...scps, [more]] };
      case 'rcp':
        return { ...policies, rcps: [...rcps, [more]] };
      case 'boundary':
      case 'session':
      case 'endpoint':
        return { ...policies, [kind]: [...(policies[kind] ?? []), more] };
    }
  }

  test('U2: a settled answer holds for every content', () => {
    const counts: Record<string, number> = {};
    fc.assert(
      fc.property(fc.oneof(situation, pivotalSituation), fc.constantFrom(...kinds), (one, kind) => {
        const request = requestOf(one);
        const { decision } = authorize(request, added(one.policies, kind, { name: 'unread', unread: 'refused' }));
        counts[decision] = (counts[decision] ?? 0) + 1;
        if (decision === 'depends') return;
        for (const policy of may(kind)) {
          const said = authorize(request, added(one.policies, kind, policy)).decision;
          expect({ policy, said }).toEqual({ policy, said: decision });
        }
      }),
      runs(1_500),
    );
    for (const said of ['denied', 'depends'])
      expect(counts[said] ?? 0, JSON.stringify(counts)).toBeGreaterThan(share(100, 1_500));
  });
});
