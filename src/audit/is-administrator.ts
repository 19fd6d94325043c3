import { accountOf, isRootArn } from '../base/arn.ts';
import { parsePrincipalArn } from '../base/principal-arn.ts';
import type { BulkSettings } from '../bulk/bulk.ts';
import { holdingsReader } from '../bulk/principal-class.ts';
import { boundTo } from '../check/bind.ts';
import { type Evaluator, evaluator } from '../check/evaluate.ts';
import type { Directory } from '../evidence/directory.ts';
import { findPrincipal } from '../evidence/principals.ts';
import type { CallRow, Operation } from '../operations/operation.ts';
import { ReadDocuments } from '../policy/policies.ts';
import { keyOperation } from '../preflight/key-actions.ts';

/** Actions by which a principal can give itself any permission. */
const selfService = {
  role: ['iam:PutRolePolicy', 'iam:AttachRolePolicy'],
  user: ['iam:PutUserPolicy', 'iam:AttachUserPolicy'],
} as const;

export interface AdministratorTest {
  /**
   * Whether somebody is an administrator of an account: its root user, or a principal that can give
   * itself any permission.
   */
  readonly isAdministrator: (arn: string) => boolean;
  /**
   * Finds the administrators among principals of one account, while the account is in memory.
   * `read`: the documents of the account.
   */
  readonly findAdministrators: (arns: Iterable<string>, read: ReadDocuments) => void;
}

/**
 * Tests whether principals are administrators. Assumptions count, and the answers are remembered.
 */
export function administratorTest(directory: Directory, settings: BulkSettings): AdministratorTest {
  const known = new Map<string, boolean>();
  const testing = (read: ReadDocuments): ((arn: string) => boolean) =>
    testIn(evaluator(directory, { ...settings, strict: false }, read));
  // Only the policies of the latest account are kept in memory.
  let latest: { readonly account: string; readonly isOne: (arn: string) => boolean } | undefined;
  return {
    isAdministrator(arn) {
      const before = known.get(arn);
      if (before !== undefined) return before;
      const account = accountOf(arn);
      if (latest?.account !== account) latest = { account, isOne: testing(new ReadDocuments()) };
      const found = latest.isOne(arn);
      known.set(arn, found);
      return found;
    },
    findAdministrators(arns, read) {
      const isOne = testing(read);
      for (const arn of arns) known.set(arn, isOne(arn));
    },
  };
}

function testIn(asking: Evaluator): (arn: string) => boolean {
  const { directory, read } = asking;
  const actions = Object.values(selfService).flatMap((all) => all.map((action) => action.toLowerCase()));
  const holdingsOf = holdingsReader((...policy) => read.parseAlike(...policy), actions);
  return (arn) => {
    if (isRootArn(arn)) return true;
    const type = parsePrincipalArn(arn)?.type;
    if (type !== 'role' && type !== 'user') return false;
    const principal = findPrincipal(directory, arn);
    // Only an Allow in an identity policy allows these actions, and most policies have none.
    const mayBeAllowed = holdingsOf(principal).policies.some(
      ({ kind, relevant }) => kind === 'identity' && relevant.some(({ statement }) => statement.ref.effect === 'Allow'),
    );
    return (
      mayBeAllowed &&
      selfService[type].some((action) => {
        const operation = ownOperation(action);
        const bound = boundTo(directory, { operation, principal, region: '', parameters: {} }, undefined);
        const [row] = operation.calls;
        if (row === undefined) return false;
        const resource = { arn, account: accountOf(arn), nameUnknown: false, tags: undefined };
        return asking.decideOn(resource, row, bound).decision.decision === 'allowed';
      })
    );
  };
}

/** An IAM call that a principal makes directly, in the form of an operation. */
function ownOperation(action: CallRow['action']): Operation {
  const call: CallRow = {
    kind: 'caller',
    action,
    on: 'role',
    basis: 'documented',
    source: 'rds-kms-operations 6',
    isFree: true,
  };
  return { ...keyOperation('kms:DescribeKey', ''), command: action, calls: [call] };
}
