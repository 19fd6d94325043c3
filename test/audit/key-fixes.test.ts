import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { type AuditAsked, auditReport } from '../../src/answer/audit.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { auditOfAll } from '../audit-case.ts';
import { readTable } from '../case-table.ts';
import { changed, isRecord } from '../check-case.ts';
import { pointersOf } from '../check-table.ts';

/* Each fix of a finding about keys and shares is carried out, and the audit is asked again. */

const flags = v.optional(v.object({ 'allow-account': v.optional(v.array(v.string()), []) }), {});
const estate = { name: v.string(), flags, with: v.optional(v.record(v.string(), v.unknown()), {}) };

const read = (name: string): unknown => readTable(new URL(`../cases/audit/${name}.json`, import.meta.url));
const quiet = v.parse(
  v.object({ places: v.record(v.string(), v.string()), evidence: v.unknown() }),
  read('quiet-estate'),
);
const { cases } = v.parse(
  v.object({ cases: v.array(v.object({ ...estate, finding: v.string(), fix: v.nullable(v.string()) })) }),
  read('key-fixes'),
);
const odd = v.parse(v.object({ cases: v.array(v.object(estate)) }), read('odd-estates')).cases;

type Estate = (typeof odd)[number];

function evidenceOf(one: Estate): unknown {
  return changed(quiet.evidence, pointersOf(one.with, quiet.places));
}

function reportOf(evidence: unknown, one: Estate) {
  const asked: AuditAsked = { ...auditOfAll, allowAccounts: one.flags['allow-account'] };
  return auditReport(parseEvidence('evidence.json', JSON.stringify(evidence)), asked, 'test');
}

/** The evidence after a command of the AWS CLI. */
function after(evidence: unknown, command: string): unknown {
  const option = (name: string): string | undefined => new RegExp(` ${name} (\\S+)`).exec(command)?.[1];
  const policy = / --policy '(.*)'$/s.exec(command)?.[1]?.replaceAll(String.raw`'\''`, "'");
  const copyOf = (value: unknown): readonly unknown[] => {
    const of = option('--source-db-cluster-snapshot-identifier');
    if (!isRecord(value) || of === undefined || value['DBClusterSnapshotArn'] !== of) return [];
    const name = option('--target-db-cluster-snapshot-identifier') ?? '';
    const made = { DBClusterSnapshotIdentifier: name, DBClusterSnapshotArn: of.replace(/[^:]*$/, name) };
    return [{ ...value, ...made, KmsKeyId: option('--kms-key-id'), SourceDBClusterSnapshotArn: of }];
  };
  const edit = (value: unknown): unknown => {
    if (Array.isArray(value))
      return value
        .filter((one: unknown) => !isRecord(one) || one['GrantId'] !== (option('--grant-id') ?? ''))
        .flatMap((one: unknown) => [edit(one), ...copyOf(one)]);
    if (!isRecord(value)) return value;
    const { KeyMetadata: key, DBClusterSnapshotIdentifier: snapshot, DBClusterSnapshotAttributes: shares } = value;
    if (policy !== undefined && isRecord(key) && key['KeyId'] === option('--key-id'))
      return { ...value, Policy: JSON.parse(policy) };
    if (shares !== undefined && typeof snapshot === 'string' && snapshot === option('--db-cluster-snapshot-identifier'))
      return { ...value, DBClusterSnapshotAttributes: without(shares, option('--values-to-remove') ?? '') };
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, edit(one)]));
  };
  return edit(evidence);
}

function without(shares: unknown, value: string): unknown {
  if (!Array.isArray(shares)) return shares;
  return shares.map((one: unknown) =>
    isRecord(one) && Array.isArray(one['AttributeValues'])
      ? { ...one, AttributeValues: one['AttributeValues'].filter((given) => given !== value) }
      : one,
  );
}

describe('the fix of a finding about keys and shares', () => {
  test.each(cases)('$finding: $name', ({ finding, fix, ...one }) => {
    const { findings, fixes } = reportOf(evidenceOf(one), one);
    const found = findings.filter(({ code }) => code === finding);
    expect(found).not.toEqual([]);
    const does = found.flatMap((each) => fixes.filter(({ id }) => each.fixes.includes(id)));
    const texts = does.map(({ steps }) => steps.flatMap((step) => step.does.map(({ text }) => text)).join(' and '));
    expect(texts).toEqual(fix === null ? [] : [fix]);
  });

  const told = ['key-open', 'share-inert', 'foreign-key', 'exposed'];

  test.each([...cases, ...odd])('ends the finding, and makes no other: $name', (one) => {
    const evidence = evidenceOf(one);
    const before = reportOf(evidence, one);
    const known = new Set(before.findings.map(({ id, state }) => `${id} ${state}`));
    for (const { id, code, fixes } of before.findings) {
      if (!told.includes(code)) continue;
      for (const { commands, steps } of before.fixes.filter((fix) => fixes.includes(fix.id))) {
        const { findings } = reportOf(commands.reduce(after, evidence), one);
        expect(findings.map((each) => each.id)).not.toContain(id);
        // A key that is open to somebody stays open when nothing is shared with them.
        if (code === 'exposed') continue;
        const others = findings.filter((each) => told.includes(each.code) && !known.has(`${each.id} ${each.state}`));
        // Accounts that keep the use of the key are named alone where everybody was.
        const does = JSON.stringify(steps);
        const news = others.filter(({ principal }) => principal === null || !does.includes(principal));
        expect(news.map(({ says }) => says)).toEqual([]);
      }
    }
  });
});
