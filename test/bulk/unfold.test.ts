import { expect, test } from 'vitest';
import type { HeldPolicy, Holdings } from '../../src/bulk/principal-class.ts';
import { unfolded } from '../../src/bulk/unfold.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { findPrincipal } from '../../src/evidence/principals.ts';
import type { PolicyKind } from '../../src/policy/statement-ref.ts';

/*
 * A class is decided for one representative. Another member needs the names of its own unread
 * policies.
 */

const directory = directoryOf(demoEvidence);

function holder(role: string, policies: readonly Pick<HeldPolicy, 'kind' | 'name' | 'unread'>[]): Holdings {
  const principal = findPrincipal(directory, `arn:aws:iam::111122223333:role/${role}`);
  return { principal, policies: policies.map((one) => ({ ...one, relevant: [] })) };
}

const refused = 'AccessDenied';
const { fact } = unfolded(
  holder('operator', [
    { kind: 'identity', name: 'read', unread: undefined },
    { kind: 'identity', name: 'first', unread: refused },
    { kind: 'boundary', name: 'first', unread: refused },
  ]),
  holder('dr-restore', [
    { kind: 'identity', name: 'second', unread: refused },
    { kind: 'boundary', name: 'limit', unread: refused },
  ]),
);

test.each<readonly [PolicyKind, string, string]>([
  ['identity', 'first', 'second'],
  ['boundary', 'first', 'limit'],
  ['scp', 'first', 'first'],
  ['identity', 'of neither', 'of neither'],
])('%s policy %s is %s', (kind, of, named) => {
  expect(fact({ fact: 'policy', kind, of, why: refused })).toEqual({ fact: 'policy', kind, of: named, why: refused });
});
