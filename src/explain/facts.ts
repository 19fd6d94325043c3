import { shortName } from '../base/arn.ts';
import { list } from '../base/wording.ts';
import { policyWords } from '../contract/policy-words.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import type { Fact } from '../policy/truth.ts';
import type { World } from '../policy/worlds.ts';
import { grantName, statementName } from './names.ts';
import { supposedText } from './traced.ts';

/** A fact that an answer hangs on, in words. */
export function factText(fact: Fact): string {
  switch (fact.fact) {
    case 'context':
      return fact.key;
    case 'policy':
      return fact.kind === 'resource'
        ? `the key policy (not read: ${fact.why})`
        : `${unreadName(fact.kind, fact.of)} (not read: ${fact.why})`;
    case 'grants':
      return `the grants ${fact.of} (not read)`;
    case 'grant constraint':
      return `whether the request keeps within the constraints of grant ${grantName(fact.of)}`;
    case 'principal':
      return `the ${fact.about} of the principal`;
    case 'resource name':
      return `the name of the new ${shortName(fact.of).replace(/:$/, '')}`;
    case 'rule':
      return `${fact.what} (AWS does not publish it: ${fact.rule})`;
    case 'statement':
      return `${fact.what} in ${statementName(fact.of)} (not understood)`;
  }
}

function unreadName(kind: PolicyKind, of: string): string {
  return of === '' ? policyWords[kind] : `${policyWords[kind]} ${shortName(of)}`;
}

/** The values of a world, such as `aws:SourceIp = 203.0.113.7`. */
export function worldText(world: World): string {
  const values = world.map(({ fact, values: supposed }) =>
    supposed === 'absent' ? `no ${factText(fact)}` : `${factText(fact)} = ${supposedText(supposed)}`,
  );
  return list(values);
}
