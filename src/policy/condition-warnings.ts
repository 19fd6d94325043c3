import { arnParts, parseArn } from '../base/arn.ts';
import { serviceIn } from '../base/service.ts';
import { isKnownKey, type ValueType } from './condition-keys.ts';
import type { ConditionTest, Statement, TestValue } from './document.ts';
import { type Operator, operatorText } from './operators.ts';
import { withoutVariables } from './variables.ts';

/*
 * Warnings about conditions that AWS saves but that do not have the effect that they appear to
 * have.
 */

/** `path`: within the statement. */
export type ConditionWarning = { readonly path: string } /** `key`: as the policy spells it. */ & (
  | { readonly code: 'condition-key-unknown'; readonly key: string }
  | { readonly code: 'operator-unfit'; readonly operator: string; readonly key: string; readonly holds: ValueType }
  /** The value is not of the operator's type. `so`: what the test then does. */
  | {
      readonly code: 'value-unreadable';
      readonly value: string;
      readonly type: Operator['compares'];
      readonly so: 'open' | 'matches nothing' | 'matches every ARN';
    }
  /** A word other than true and false. */
  | { readonly code: 'value-counts-as-false'; readonly value: string }
  /** An IPv6 range with bits set beyond its prefix. */
  | { readonly code: 'range-matches-nothing'; readonly value: string }
  | { readonly code: 'via-service-without-region'; readonly value: string }
  /** aws:PrincipalArn holds the ARN of the role. */
  | { readonly code: 'session-arn-tested'; readonly value: string }
  /** An Allow that holds if the key is absent. */
  | { readonly code: 'for-all-values-of-one'; readonly key: string }
  /**
   * A multivalued key without a set operator, in an Allow. In a Deny, the statement then never
   * applies.
   */
  | { readonly code: 'set-operator-missing' | 'deny-never-applies'; readonly key: string; readonly negated: boolean }
  /** A key that only IAM policies can test, in a key policy. */
  | { readonly code: 'key-not-in-key-policies'; readonly key: string }
  /** `action`: an action of the statement. Requests for this action never have the key. */
  | { readonly code: 'key-not-carried'; readonly key: string; readonly action: string }
  | { readonly code: 'values-missing' }
  /** A `*` or `?` that is compared literally. */
  | { readonly code: 'wildcard-without-like'; readonly value: string }
  | { readonly code: 'bool-variable'; readonly value: string }
  | { readonly code: 'address-without-prefix'; readonly value: string }
  | { readonly code: 'variable-in-old-version'; readonly value: string }
);

/** The path of a test in its statement. */
export function pathOfTest(test: ConditionTest): string {
  return `Condition.${operatorText(test)}.${test.key}`;
}

/** `variables`: whether the policy's Version supports variables. */
export function conditionWarnings(statement: Statement, variables: boolean): readonly ConditionWarning[] {
  return statement.tests.flatMap((test) => {
    const path = pathOfTest(test);
    const warnings = [
      ...keyWarnings(test),
      ...carriedWarnings(test, statement),
      ...(test.values.length === 0 ? [{ code: 'values-missing' } as const] : []),
      ...test.values.flatMap((value) => [
        ...valueWarnings(test, value),
        ...spellingWarnings(test, value.text),
        ...(!variables && value.text.includes('${')
          ? [{ code: 'variable-in-old-version', value: value.text } as const]
          : []),
      ]),
    ];
    return warnings.map((warning) => ({ path, ...warning }));
  });
}

type WithoutPath<W = ConditionWarning> = W extends ConditionWarning ? Omit<W, 'path'> : never;

/** iam-evaluation 3.12, 3.16, 14.8. */
function keyWarnings(test: ConditionTest): readonly WithoutPath[] {
  const { key, over, about, ref, operator, ifExists } = test;
  if (!isKnownKey(key)) return [{ code: 'condition-key-unknown', key }];
  if (about === undefined || operator.compares === 'presence') return [];
  const warnings: WithoutPath[] = [];
  if (isUnfit(test)) warnings.push({ code: 'operator-unfit', operator: test.name, key, holds: about.type });
  if (over === 'all' && about.many !== true && ref.effect === 'Allow')
    warnings.push({ code: 'for-all-values-of-one', key });
  if (over === 'value' && about.many === true) {
    const negated = operator.negated || ifExists;
    warnings.push({ code: ref.effect === 'Deny' ? 'deny-never-applies' : 'set-operator-missing', key, negated });
  }
  return warnings;
}

/**
 * Policies often compare numbers, booleans and ARNs as texts, and this works. Dates and addresses
 * have several spellings, so comparing them as texts does not.
 */
function isUnfit({ about, operator, keyId }: ConditionTest): boolean {
  if (about === undefined || about.userText === true) return false;
  const { compares } = operator;
  switch (compares) {
    case 'text':
      return about.type === 'date' || about.type === 'ip';
    case 'number':
      return about.type !== 'number' && keyId !== 'aws:epochtime';
    case 'arn':
      return about.type !== 'arn' && !keyId.endsWith('principal');
    case 'date':
    case 'bool':
    case 'ip':
      return about.type !== compares;
    case 'bytes':
    case 'presence':
      return false;
  }
}

