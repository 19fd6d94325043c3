import { filledUp, isAliasArn, parseArn } from '../base/arn.ts';
import { isJson } from '../base/json.ts';
import { isAboutKeys, actionWarnings as listedActionWarnings } from './action-warnings.ts';
import { conditionWarnings, pathOfTest } from './condition-warnings.ts';
import type { ConditionTest, Policy, Statement } from './document.ts';
import type { DocumentFault } from './fault.ts';
import type { PolicyKind } from './statement-ref.ts';
import { withoutVariables } from './variables.ts';
import { type Warning, warningAt, worded } from './warning.ts';

/*
 * What AWS would save and what never has the effect that it seems to have. It explains many a surprise, and changes no decision.
 */

/** Characters without white space, or bytes of a key policy (iam-evaluation 8). Of identity policies the most that any kind may have. */
const most: Readonly<Record<PolicyKind, number>> = {
  identity: 10_240,
  boundary: 6_144,
  session: 2_048,
  endpoint: 20_480,
  resource: 32_768,
  scp: 10_240,
  rcp: 5_120,
};

/** `paths`: where each statement stands in the document. `document`: as it was read from JSON. */
export function warningsOf(policy: Policy, paths: readonly string[], document: unknown): readonly Warning[] {
  const size = JSON.stringify(document).length;
  const large =
    size > most[policy.kind] ? [{ path: '', says: `has ${size} characters; AWS takes ${most[policy.kind]}` }] : [];
  const variables = isJson(document) && document['Version'] === '2012-10-17';
  return [
    ...large.map(worded),
    ...policy.statements.flatMap((statement, index) => {
      const path = paths[index] ?? '';
      const found = [
        ...principalWarnings(statement),
        ...actionWarnings(statement),
        ...resourceWarnings(statement),
        ...statement.tests.flatMap((test) => testWarnings(test, statement)),
        ...(variables ? [] : oldVersionWarnings(statement)),
      ];
      const told = [...found.map(worded), ...listedActionWarnings(statement), ...conditionWarnings(statement)];
      return told.map((warning) => warningAt(path, warning));
    }),
  ];
}

const nothing: readonly DocumentFault[] = [];

/** iam-evaluation 2.6, 2.7, 2.9, 2.12, 2.13, 2.17. */
function principalWarnings({ principals }: Statement): readonly DocumentFault[] {
  if (principals === 'not applicable') return nothing;
  if (principals === 'missing') return [{ path: 'Principal', says: 'is missing, so the statement matches nobody' }];
  const path = principals.match === 'some' ? 'Principal' : 'NotPrincipal';
  return principals.of.flatMap((entry) => {
    if (entry.is === 'dead') return [{ path, says: `holds ${entry.text}, which matches nobody: ${entry.why}` }];
    if (entry.is === 'unique id')
      return [
        {
          path,
          says: `holds ${entry.id}, the id of a principal that was deleted; a new one of the same name has another`,
        },
      ];
    return nothing;
  });
}

/** iam-evaluation 2.21, 2.29. */
function actionWarnings({ actions }: Statement): readonly DocumentFault[] {
  if (actions.of.length === 0) return [{ path: 'Action', says: 'is missing, so the statement has no effect' }];
  const path = actions.match === 'some' ? 'Action' : 'NotAction';
  return actions.of.flatMap(({ text }) =>
    /[\s,]/.test(text) ? [{ path, says: `holds \`${text}\`, which matches nothing: write a list` }] : nothing,
  );
}

/** iam-evaluation 2.28, 2.29, 10.17. */
function resourceWarnings({ resources, actions, ref }: Statement): readonly DocumentFault[] {
  if (resources === 'missing')
    return [{ path: 'Resource', says: 'is missing, so the statement has no effect on a key' }];
  const path = resources.match === 'some' ? 'Resource' : 'NotResource';
  const aboutKeys = isAboutKeys(actions);
  return resources.of.flatMap(({ text }) => {
    if (ref.policy === 'resource' && isOfAnotherService(text)) {
      return [{ path, says: `holds ${text}, which is not the key that the policy belongs to` }];
    }
    if (aboutKeys && isAliasArn(text)) {
      return [
        {
          path,
          says: `holds ${text}; actions on keys match key ARNs only, never aliases (test kms:ResourceAliases instead)`,
        },
      ];
    }
    if (ref.policy === 'scp' && ref.effect === 'Allow' && text !== '*') {
      return [{ path, says: `holds ${text}; AWS documents an Allow of an SCP with "*" only` }];
    }
    return nothing;
  });
}

function testWarnings(test: ConditionTest, statement: Statement): readonly DocumentFault[] {
  const path = pathOfTest(test);
  const says = [
    ...keyWarnings(test, statement),
    ...(test.values.length === 0 ? ['has no values'] : []),
    ...test.values.flatMap(({ text }) => valueWarnings(test, text)),
  ];
  return says.map((one) => ({ path, says: one }));
}

/** iam-evaluation 3.12, 6.30, 6.41, 6.42. */
function keyWarnings(test: ConditionTest, { ref, actions }: Statement): readonly string[] {
  const { keyId, about } = test;
  if (ref.policy === 'resource' && about?.iamOnly === true) return ['works in IAM policies only, not in a key policy'];
  const carried = actionsCarrying(keyId);
  const named =
    actions.match === 'some'
      ? actions.of.map(({ text }) => text.toLowerCase()).filter((text) => /^kms:[a-z]+$/.test(text))
      : [];
  const without = carried === undefined ? [] : named.filter((action) => !carried.has(action));
  return without.map((action) => `is not carried by ${action}, which the statement lists`);
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

/** Which KMS actions carry a key that not all of them carry (iam-evaluation 6.30); undefined for other keys. */
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

/** iam-evaluation 3.4, 10.5, 10.24. */
function valueWarnings({ name, operator }: ConditionTest, text: string): readonly string[] {
  const plain = withoutVariables(text);
  if (operator.compares === 'text' && !name.includes('Like') && /[*?]/.test(plain)) {
    return [
      `compares \`${text}\` letter by letter, the ${plain.includes('*') ? 'star' : 'question mark'} too; patterns need StringLike`,
    ];
  }
  if (operator.compares === 'bool' && text.includes('${'))
    return ['holds a variable, which AWS documents for Bool in one place and denies in another'];
  if (operator.compares === 'ip' && text.includes(':') && !text.includes('/'))
    return [`holds \`${text}\` without a prefix length, which is read as /128`];
  return [];
}

/** Whether a pattern is for resources of one service, which is not KMS. */
function isOfAnotherService(pattern: string): boolean {
  const arn = parseArn(filledUp(pattern));
  return arn !== undefined && !/[*?]/.test(arn.partition + arn.service) && arn.service !== 'kms';
}

/** iam-evaluation 1.8. */
function oldVersionWarnings(statement: Statement): readonly DocumentFault[] {
  const texts = [
    ...(statement.resources === 'missing'
      ? []
      : statement.resources.of.map(({ text }) => ({ path: 'Resource', text }))),
    ...statement.tests.flatMap((test) =>
      test.values.map(({ text }) => ({ path: `Condition.${test.name}.${test.key}`, text })),
    ),
  ];
  return texts
    .filter(({ text }) => text.includes('${'))
    .map(({ path, text }) => ({ path, says: `holds \`${text}\`, which is plain text unless Version is 2012-10-17` }));
}
