import { parseArn, shortName } from '../base/arn.ts';
import { addressOfLaterKey, hiddenPolicy, knownAfterApply } from '../base/planned-name.ts';
import { citedRule } from '../base/rules.ts';
import { list } from '../base/wording.ts';
import { policyWords } from '../contract/policy-words.ts';
import { sourceNouns } from '../evidence/sources.ts';
import type { GroupType } from '../operations/parameters.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import type { Fact, OpenRule } from '../policy/truth.ts';
import type { World } from '../policy/worlds.ts';
import { grantName, keyPolicyWords, statementName } from './names.ts';
import { supposedText } from './traced.ts';

/** The names of groups, by their types in ARNs. */
export const groupWords: Readonly<Record<GroupType, string>> = {
  subgrp: 'DB subnet group',
  'cluster-pg': 'DB cluster parameter group',
  pg: 'DB parameter group',
  og: 'option group',
};

/** A resource whose name is not known. `beginning`: the start of its ARN. */
export function resourceWords(beginning: string): string {
  const group = Object.entries(groupWords).find(([type]) => type === parseArn(beginning)?.type);
  if (group !== undefined) return `the ${group[1]}`;
  const name = shortName(beginning).replace(/[:/]$/, '');
  const noun = Object.entries(sourceNouns).find(([type]) => type === name)?.[1];
  return `the new ${noun ?? name}`;
}

/** A fact that an answer depends on, in words. */
export function factText(fact: Fact): string {
  switch (fact.fact) {
    case 'context': {
      const later = addressOfLaterKey(fact.key);
      return later === undefined ? fact.key : `the parts of ${later} that are known only after the apply`;
    }
    case 'policy':
      if (fact.kind === 'resource' && fact.why === knownAfterApply)
        return `${keyPolicyWords(fact.of)} (${knownAfterApply})`;
      return fact.kind === 'resource'
        ? `${keyPolicyWords(fact.of)} (${notReadText(fact.why ?? 'no key policy is known')})`
        : `${unreadName(fact.kind, fact.of)} (${fact.of === hiddenPolicy ? 'the plan does not show which policy this is' : notReadText(fact.why ?? 'none is known')})`;
    case 'grants':
      return `the grants ${fact.of} (not read)`;
    case 'grant constraint':
      return `whether the request satisfies the constraints of grant ${grantName(fact.of)}`;
    case 'grant part':
      return `what grant ${grantName(fact.of)} allows, and to whom (its grantee or its operations were not read)`;
    case 'grant issuer':
      return `whether the principal's account issued grant ${grantName(fact.of)} (the issuing account was not read)`;
    case 'principal':
      return `the ${fact.about} of the principal`;
    case 'resource name':
      // An AWS managed key exists and is known by its alias.
      return parseArn(fact.of)?.type === 'key' ? 'the ID of the key' : `the name of ${resourceWords(fact.of)}`;
    case 'rule':
      return `${ruleTexts[fact.rule](fact.about)} (AWS does not publish this rule: ${citedRule(fact.rule).path})`;
    case 'statement':
      return `${fact.what} in ${statementName(fact.of)} (not understood)`;
  }
}

/** Some reasons already say that something was not read. */
function notReadText(why: string): string {
  return why.endsWith('not read') || why === knownAfterApply ? why : `not read: ${why}`;
}

/** A policy that could not be read, and why. */
export function unreadText(fact: Fact): string {
  return fact.fact === 'policy' ? `${fact.of} ${fact.why ?? ''}`.trim() : fact.fact;
}

type About = readonly string[];

const operatorAndValues = ([operator = '', , ...values]: About): string => `${operator} ${values.join(', ')}`;

/** What a rule leaves open, by the policy element that the rule is about. */
const ruleTexts: Readonly<Record<OpenRule, (about: About) => string>> = {
  'iam-evaluation 2.16': () => 'a NotPrincipal element that lists only some identities of the caller',
  'iam-evaluation 10.4': () => 'ForAnyValue with IfExists on an absent key',
  'iam-evaluation 10.8': operatorAndValues,
  'iam-evaluation 10.15': ([entry = '']) => `upper case in \`${entry}\``,
  'iam-evaluation 11.1': () => '{"AWS": "*"} and service principals',
  'iam-evaluation 11.3': () => 'an account as grantee',
  'iam-evaluation 11.4': ([, key = '']) => `${key} in a key policy`,
  'iam-evaluation 11.9': ([entry = '']) => `whether an asterisk in \`${entry}\` matches a colon`,
  'iam-evaluation 11.10': () => 'wildcards in a substituted variable',
  'iam-evaluation 11.13': operatorAndValues,
  'iam-evaluation 14.18': ([action = '']) =>
    `whether resource control policies apply to ${action}, which names no resource`,
  'iam-evaluation 14.19': () =>
    'whether an Allow to everyone counts although a permissions boundary or session policy does not allow the call',
};

/** The start of names that stand for several policies, or for a policy without a name. */
const wholeNames: readonly string[] = [
  ...['identity policies of ', 'inline policies of ', 'managed policies of ', 'policies of ', 'groups of '],
  ...['permissions boundary of ', 'SCPs of ', 'RCPs of '],
];

function unreadName(kind: PolicyKind, of: string): string {
  const word = policyWords[kind];
  if (of === '') return word;
  if (of === hiddenPolicy) return kind === 'boundary' ? `the ${word}` : `an ${word}`;
  // Some names already say what they are.
  const start = wholeNames.find((one) => of.startsWith(one));
  if (start !== undefined) return `the ${start}${shortName(of.slice(start.length))}`;
  return of.startsWith(`${word} `) ? `the ${of}` : `${word} ${shortName(of)}`;
}

/** The values of a world, such as `aws:SourceIp = 203.0.113.7`. */
export function worldText(world: World): string {
  const values = world.map(({ fact, values: supposed }) =>
    supposed === 'absent' ? `no ${factText(fact)}` : `${factText(fact)} = ${supposedText(fact, supposed)}`,
  );
  return list(values);
}
