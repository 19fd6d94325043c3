import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { shortName } from '../../src/base/arn.ts';
import { groupBy } from '../../src/base/group.ts';
import { list } from '../../src/base/wording.ts';
import type { ReportedFix, ReportedFixStep } from '../../src/contract/report.ts';
import { powersOf } from '../../src/report/gains.ts';
import { expectToApply } from '../apply-fix.ts';
import { type CheckCase, type CheckFile, evidenceOf, questionOf, readCases } from '../check-case.ts';
import { askedAfter, differences, everyVerdict, evidenceAfter, gainsOf } from '../remedy-case.ts';

/** The expected fix, in a notation that is easy to read. */
interface ExpectedRemedy {
  readonly verdict: string;
  /** `owner account: change` */
  readonly changes: readonly string[];
  /** Statements that the fix adds to a policy. */
  readonly statements?: readonly unknown[];
  /** `principal operation target: before > after` */
  readonly gains: readonly string[];
  /** `principal key: actions`; `account` instead of a key. Absent: nobody gains an action. */
  readonly powers?: readonly string[];
}

type RemedyCase = Omit<CheckCase, 'expect'> & {
  readonly sessionPolicy?: Record<string, unknown>;
  readonly expect: { readonly verdict: string; readonly remedies: readonly ExpectedRemedy[] };
};

function said(fix: ReportedFix): ExpectedRemedy {
  const { verdict, steps } = fix;
  const given = [
    ...groupBy(powersOf(fix), ({ principal, key }) => `${shortName(principal)} ${shortName(key ?? 'account')}`),
  ];
  return {
    verdict,
    changes: steps.map(({ owner, account, does }) => `${owner} ${account}: ${list(does.map(({ text }) => text))}`),
    statements: steps.flatMap(({ policy, other }) => newStatements(policy, other)),
    gains: gainsOf(fix).map(
      ({ principal, operation, target, before, after }) =>
        `${shortName(principal)} ${operation} ${shortName(target)}: ${before} > ${after}`,
    ),
    ...(given.length === 0
      ? {}
      : { powers: given.map(([whom, theirs]) => `${whom}: ${theirs.map(({ action }) => action).join(' ')}`) }),
  };
}

/** Sorts gains and powers, because their order has no meaning. */
function inOrder({ gains, powers, ...others }: ExpectedRemedy): ExpectedRemedy {
  return {
    ...others,
    gains: gains.toSorted(),
    ...(powers === undefined ? {} : { powers: powers.toSorted() }),
  };
}

function newStatements(policy: ReportedFixStep['policy'], other: ReportedFixStep['other']): readonly unknown[] {
  const texts = (document: Record<string, unknown> | null): readonly unknown[] => {
    const { Statement: statements } = document ?? {};
    return statements === undefined ? [] : [statements].flat();
  };
  if (other !== null) return 'document' in other ? texts(other.document) : [];
  const before = texts(policy?.before ?? null).map((one) => JSON.stringify(one));
  return texts(policy?.after ?? null).filter((one) => !before.includes(JSON.stringify(one)));
}

/** The evidence of a case, its question, the verdict, and the fixes of the first result. */
function fixed(file: CheckFile<RemedyCase>, given: RemedyCase) {
  const evidence = evidenceOf(file, given);
  const asked = {
    ...questionOf(given.question),
    ...(given.sessionPolicy === undefined
      ? {}
      : { sessionPolicy: { name: '--session-policy', document: given.sessionPolicy } }),
  };
  const report = check(evidence, { ...asked, fix: true }, 'test');
  const [first] = report.results;
  return {
    evidence,
    asked,
    verdict: first?.verdict,
    fixes: report.fixes.filter(({ id }) => first?.fixes.includes(id)),
  };
}

/** What comes before and after the actions in the text of a step that allows some. Others: the text. */
function allowedIn(text: string): string {
  const [, whom = text, policy = ''] = /^allow (\S+) .*? in (.*)$/.exec(text) ?? [];
  return `${whom} ${policy}`;
}

const folder = new URL('../cases/remedy/', import.meta.url);

describe.each(readdirSync(folder).filter((name) => name !== 'fixture.json'))('%s', (name) => {
  const file = readCases<RemedyCase>(new URL(name, folder));

  const cases = file.cases.map((one) => [one.name, one] as const);

  test.each(cases)('%s', (_, given) => {
    const { verdict, fixes } = fixed(file, given);
    expect({ verdict, remedies: fixes.map(said).map(inOrder) }).toEqual({
      ...given.expect,
      remedies: given.expect.remedies.map(inOrder),
    });
    const inOne = fixes.flatMap(({ steps }) => steps.map(({ does }) => does.map(({ text }) => allowedIn(text))));
    for (const policies of inOne)
      expect(new Set(policies).size, 'each policy is named once for each principal').toBe(policies.length);
  });

  test.each(cases)('%s: the changes have this effect and no other', { tags: 'slow' }, (_, given) => {
    const { evidence, asked, fixes } = fixed(file, given);
    const before = everyVerdict(evidence, asked);
    for (const fix of fixes) {
      const after = evidenceAfter(evidence, fix);
      const then = check(after, askedAfter(asked, fix), 'test');
      expect(then.results[0]?.verdict, 'the changes, made by hand, turn the verdict').toBe(fix.verdict);

      const { better, worse } = differences(before, everyVerdict(after, asked));
      const listed = gainsOf(fix).map((gain) => `${gain.principal} ${gain.operation} ${gain.api} ${gain.target}`);
      const isAsked = (one: string): boolean =>
        one.includes(` ${asked.operation.command} `) && one.startsWith(roleOf(asked.principal));
      expect(
        better.filter((one) => !listed.includes(one) && !isAsked(one)),
        'what gets possible is listed',
      ).toEqual([]);
      expect(worse, 'nothing gets worse').toEqual([]);

      const texts = fix.steps.flatMap(({ policy, other }) => newStatements(policy, other));
      for (const text of texts.map((one) => JSON.stringify(one)).filter((one) => one.includes('"Allow"'))) {
        expect(text).not.toContain('kms:*');
        expect(text).not.toMatch(/"Principal":(?:"\*"|\{"AWS":"\*"\})/);
      }
      if (name === 'kinds.json') expectToApply(fix.steps);
    }
  });
});

/** A session has the rights of its role. */
function roleOf(principal: string): string {
  return principal.replace(/:sts::(\d+):assumed-role\/([^/]+)\/.*$/, ':iam::$1:role/$2');
}
