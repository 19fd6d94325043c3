// @module-tag slow
import { describe, expect, test } from 'vitest';
import { anonymize } from '../src/anonymize/anonymize.ts';
import { check } from '../src/answer/check.ts';
import { lazily } from '../src/base/lazily.ts';
import { partitionOf, partitions } from '../src/base/partition.ts';
import { demoEvidence, demoPrincipal } from '../src/evidence/demo.ts';
import type { Evidence } from '../src/evidence/schema.ts';
import { type CheckQuestion, evidenceOf, questionOf, readCases } from './check-case.ts';

/*
 * AWS partitions differ only in their names. So the answer to a case in `aws` must be the same,
 * word for word, with the names of another partition.
 */

/**
 * The start of Region names in each partition. base/partition.test.ts has a real Region of each
 * partition that exists today.
 */
const areas: Readonly<Record<string, string>> = {
  'aws-cn': 'cn',
  'aws-us-gov': 'us-gov',
  'aws-eusc': 'eusc-de',
  'aws-iso': 'us-iso',
  'aws-iso-b': 'us-isob',
  'aws-iso-e': 'eu-isoe',
  'aws-iso-f': 'us-isof',
};

const regionNames = /\b(?:us|eu|ap)-(?:east|west|north|south|central)-\d\b/g;

/**
 * The same JSON with the names of another partition. `all`: every Region in order, so that the
 * order of names stays the same.
 */
function moved<T>(json: T, partition: string, all: readonly string[]): T {
  const there: T = JSON.parse(movedText(JSON.stringify(json), partition, all));
  return there;
}

function movedText(text: string, partition: string, all: readonly string[]): string {
  return text
    .replaceAll(regionNames, (region) => `${areas[partition] ?? ''}-east-${all.indexOf(region) + 1}`)
    .replaceAll(/arn(:|%3A)aws(?=:|%3A)/g, `arn$1${partition}`);
}

function regionsIn(...json: readonly unknown[]): readonly string[] {
  return [...new Set(JSON.stringify(json).match(regionNames))].toSorted();
}

interface Asked {
  readonly file: string;
  readonly name: string;
  readonly evidence: Evidence;
  readonly question: CheckQuestion;
}

const asked = ['founding-case', 'operations'].flatMap((file): readonly Asked[] => {
  const cases = readCases(new URL(`cases/check/${file}.json`, import.meta.url));
  return cases.cases.flatMap((one) => {
    const evidence = evidenceOf(cases, one);
    const isElsewhere = /arn:aws-|"cn-/.test(JSON.stringify([evidence, one.question]));
    return isElsewhere ? [] : [{ file, name: one.name, evidence, question: one.question }];
  });
});

/** The report on each case in `aws`. The reports of all other partitions are compared with it. */
const inAws = new Map<Asked, string>();

function reportInAws(one: Asked): string {
  const report = inAws.get(one) ?? JSON.stringify(check(one.evidence, questionOf(one.question), '1.0.0'));
  inAws.set(one, report);
  return report;
}

/**
 * The text of a report without the parts that depend on the length or the text of names: the line
 * breaks of scripts, and the IDs of fixes.
 */
function unwrapped(report: unknown): string {
  return JSON.stringify(report)
    .replaceAll(/(?: \\\\)?(?:\\n| )+/g, ' ')
    .replaceAll(/"fix-[0-9a-f]+"/g, '"fix"');
}

const broken: CheckQuestion = { operation: 'restore', principal: demoPrincipal, snapshot: 'orders-before-upgrade' };
/** The report with fixes in `aws`. */
const fixedInAws = lazily(() => check(demoEvidence, { ...questionOf(broken), fix: true }, '1.0.0'));

describe.each(Object.keys(areas))('in %s', (partition) => {
  test('there are Regions', () => {
    expect(partitions.map(({ name }) => name)).toContain(partition);
    expect(partitionOf(`${areas[partition] ?? ''}-east-1`)).toBe(partition);
  });

  // Aurora snapshots are not copied to or from Regions in China (rds-kms-operations 4.5).
  const isCommon = (operation: string): boolean => partition !== 'aws-cn' || !operation.includes('copy');
  // The other partitions differ from these two only in their names.
  const files = ['aws-cn', 'aws-eusc'].includes(partition) ? ['founding-case', 'operations'] : ['founding-case'];
  const alike = asked.filter(({ file, question }) => files.includes(file) && isCommon(question.operation));

  test.each(alike)('$name: as in aws', (one) => {
    const { evidence, question } = one;
    const all = regionsIn(evidence, question);
    const there = moved({ evidence, question }, partition, all);
    const report = check(there.evidence, questionOf(there.question), '1.0.0');
    expect(JSON.stringify(report)).toBe(movedText(reportInAws(one), partition, all));
  });

  test('fixes are as in aws', () => {
    const all = regionsIn(demoEvidence);
    const there = moved({ evidence: demoEvidence, question: broken }, partition, all);
    const report = check(there.evidence, { ...questionOf(there.question), fix: true }, '1.0.0');
    const here = fixedInAws();
    expect(report.fixes.length).toBeGreaterThan(0);
    expect(unwrapped(report)).toBe(unwrapped(moved(here, partition, all)));
  });

  test('evidence without names gives the same verdict', () => {
    const question: CheckQuestion = { operation: 'restore', principal: '', snapshot: '' };
    const evidence = moved(demoEvidence, partition, regionsIn(demoEvidence));
    const [nameless = evidence] = anonymize([evidence]);
    const verdicts = (one: Evidence): readonly string[] =>
      (one.accounts[Object.keys(one.accounts)[0] ?? '']?.iam?.RoleDetailList ?? []).map(
        ({ Arn }) => check(one, questionOf({ ...question, principal: Arn }), '1.0.0').verdict,
      );
    expect(verdicts(nameless)).toEqual(verdicts(evidence));
    expect(JSON.stringify(nameless)).toContain(`arn:${partition}:rds:${areas[partition] ?? ''}-east-1:`);
  });
});
