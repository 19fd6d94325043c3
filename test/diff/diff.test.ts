import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { type DiffQuestion, diff } from '../../src/answer/diff.ts';
import { shortName } from '../../src/base/arn.ts';
import { bindAll } from '../../src/check/bind-all.ts';
import { type Evaluator, evaluator } from '../../src/check/evaluate.ts';
import { runners } from '../../src/check/preconditions/trust.ts';
import type { Question } from '../../src/check/question.ts';
import { type DiffReport, diffReportSchema } from '../../src/contract/diff-report.ts';
import type { Verdict } from '../../src/contract/report.ts';
import { demoEvidence } from '../../src/evidence/demo.ts';
import { directoryOf } from '../../src/evidence/directory.ts';
import { everyPrincipal, everyRoot } from '../../src/evidence/principals.ts';
import { type Evidence, evidenceSchema } from '../../src/evidence/schema.ts';
import { everySource } from '../../src/evidence/sources.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { changed, evaluatedAt } from '../check-case.ts';

interface DiffCase {
  readonly name: string;
  /**
   * Changes to the embedded example. `given` applies to both states, and `with` to the second state
   * only.
   */
  readonly given?: Readonly<Record<string, unknown>>;
  readonly with: Readonly<Record<string, unknown>>;
  /** `principal command target before after`. */
  readonly changes: readonly string[];
  readonly onlyBefore?: readonly string[];
  readonly onlyAfter?: readonly string[];
}

const { cases }: { readonly cases: readonly DiffCase[] } = JSON.parse(
  readFileSync(new URL('../cases/diff/changes.json', import.meta.url), 'utf8'),
);

const asking = { context: {}, evaluatedAt, strict: false };

const states = new Map<string, Evidence>();

/** Equal changes must give the same object, because the object is the key of a map. */
function evidenceOf(...changes: readonly DiffCase['with'][]): Evidence {
  const name = JSON.stringify(changes);
  const state = states.get(name) ?? v.parse(evidenceSchema, changes.reduce<unknown>(changed, demoEvidence));
  states.set(name, state);
  return state;
}

function compare(before: Evidence, after: Evidence, more: Partial<DiffQuestion> = {}): DiffReport {
  const question = {
    ...asking,
    before: { evidence: before, name: 'before' },
    after: { evidence: after, name: 'after' },
  };
  const comparing = diff({ ...question, ...more }, '0.0.0');
  for (let step = comparing.next(); ; step = comparing.next()) if (step.done === true) return step.value;
}

interface Answered extends Pick<Evaluator, 'directory' | 'evaluate'> {
  readonly verdicts: Map<string, Verdict>;
}

/** Most cases have the same first state, so its verdicts are computed once. */
const answered = new Map<Evidence, Answered>();

function verdict(evidence: Evidence, principal: string, target: string, operation: Operation): Verdict {
  const known = answered.get(evidence) ?? {
    ...evaluator(directoryOf(evidence), asking),
    verdicts: new Map<string, Verdict>(),
  };
  answered.set(evidence, known);
  const name = [principal, target, operation.command, operation.api].join(' ');
  const region = target.split(':')[3] ?? '';
  const question = { ...asking, operation, principal, target, region, explain: false, fix: false };
  const found = known.verdicts.get(name) ?? verdictOn(known, question);
  known.verdicts.set(name, found);
  return found;
}

function verdictOn({ directory, evaluate }: Answered, question: Question): Verdict {
  const [asked, ...others] = bindAll(directory, [question]).bound.filter(({ isFollowUp }) => isFollowUp !== true);
  if (asked === undefined || others.length > 0) throw new Error('not one answer');
  return evaluate(asked).verdict;
}

