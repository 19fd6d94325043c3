// @module-tag slow
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { type AuditAsked, auditReport } from '../../src/answer/audit.ts';
import { audit } from '../../src/audit/audit.ts';
import { remembered } from '../../src/base/remembered.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { auditOfAll } from '../audit-case.ts';
import { readTable } from '../case-table.ts';
import { changed, isRecord } from '../check-case.ts';
import { pointersOf } from '../check-table.ts';

/* Each test applies the fix of a finding about keys and shares, and runs the audit again. */

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

function askedOf({ flags: { 'allow-account': allowAccounts } }: Pick<Estate, 'flags'>): AuditAsked {
  return { ...auditOfAll, allowAccounts };
}

/** Two tests use the same estate, so each report is made once. */
const reportOf = remembered((name: string) => {
  const one = [...cases, ...odd].find((other) => nameOf(other) === name);
  if (one === undefined) throw new Error(`no estate ${name}`);
  return auditReport(parseEvidence('evidence.json', JSON.stringify(evidenceOf(one))), askedOf(one), 'test');
});

function nameOf(one: Pick<Estate, 'flags' | 'with'>): string {
  return JSON.stringify([one.flags, one.with]);
}

/** The findings alone, without fixes. */
function findingsIn(evidence: unknown, one: Estate) {
  return audit(directoryOf(parseEvidence('evidence.json', JSON.stringify(evidence))), askedOf(one)).findings;
}

/** The evidence after this command of the AWS CLI has run. */
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
    const { findings, fixes } = reportOf(nameOf(one));
    const found = findings.filter(({ code }) => code === finding);
    expect(found).not.toEqual([]);
    const does = found.flatMap((each) => fixes.filter(({ id }) => each.fixes.includes(id)));
    const texts = does.map(({ steps }) => steps.flatMap((step) => step.does.map(({ text }) => text)).join(' and '));
    expect(texts).toEqual(fix === null ? [] : [fix]);
  });

  const codes = ['key-open', 'share-inert', 'foreign-key', 'exposed'];

  test.each([...cases, ...odd])('ends the finding, and makes no other: $name', (one) => {
    const evidence = evidenceOf(one);
    const before = reportOf(nameOf(one));
    const known = new Set(before.findings.map(({ id, state }) => `${id} ${state}`));
    for (const { id, code, fixes } of before.findings) {
      if (!codes.includes(code)) continue;
      for (const { commands, steps } of before.fixes.filter((fix) => fixes.includes(fix.id))) {
        const findings = findingsIn(commands.reduce(after, evidence), one);
        expect(findings.map((each) => each.id)).not.toContain(id);
        // After a share ends, the key may still admit the outside account. That finding may be new.
        if (code === 'exposed') continue;
        const others = findings.filter(
          (each) => codes.includes(each.found.code) && !known.has(`${each.id} ${each.isOpen ? 'undecided' : 'holds'}`),
        );
        // Where the old policy admitted everybody, the new policy names the accounts that keep the
        // use of the key. Findings about these accounts may be new.
        const does = JSON.stringify(steps);
        const news = others.filter(({ found: { principal } }) => principal === undefined || !does.includes(principal));
        expect(news.map(({ found }) => `${found.code} ${found.subject}`)).toEqual([]);
      }
    }
  });
});
