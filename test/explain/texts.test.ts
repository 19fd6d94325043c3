import { expect, test } from 'vitest';
import { nothing } from '../../src/audit/findings/finding.ts';
import type { NotReadKind } from '../../src/audit/findings/not-read.ts';
import type { Incident } from '../../src/diagnose/incident.ts';
import { causeText, uncheckedText } from '../../src/explain/diagnosis.ts';
import { unreadText } from '../../src/explain/facts.ts';
import { auditFindingText, type Words } from '../../src/explain/findings.ts';
import { standingsText } from '../../src/explain/who-can.ts';

/*
 * Phrases in forms that few answers have: for one item, for several items, and for an item without
 * a name.
 */

const snapshot = 'arn:aws:rds:us-east-1:111122223333:cluster-snapshot:orders';
const keys = ['a', 'b'].map((id) => `arn:aws:kms:us-east-1:111122223333:key/${id}`);
const words: Words = { keyName: (arn) => arn, isOpen: false };
const decided = { affected: nothing, maybe: nothing, dependsOn: [], statements: [] };

const incident: Incident = { is: 'CloudTrail event', parameters: {}, context: {}, notes: [] };

function standings(summary: Partial<Parameters<typeof standingsText>[0]['summary']>): string {
  return standingsText({
    summary: { can: 0, may: 0, nearly: 0, cannot: 0, ...summary },
    phrase: 'restore SOURCE',
    sources: [snapshot],
  });
}

function notRead(what: NotReadKind, names: readonly string[]): string {
  const where = { account: '111122223333', region: 'us-east-1', subject: what, severity: 'note' } as const;
  const unread = { code: 'not-read', kinds: [], weakens: [], hides: false, gaps: [], what, names } as const;
  return auditFindingText({ ...decided, ...where, ...unread }, words);
}

test.each([
  [standings({ can: 1 }), 'The only principal checked can restore snapshot orders'],
  [standings({ may: 1 }), 'The only principal checked may be able to restore snapshot orders'],
  [standings({ cannot: 1 }), 'The only principal checked cannot restore snapshot orders'],
  [
    causeText({ code: 'calls-denied', kind: 'role' }),
    'the role is not allowed to call the actions that the service needs',
  ],
  [uncheckedText(incident, []), 'this program does not check the operation'],
  [
    uncheckedText({ ...incident, api: 'StopDBCluster' }, []),
    'StopDBCluster: this program does not check StopDBCluster',
  ],
  [unreadText({ fact: 'policy', kind: 'identity', of: 'policy p', why: undefined }), 'policy p'],
  [unreadText({ fact: 'policy', kind: 'identity', of: 'policy p', why: 'not listed' }), 'policy p not listed'],
  [unreadText({ fact: 'grants', of: keys[0] ?? '' }), 'grants'],
  [notRead('keys', keys.slice(0, 1)), '1 key was not read'],
  [notRead('keys', keys), '2 keys were not read'],
  [notRead('rds-lists', ['DBClusters']), 'A list of RDS was not read: DBClusters'],
  [notRead('rds-lists', ['DBClusters', 'DBInstances']), 'Lists of RDS were not read: DBClusters and DBInstances'],
])('%s', (says, expected) => {
  expect(says.slice(0, expected.length)).toBe(expected);
});
