import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { estateOf } from '../../src/audit/estate.ts';
import { nobodyCanRestore } from '../../src/audit/findings/nobody-can-restore.ts';
import { shortName } from '../../src/base/arn.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { statementName } from '../../src/explain/names.ts';
import { auditOfAll } from '../audit-case.ts';
import { readTable } from '../case-table.ts';
import { changed } from '../check-case.ts';
import { pointersOf } from '../check-table.ts';

/*
 * Principals who cannot make any call are in one group, whatever stops each of them. A finding
 * about all of them still tells everything that stops some of them.
 */

const read = (name: string): unknown => readTable(new URL(`../cases/audit/${name}.json`, import.meta.url));

const quiet = v.parse(
  v.object({ places: v.record(v.string(), v.string()), evidence: v.unknown() }),
  read('quiet-estate'),
);

const { cases } = v.parse(
  v.strictObject({
    about: v.string(),
    cases: v.array(
      v.strictObject({
        name: v.string(),
        with: v.record(v.string(), v.unknown()),
        denies: v.array(v.string()),
        unmet: v.array(v.string()),
        nearest: v.nullable(v.string()),
      }),
    ),
  }),
  read('stopped'),
);

function foundWith(change: Readonly<Record<string, unknown>>) {
  const evidence = parseEvidence('test', JSON.stringify(changed(quiet.evidence, pointersOf(change, quiet.places))));
  return nobodyCanRestore.find(estateOf(directoryOf(evidence), auditOfAll));
}

describe('backups that nobody can restore', () => {
  test.each(cases)('$name', ({ with: change, denies, unmet, nearest }) => {
    const found = foundWith(change);
    expect(
      found.map((one) => ({
        denies: one.statements.map(statementName).toSorted(),
        unmet: one.unmet,
        nearest: one.nearest === undefined ? null : shortName(one.nearest.principals[0]),
      })),
    ).toEqual([{ denies, unmet, nearest }]);
  });

  test('name the own Denies of the first few', () => {
    const roles = Array.from({ length: 25 }, (_, number) => ({
      RoleName: `r${number}`,
      RoleId: `AROA${number}`,
      Path: '/',
      Arn: `arn:aws:iam::111122223333:role/r${number}`,
      RolePolicyList: [
        {
          PolicyName: `of-r${number}`,
          PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] },
        },
      ],
      AttachedManagedPolicies: [],
      Tags: [],
    }));
    const denied = foundWith({
      'prod users': [],
      'prod roles': roles,
      'key statements': [{ Sid: 'NoRoot', Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*' }],
    });
    expect(denied.map(({ statements }) => statements.map(({ name }) => name))).toEqual([
      [
        'arn:aws:kms:eu-west-1:111122223333:key/orders',
        ...roles.slice(0, 20).map(({ RoleName: name }) => `of-${name}`),
      ],
    ]);
  });
});
