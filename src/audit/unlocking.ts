import { accountOf, parseArn, rootArn } from '../base/arn.ts';
import { isServiceLinkedRole } from '../base/principal-arn.ts';
import type { BulkSettings } from '../bulk/bulk.ts';
import { boundTo } from '../check/bind.ts';
import { type Evaluator, evaluator } from '../check/evaluate.ts';
import { laterEvaluators } from '../check/later.ts';
import type { Directory } from '../evidence/directory.ts';
import { findOtherPrincipal, principalsIn } from '../evidence/principals.ts';
import { couldHold, documentsOn } from '../fix/could-hold.ts';
import { directCalls } from '../fix/direct-calls.ts';
import { keyOperation } from '../preflight/key-actions.ts';

/**
 * Whether the account of a key could let a user or role change the key policy, though nobody can
 * today. A key whose policy delegates to the account is not lost. `isSure`: only if no missing fact
 * matters.
 */
export function couldBeUnlocked(directory: Directory, key: string, settings: BulkSettings, isSure = false): boolean {
  const { evidence } = directory;
  const { partition = '', region = '' } = parseArn(key) ?? {};
  const account = accountOf(key);
  const root = rootArn(partition, account);
  const operation = keyOperation('kms:PutKeyPolicy', key);
  const principal = findOtherPrincipal(directory, root);
  const asked = boundTo(directory, { operation, principal, region, parameters: {} }, undefined);
  const evaluating = evaluator(directory, settings);
  const asking = [root, ...principalsIn(evidence, account).filter((arn) => !isServiceLinkedRole(arn))];
  const documents = documentsOn(key, account, evidence);
  const wanted = { actions: ['kms:PutKeyPolicy'], on: { key }, account } as const;
  const couldAt = (one: Evaluator): boolean =>
    couldHold(wanted, { asking, calls: directCalls(one, asked), evidence, documents }, isSure) !== undefined;
  // A policy may begin to allow, or cease to deny, at a time.
  return couldAt(evaluating) || laterEvaluators(evaluating).some(couldAt);
}
