import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { readEvidenceFiles } from '../../src/evidence/load.ts';
import { evidenceText, fileOf, isFolder, refuseUnwritable, saveEvidence } from '../../src/evidence/save.ts';
import type { Evidence } from '../../src/evidence/schema.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('evidence that is saved', () => {
  test.each(['plain.json', 'packed.json.gz'])('to %s is read back', (name) => {
    const path = join(folder, name);
    saveEvidence(path, demoEvidence);
    expect(JSON.parse(evidenceText(demoEvidence))).toEqual(
      JSON.parse(evidenceText(readEvidenceFiles([path])[0]?.evidence ?? demoEvidence)),
    );
    expect(readFileSync(path)[0]).toBe(name.endsWith('.gz') ? 0x1f : 0x7b);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('keeps the permissions of a file that it replaces, and replaces the target of a link', () => {
    const [path, link] = [join(folder, 'there.json'), join(folder, 'link.json')];
    writeFileSync(path, 'old');
    chmodSync(path, 0o640);
    symlinkSync(path, link);
    saveEvidence(link, demoEvidence);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readFileSync(path, 'utf8')).toBe(evidenceText(demoEvidence));
  });

  test('leaves no other file if it cannot be written', () => {
    const into = mkdtempSync(join(folder, 'full-'));
    // The path is a folder: a temporary file can be written next to it, but cannot replace it.
    const path = join(into, 'x.json');
    mkdirSync(join(path, 'inside'), { recursive: true });
    expect(() => saveEvidence(path, demoEvidence)).toThrow(/x\.json: cannot write the file/);
    expect(readdirSync(into)).toEqual(['x.json']);
  });

  test('may come into a folder that is not there yet', () => {
    const into = join(folder, 'new', 'evidence/');
    refuseUnwritable(into);
    expect(existsSync(join(folder, 'new'))).toBe(false);
    saveEvidence(fileOf(into, '111122223333'), demoEvidence);
    expect(readdirSync(into)).toEqual(['111122223333.json']);
  });

  test.each([
    ['a file in a file', 'file/evidence.json', 'file: cannot write to the folder (this is a file, not a folder)'],
    ['a folder that is a file', 'file/', 'file: cannot write to the folder (this is a file, not a folder)'],
    ['a folder in a file', 'file/evidence/', 'file: cannot write to the folder (this is a file, not a folder)'],
    ['a file in no folder', 'nowhere/evidence.json', 'nowhere: cannot write to the folder (no such folder)'],
  ])('%s is refused before AWS is read', (_, name, why) => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => refuseUnwritable(`${folder}/${name}`)).toThrow(`${folder}/${why}`);
  });

  test('is in an order that does not depend on that of the answers; policies are left as they are', () => {
    const roles = ['b', 'a'].map((name) => ({ Arn: `arn:aws:iam::111122223333:role/${name}`, RoleName: name }));
    const Statement = [{ Sid: 'B' }, { Sid: 'A' }];
    const evidence = (list: typeof roles): Evidence => ({
      evidenceVersion: 1,
      accounts: {
        '111122223333': {
          iam: {
            RoleDetailList: list,
            Policies: [{ Arn: 'arn:aws:iam::111122223333:policy/p', PolicyVersionList: [{ Document: { Statement } }] }],
          },
        },
      },
    });
    expect(evidenceText(evidence(roles))).toBe(evidenceText(evidence(roles.toReversed())));
    const text = evidenceText(evidence(roles));
    expect(text.indexOf('"B"')).toBeLessThan(text.indexOf('"A"'));
  });

  test('goes into a folder by account', () => {
    expect([isFolder(folder), isFolder('new/'), isFolder(join(folder, 'none'))]).toEqual([true, true, false]);
    expect(fileOf('evidence/', '111122223333')).toBe('evidence/111122223333.json');
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});

describe('a file that is cut off', () => {
  test('is refused', () => {
    const path = join(folder, 'cut.json.gz');
    saveEvidence(path, demoEvidence);
    writeFileSync(path, readFileSync(path).subarray(0, 100));
    expect(() => readEvidenceFiles([path])).toThrow(/cut\.json\.gz: cannot unpack the file/);
  });
});
