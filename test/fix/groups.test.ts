import { describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import type { ReportedFix } from '../../src/contract/report.ts';
import { type CheckQuestion, evidenceOf, questionOf, readCases } from '../check-case.ts';

const file = readCases(new URL('../cases/check/groups.json', import.meta.url));
const resources = '/accounts/111122223333/iam/RoleDetailList/0/RolePolicyList/0/PolicyDocument/Statement/0/Resource';
const snapshot = '/accounts/111122223333/regions/eu-west-1/rds/DBSnapshots/0';
const asked = { operation: 'restore', region: 'eu-west-1', principal: 'arn:aws:iam::111122223333:role/op' };

/**
 * The fixes for a failing restore if one identity policy allows the restore on these resources
 * only.
 */
function fixesOf(question: Partial<CheckQuestion>, allowed: readonly string[], changes = {}): readonly ReportedFix[] {
  const arns = allowed.map((name) => `arn:aws:rds:eu-west-1:111122223333:${name}`);
  const evidence = evidenceOf(file, { with: { [resources]: arns, ...changes } });
  const { fixes } = check(evidence, { ...questionOf({ ...asked, ...question }), fix: true }, 'test');
  return fixes;
}

const instance = { 'instance-snapshot': 's1' };
const others = ['db:*', 'snapshot:*', 'subgrp:*', 'pg:*'];

describe('groups in fixes', () => {
  test('if the answer depends on the group, the report asks for the group and offers no change', () => {
    expect(fixesOf(instance, [...others, 'og:prod-*'])).toEqual([]);
  });

  test('a group that the request names and no policy allows is allowed by its name', () => {
    const fixes = fixesOf({ ...instance, parameters: { optionGroupName: 'test-og' } }, [...others, 'og:prod-*']);
    expect(JSON.stringify(fixes)).toContain('arn:aws:rds:eu-west-1:111122223333:og:test-og');
  });

  test('a default group is allowed by its name where that is certain', () => {
    expect(JSON.stringify(fixesOf(instance, others))).toContain('og:default:postgres-16"');
  });

  test('no fix has a name that is not certain', () => {
    const db2 = { [`${snapshot}/Engine`]: 'db2-se', [`${snapshot}/EngineVersion`]: '11.5.9.0.sb00000000.r1' };
    const text = JSON.stringify(fixesOf(instance, others, db2));
    expect(text).toContain('og:default:*');
    expect(text).not.toContain('og:default:db2');
  });
});