/** The same comparison, with one question at a time, as the operation commands ask. */
function oneByOne(before: Evidence, after: Evidence): readonly string[] {
  const both = (names: readonly string[], others: readonly string[]) => names.filter((name) => others.includes(name));
  const arns = (evidence: Evidence) => everySource(evidence).map(({ arn }) => arn);
  const targets = both(arns(before), arns(after));
  const directories = [before, after].map(directoryOf);
  const everybody = (evidence: Evidence) => [...everyPrincipal(evidence), ...everyRoot(evidence)];
  return both(everybody(before), everybody(after)).flatMap((principal) => {
    const may = directories.map((directory) => runners(directory)(principal));
    return targets.flatMap((target) =>
      catalogue
        .filter(
          ({ reads, requires }) => requires === undefined && reads?.types.some((type) => target.includes(`:${type}:`)),
        )
        .filter((operation) => may.some((runs) => runs(operation, target.split(':')[3] ?? '')))
        .flatMap((operation) => {
          const then = verdict(before, principal, target, operation);
          const now = verdict(after, principal, target, operation);
          return then === now
            ? []
            : [`${shortName(principal)} ${operation.command} ${shortName(target)} ${then} ${now}`];
        }),
    );
  });
}

function lines({ changes }: DiffReport): readonly string[] {
  return changes.map(
    ({ principal, operation, target, before, after }) =>
      `${shortName(principal)} ${operation} ${shortName(target)} ${before} ${after}`,
  );
}

const opposite = (line: string): string => line.replace(/ (\w+) (\w+)$/, ' $2 $1');

describe.each(cases)('$name', ({ given = {}, with: changes, changes: expected, onlyBefore = [], onlyAfter = [] }) => {
  const before = evidenceOf(given);
  const after = evidenceOf(given, changes);

  test('changes these verdicts, the worse first', () => {
    const report = v.parse(diffReportSchema, compare(before, after));
    expect(lines(report)).toEqual(expected);
    expect([...report.onlyBefore.principals, ...report.onlyBefore.targets].map(shortName)).toEqual(onlyBefore);
    expect([...report.onlyAfter.principals, ...report.onlyAfter.targets].map(shortName)).toEqual(onlyAfter);
    for (const { reasons } of report.changes) expect(reasons).not.toEqual([]);
  });

  test('finds the same changes as single checks', { tags: 'slow' }, () => {
    expect(lines(compare(before, after)).toSorted()).toEqual(oneByOne(before, after).toSorted());
  });

  test('finds the opposite changes in the other direction', { tags: 'slow' }, () => {
    expect(lines(compare(after, before)).map(opposite).toSorted()).toEqual(expected.toSorted());
  });
});