/** iam-evaluation 4.9, 6.32, 14.2, 14.3, 14.6, 14.10-14.12. */
function valueWarnings(test: ConditionTest, value: TestValue): readonly WithoutPath[] {
  const { operator, keyId, ref } = test;
  const { text } = value;
  if (!('matcher' in value)) return [];
  if (value.matcher.unreadable === true) return [unreadable(test, text)];
  if ((operator.compares === 'bool' || operator.compares === 'presence') && !/^(?:true|false)$/i.test(text))
    return [{ code: 'value-counts-as-false', value: text }];
  if (operator.compares === 'ip' && value.matcher.accepts().is === 'nothing')
    return [{ code: 'range-matches-nothing', value: text }];
  // The service comes first, then its Region.
  if (keyId === 'kms:viaservice' && /^[a-z0-9-]+$/.test(serviceIn(text.toLowerCase()) ?? ''))
    return [{ code: 'via-service-without-region', value: text }];
  const isSession =
    ref.policy !== 'session' && arnParts(text)?.[2] === 'sts' && parseArn(text)?.type === 'assumed-role';
  if (keyId === 'aws:principalarn' && isSession) return [{ code: 'session-arn-tested', value: text }];
  return [];
}

/**
 * A session policy treats such a value in a known way. A value in a stored policy was readable for
 * AWS, so the effect is open (iam-evaluation 14.6, 14.11, 14.12).
 */
function unreadable({ operator, ref }: ConditionTest, value: string): WithoutPath {
  const { compares: type } = operator;
  const isArn = type === 'arn';
  const known = ref.policy === 'session' || (isArn && ref.effect === 'Allow');
  const so = !known ? 'open' : isArn && ref.effect === 'Deny' ? 'matches every ARN' : 'matches nothing';
  return { code: 'value-unreadable', value, type, so };
}

/** iam-evaluation 3.4, 10.5, 10.24. */
function spellingWarnings({ name, operator }: ConditionTest, value: string): readonly WithoutPath[] {
  if (operator.compares === 'text' && !name.includes('Like') && /[*?]/.test(withoutVariables(value)))
    return [{ code: 'wildcard-without-like', value }];
  if (operator.compares === 'bool' && value.includes('${')) return [{ code: 'bool-variable', value }];
  const isAlone = operator.compares === 'ip' && value.includes(':') && !value.includes('/');
  return isAlone ? [{ code: 'address-without-prefix', value }] : [];
}

/** iam-evaluation 3.12, 6.30, 6.41, 6.42. */
function carriedWarnings({ key, keyId, about }: ConditionTest, { ref, actions }: Statement): readonly WithoutPath[] {
  if (ref.policy === 'resource' && about?.iamOnly === true) return [{ code: 'key-not-in-key-policies', key }];
  const carrying = actionsCarrying(keyId);
  if (carrying === undefined || actions.match === 'none') return [];
  return actions.of
    .map(({ text }) => text)
    .filter((action) => /^kms:[a-z]+$/i.test(action) && !carrying.has(action.toLowerCase()))
    .map((action) => ({ code: 'key-not-carried', key, action }));
}

const grantParameters = ['kms:creategrant'];
const cryptographic = [
  'encrypt',
  'decrypt',
  'generatedatakey',
  'generatedatakeywithoutplaintext',
  'reencryptfrom',
  'reencryptto',
].map((name) => `kms:${name}`);
const cryptographicPairs = ['generatedatakeypair', 'generatedatakeypairwithoutplaintext'].map((name) => `kms:${name}`);

/**
 * The KMS actions that carry a key, if not all KMS actions carry it (iam-evaluation 6.30).
 * Undefined: other keys.
 */
function actionsCarrying(keyId: string): ReadonlySet<string> | undefined {
  if (keyId.startsWith('kms:encryptioncontext'))
    return new Set([...cryptographic, ...cryptographicPairs, ...grantParameters, 'kms:retiregrant']);
  switch (keyId) {
    case 'kms:encryptionalgorithm':
      return new Set([...cryptographic, ...cryptographicPairs]);
    case 'kms:requestalias':
      return new Set([
        ...cryptographic,
        ...cryptographicPairs,
        'kms:describekey',
        'kms:getpublickey',
        'kms:sign',
        'kms:verify',
        'kms:generatemac',
        'kms:verifymac',
        'kms:derivesharedsecret',
      ]);
    case 'kms:grantisforawsresource':
      return new Set([...grantParameters, 'kms:listgrants', 'kms:revokegrant']);
    case 'kms:grantconstrainttype':
      return new Set([...grantParameters, 'kms:retiregrant']);
    case 'kms:grantoperations':
    case 'kms:granteeprincipal':
    case 'kms:granteeserviceprincipal':
    case 'kms:retiringprincipal':
    case 'kms:retiringserviceprincipal':
    case 'kms:grantconstraintsourcearn':
      return new Set(grantParameters);
    case 'kms:reencryptonsamekey':
      return new Set(['kms:reencryptfrom', 'kms:reencryptto']);
    default:
      return undefined;
  }
}
