import type { Grant } from '../../src/policy/grants.ts';
import { fc } from './seed.ts';
import type { About } from './situations.ts';
import { accountA, accountB, awsPrincipals, policyValues } from './vocabulary.ts';

const grantOperations = ['Decrypt', 'DescribeKey', 'CreateGrant', 'RetireGrant', 'Encrypt'];

/** A grant that may cover the call. It may have a constraint. */
export function grantFor({ caller, action }: About): fc.Arbitrary<Grant> {
  const own = action.slice(action.indexOf(':') + 1);
  const pairs = fc.constantFrom<Record<string, string>>({ team: 'red' }, { team: 'blue' }, { team: 'red', a: 'b' }, {});
  const grantee = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...caller.presents) },
    { weight: 1, arbitrary: fc.constantFrom(...awsPrincipals) },
  );
  const constraints = fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: pairs.map((EncryptionContextEquals) => ({ Constraints: { EncryptionContextEquals } })) },
    { weight: 1, arbitrary: pairs.map((EncryptionContextSubset) => ({ Constraints: { EncryptionContextSubset } })) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...policyValues.arn.filter((value) => !value.includes('$')))
        .map((SourceArn) => ({ Constraints: { SourceArn } })),
    },
  );
  return fc
    .tuple(
      grantee,
      fc.subarray(grantOperations, { minLength: 1 }),
      fc.boolean(),
      fc.constantFrom(accountA, accountB),
      constraints,
      fc.option(fc.constantFrom(...caller.presents), { nil: undefined }),
    )
    .map(([GranteePrincipal, operations, covers, issuer, limits, retiring]) => ({
      GranteePrincipal,
      Operations: covers && grantOperations.includes(own) ? [...new Set([...operations, own])] : operations,
      IssuingAccount: `arn:aws:iam::${issuer}:root`,
      ...limits,
      ...(retiring === undefined ? {} : { RetiringPrincipal: retiring }),
    }));
}
