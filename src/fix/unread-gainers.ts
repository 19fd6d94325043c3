import { accountOf, isAccountId, isRootArn } from '../base/arn.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import type { Bound } from '../check/bind.ts';
import { policyAt } from '../evidence/change.ts';
import { findKey } from '../evidence/lookup.ts';
import type { Evidence } from '../evidence/schema.ts';
import { granteeOf } from '../policy/grants.ts';
import { documentObject, statementsOf } from './documents.ts';
import { isWhole } from './doers.ts';
import type { Step } from './step.ts';

/*
 * The principals that could gain from a fix, but that the evidence does not have. Without them, it
 * is not known that nobody else gains.
 */

/** `others`: principals of accounts that no policy names could gain, too. */
export interface UnreadGainers {
  /** Accounts whose users and roles were not all read. */
  readonly accounts: readonly string[];
  readonly others: boolean;
}

/** `evidence`: after the steps. Undefined: everybody who could gain was read. */
export function unreadGainers(steps: readonly Step[], asked: Bound, evidence: Evidence): UnreadGainers | undefined {
  const all = steps.map((step) => reachedBy(step, evidence));
  const accounts = [...new Set(all.flatMap((reached) => reached.accounts))].filter(
    (account) => !isWhole(account, asked, evidence),
  );
  const others = all.some((reached) => reached.others);
  return accounts.length === 0 && !others ? undefined : { accounts, others };
}

const nobody: UnreadGainers = { accounts: [], others: false };

/** The accounts whose principals a step may give something, whether or not they were read. */
function reachedBy(step: Step, evidence: Evidence): UnreadGainers {
  switch (step.step) {
    case 'allow':
      return editReaches(step, isRootArn(step.principal) ? accountOf(step.principal) : undefined, evidence);
    case 'exempt':
      return exemptReaches(step, evidence);
    case 'change':
      switch (step.change.change) {
        case 'key state':
          return admittedTo(step.change.key, evidence);
        case 'sharing':
          return { accounts: [step.change.account], others: false };
        default:
          return nobody;
      }
    case 'copy':
      return { accounts: [accountOf(step.change.arn)], others: false };
    case 'allow in session':
    case 'exempt in session':
    case 'session':
    case 'name key':
    case 'name new':
      return nobody;
  }
}

type Edit = Extract<Step, { readonly step: 'allow' | 'exempt' }>;

/** `whole`: the account that the edit allows as a whole. */
function editReaches({ place }: Edit, whole: string | undefined, evidence: Evidence): UnreadGainers {
  switch (place.in) {
    case 'key policy':
      return whole === undefined ? nobody : { accounts: [whole], others: false };
    case 'inline policy':
      return evidence.accounts[accountOf(place.owner)]?.iam?.GroupDetailList?.some(({ Arn }) => Arn === place.owner) ===
        true
        ? { accounts: [accountOf(place.owner)], others: false }
        : nobody;
    case 'managed policy':
      return { accounts: [accountOf(place.arn)], others: false };
    // The policy may be attached to other accounts, too. An RCP also limits outsiders.
    case 'scp':
    case 'rcp':
      return { accounts: Object.keys(evidence.accounts), others: true };
  }
}

function exemptReaches(step: Extract<Step, { readonly step: 'exempt' }>, evidence: Evidence): UnreadGainers {
  const { exemption, place } = step;
  switch (exemption.key) {
    // One principal, or AWS services alone.
    case 'aws:PrincipalArn':
    case 'aws:PrincipalIsAWSService':
      return nobody;
    case 'aws:PrincipalAccount':
      return { accounts: [exemption.value], others: false };
    case 'kms:ViaService':
    case 'aws:RequestedRegion':
      return place.in === 'key policy' ? admittedTo(place.key, evidence) : editReaches(step, undefined, evidence);
  }
}

/** The accounts that a key's policy and grants may admit, apart from its denials. */
function admittedTo(arn: string, evidence: Evidence): UnreadGainers {
  const document = documentObject(policyAt(evidence, { in: 'key policy', key: arn }));
  const allows = statementsOf(document ?? {})
    .filter(isJson)
    .filter(({ Effect: effect }) => effect === 'Allow');
  const named = allows.map(admittedBy);
  const grants = findKey(evidence, arn)?.Grants ?? [];
  const grantees = grants.flatMap(({ GranteePrincipal: grantee = '' }) =>
    isAccountId(accountOf(grantee)) ? [accountOf(grantee)] : [],
  );
  return {
    accounts: [accountOf(arn), ...named.flatMap(({ accounts }) => accounts), ...grantees],
    others: named.some(({ others }) => others) || grants.some((grant) => granteeOf(grant) === undefined),
  };
}

function admittedBy({ Principal: principal, NotPrincipal: not, Condition: condition }: Json): UnreadGainers {
  if (not !== undefined) return { accounts: [], others: true };
  const names = textsIn(isJson(principal) ? principal['AWS'] : principal);
  const accounts = names.flatMap((name) => [name, accountOf(name)].filter(isAccountId));
  if (!names.some((name) => name.includes('*') && !isAccountId(accountOf(name)))) return { accounts, others: false };
  const limited = limitedTo(isJson(condition) ? condition : {});
  return limited === undefined ? { accounts, others: true } : { accounts: [...accounts, ...limited], others: false };
}

const callerKeys = ['kms:calleraccount', 'aws:principalaccount'];

/** The accounts that a condition limits the caller to. Undefined: any account. */
function limitedTo(condition: Json): readonly string[] | undefined {
  const found = Object.entries(condition).flatMap(([operator, tests]) =>
    /^String(?:Equals|Like)$/i.test(operator) && isJson(tests)
      ? Object.entries(tests).flatMap(([key, values]) =>
          callerKeys.includes(key.toLowerCase()) && textsIn(values).every(isAccountId) ? [textsIn(values)] : [],
        )
      : [],
  );
  return found[0];
}

function textsIn(values: unknown): readonly string[] {
  return (isList(values) ? values : [values]).filter((value) => typeof value === 'string');
}