describe('a comparison', () => {
  test('of a state with itself checks everything and finds nothing', () => {
    const report = compare(demoEvidence, structuredClone(demoEvidence));
    expect(report).toMatchObject({ verdict: 'succeeds', changes: [], summary: { worse: 0, better: 0 } });
    expect(report.asked).toBe(192);
  });

  test.each([
    {
      list: '/accounts/111122223333/iam/RoleDetailList',
      missing: {
        code: 'principal-list-unread',
        text: 'The roles of account 111122223333 were not compared (the list was not read).',
      },
    },
    {
      list: '/accounts/111122223333/regions/us-east-1/rds/DBClusterSnapshots',
      missing: {
        code: 'list-unread',
        text: 'The cluster snapshots in us-east-1 (account 111122223333) were not checked (the list was not read).',
      },
    },
  ])('with a state that lacks $list leaves open whether anything changes', ({ list, missing }) => {
    const without = evidenceOf({ [list]: null });
    expect(compare(demoEvidence, without)).toMatchObject({
      verdict: 'undetermined',
      changes: [],
      notChecked: [missing],
    });
    // What is not in a list that was read is gone.
    expect(compare(demoEvidence, evidenceOf({ [list]: [] })).verdict).toBe('succeeds');
    expect(compare(without, without).verdict).toBe('succeeds');
  });

  test('with a plan that leaves doubts finds nothing that certainly succeeds', () => {
    const key = '/accounts/111122223333/regions/us-east-1/kms/keys/1/KeyMetadata/KeyState';
    const before = evidenceOf({ [key]: 'PendingDeletion' });
    const { changes, summary } = compare(before, demoEvidence);
    const certain = changes.filter((one) => one.before === 'fails').length;
    expect([certain, changes.length, summary.better]).toEqual([16, 33, 33]);
    const doubt = { code: 'plan-partial', text: 'a doubt' };
    const report = compare(before, demoEvidence, { applied: { plans: [], doubts: [doubt] } });
    expect(report).toMatchObject({ verdict: 'undetermined', summary: { worse: 0, better: 16 } });
    expect(report.changes.map((one) => [one.before, one.after, one.reasons[0]])).toEqual(
      Array.from({ length: 16 }, () => ['fails', 'undetermined', doubt]),
    );
  });

  test('with a plan leaves a failure open only if a change may reverse it', () => {
    const key = '/accounts/111122223333/regions/us-east-1/kms/keys/1/Policy';
    const closed = evidenceOf({ [key]: { Version: '2012-10-17', Statement: [] } });
    const plain = compare(demoEvidence, closed);
    const ofRestore = plain.changes.filter(
      (one) => one.principal.endsWith('dr-restore') && one.after === 'fails',
    ).length;
    const { fails, undetermined } = plain.summary;
    expect([plain.verdict, ofRestore > 0, fails > ofRestore]).toEqual(['fails', true, true]);
    const doubt = { code: 'plan-partial', text: 'A doubt.' };
    const asked = new Set<string>();
    const report = compare(demoEvidence, closed, {
      applied: {
        plans: [],
        doubts: [doubt],
        mayLetIn: (principal, answer) => {
          asked.add(answer.verdict);
          return principal.endsWith('dr-restore');
        },
      },
    });
    expect([...asked]).toEqual(['fails']);
    expect(report.verdict).toBe('fails');
    expect(report.summary).toEqual({
      ...plain.summary,
      fails: fails - ofRestore,
      undetermined: undetermined + ofRestore,
    });
    expect(report.changes.filter(({ reasons }) => reasons[0]?.text === 'A doubt')).toHaveLength(ofRestore);
    const open = compare(demoEvidence, closed, {
      applied: { plans: [], doubts: [doubt], mayLetIn: () => true },
    });
    expect(open.verdict).toBe('undetermined');
  });

  test('reports its progress, principal by principal', () => {
    const state = { evidence: demoEvidence, name: 'demo' };
    const comparing = diff({ ...asking, before: state, after: state }, '0.0.0');
    expect([comparing.next(), comparing.next()].map(({ value }) => value)).toEqual([
      { done: 0, of: 4 },
      { done: 1, of: 4 },
    ]);
  });
});

describe('the policy of a VPC endpoint', () => {
  const at = '/accounts/111122223333/regions/us-east-1/vpcEndpointPolicies';
  const everything = { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' };
  const noRestore = { Effect: 'Deny', Principal: '*', Action: 'rds:RestoreDBClusterFromSnapshot', Resource: '*' };
  const withPolicy = (...statements: readonly object[]): Evidence =>
    evidenceOf({ [at]: [{ name: 'vpce-1', document: { Version: '2012-10-17', Statement: statements } }] });
  const before = withPolicy(everything);
  const after = withPolicy(everything, noRestore);
  const restores = (report: DiffReport): readonly string[] =>
    lines(report).filter((line) => line.startsWith('role/dr-restore restore cluster-snapshot:ledger-monthly'));

  test.each([
    { name: 'counts for a session that calls through it', key: 'aws:SourceVpce', id: 'vpce-1', differs: true },
    { name: 'counts in whichever letter case its key is written', key: 'aws:sourceVPCE', id: 'vpce-1', differs: true },
    { name: 'does not count for another endpoint', key: 'aws:SourceVpce', id: 'vpce-2', differs: false },
    { name: 'does not count for other sessions', key: 'aws:SourceVpc', id: 'vpce-1', differs: false },
  ])('$name', ({ key, id, differs }) => {
    const report = compare(before, after, { context: { [key]: [id] } });
    expect(restores(report)).toEqual(
      differs ? ['role/dr-restore restore cluster-snapshot:ledger-monthly succeeds fails'] : [],
    );
    expect(report.changes.length > 0).toBe(differs);
  });
});
