// @module-tag slow
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { auditReport } from '../../src/answer/audit.ts';
import { check } from '../../src/answer/check.ts';
import { diff } from '../../src/answer/diff.ts';
import { takeInventory } from '../../src/answer/inventory.ts';
import { keyImpactReport } from '../../src/answer/key-impact.ts';
import { preflight } from '../../src/answer/preflight.ts';
import { whoCanReport } from '../../src/answer/who-can.ts';
import { isJson, isList } from '../../src/base/json.ts';
import type { AuditReport } from '../../src/contract/audit-report.ts';
import type { KeyImpactReport } from '../../src/contract/key-impact-report.ts';
import type { PreflightReport } from '../../src/contract/preflight-report.ts';
import { streamOf, wholeOf } from '../../src/contract/report-stream.ts';
import type { WhoCanReport } from '../../src/contract/who-can-report.ts';
import { demoEvidence, demoPrincipal } from '../../src/evidence/demo.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { operationsNamed } from '../../src/operations/catalogue.ts';
import { readExpectations } from '../../src/preflight/read.ts';
import { colors as colored } from '../../src/report/colors.ts';
import type { AnswerKind, Answers } from '../../src/report/format.ts';
import { formatNames, reportFormats } from '../../src/report/format-rows.ts';
import { render } from '../../src/report/formats.ts';
import { fixViews } from '../../src/report/style.ts';
import { changed } from '../check-case.ts';
import { styleOf } from '../style.ts';

/*
 * A hostile name must not control a terminal, a CI system or a shell. The tests append hostile text
 * to each text of each answer, and draw the answer in each format.
 */

const hostile = [
  '\n::error file=a::pwned',
  ' ::warning::pwned',
  '\r\n##[error]pwned ##vso[task.complete]##teamcity[x]',
  '\u0085\u009b31m\u001b[31m\u202e\u2028\u2029\u200b\t\u007f',
  '\'\n$(touch pwned) `touch pwned` "; touch pwned\n',
].join('');
const obeyed = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|##\[|##vso\[|##teamcity\[|::[a-z]/iu;
/**
 * Two colons that no CI system obeys: pseudo-elements in a style sheet, which never begin a line, and
 * the empty Region in an ARN of IAM or S3.
 */
const harmlessColons = /(?<=[a-z])::(?:before|details-content)|arn:aws:(?:iam|s3):::?(?=\d|aws:|[a-z])/g;

/** Fields with words of the contract, which are never names. */
const fixed = new Set([
  'verdict',
  'decision',
  'status',
  'basis',
  'kind',
  'agreement',
  'is',
  'outcome',
  'matches',
  'of',
]);
const alsoFixed = new Set(['denial', 'element', 'effect', 'policy', 'owner', 'in', 'change', 'view', 'program']);

function spoilt<Answer>(answer: Answer, name?: string): Answer;
function spoilt(answer: unknown, name = ''): unknown {
  // The search for fixes writes these scripts and escapes the names in them.
  if (name === 'terraform' || name === 'script') return answer;
  if (typeof answer === 'string') {
    const isWord = fixed.has(name) || alsoFixed.has(name) || ['succeeds', 'fails', 'undetermined'].includes(answer);
    return isWord || (name === 'arguments' && /^--?[a-z]|^[a-z-]+$/.test(answer)) ? answer : `${answer}${hostile}`;
  }
  if (isList(answer)) return answer.map((item: unknown) => spoilt(item, name));
  if (!isJson(answer)) return answer;
  return Object.fromEntries(Object.entries(answer).map(([key, value]) => [key, spoilt(value, key)]));
}

const question = {
  ...operationsNamed('restore').map((operation) => ({ operation }))[0],
  principal: demoPrincipal,
  region: 'us-east-1',
  context: {},
  strict: false,
  evaluatedAt: '2026-11-01T12:00:00Z',
  explain: true,
  fix: true,
};

function preflightReport(): PreflightReport {
  const why = 'why: TODO';
  const broken = `{ id: a, who: role/operator, can: restore, snapshot: orders-before-upgrade, ${why} }`;
  const text = `{ version: 1, expectations: [${broken}, { id: b, who: role/x, can: restore, snapshot: y, ${why} }] }`;
  const settings = {
    files: ['f'],
    whole: true,
    strict: false,
    sessionPolicies: new Map(),
    evaluatedAt: question.evaluatedAt,
  };
  const expectations = readExpectations([{ file: 'f', text }]);
  return preflight(demoEvidence, { ...settings, expectations }, 'test');
}

function whoCanAnswer(): WhoCanReport {
  const asked = {
    operations: operationsNamed('restore').slice(0, 1),
    names: ['orders-before-upgrade'],
    parameters: {},
    account: '111122223333',
    people: ['role/*'],
    expected: [],
    context: {},
    strict: false,
    evaluatedAt: question.evaluatedAt,
  };
  const report = whoCanReport(demoEvidence, asked, 'test');
  return { ...report, notRead: [{ code: 'principals-unread', text: 't' }] };
}

function auditAnswer(): AuditReport {
  const asked = {
    context: {},
    strict: false,
    evaluatedAt: question.evaluatedAt,
    allowAccounts: [],
    allowOrgs: [],
    severity: 'high',
    codes: [],
    people: [],
  } as const;
  return auditReport({ evidenceVersion: 1, accounts: { '111122223333': {} } }, asked, 'test');
}

function keyImpactAnswer(): KeyImpactReport {
  const arn = 'arn:aws:kms:us-east-1:111122223333:key/9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d';
  const settings = { context: {}, strict: false, evaluatedAt: question.evaluatedAt };
  return keyImpactReport(demoEvidence, { ...settings, keys: [arn], actions: ['disable', 'policy'] }, 'test');
}

function answersOf(): Answers {
  const [operation] = operationsNamed('restore');
  if (operation === undefined) throw new Error('no restore');
  const report = check(demoEvidence, { ...question, operation, target: 'orders-before-upgrade' }, 'test');
  const states = { before: { evidence: demoEvidence, name: 'a.json' }, after: { evidence: demoEvidence, name: 'b' } };
  const comparing = diff({ ...states, context: {}, strict: false, evaluatedAt: question.evaluatedAt }, 'test');
  let step = comparing.next();
  while (step.done !== true) step = comparing.next();
  const inventory = takeInventory(demoEvidence, [{ from: 'a.json', collectedAt: 'x' }], question.evaluatedAt);
  return {
    check: streamOf({
      ...report,
      gaps: [{ code: 'read-decides', what: 'kms:DescribeKey', resource: 'r', reason: 'AccessDenied: x' }],
      warnings: [{ code: 'action-unknown', text: 'w' }],
    }),
    diff: {
      ...step.value,
      changes: [
        {
          operation: 'restore',
          api: 'x',
          principal: demoPrincipal,
          target: 't',
          before: 'succeeds',
          after: 'fails',
          reasons: [{ code: 'call-open', text: 'r' }],
        },
      ],
      summary: { ...step.value.summary, worse: 1 },
      onlyBefore: { principals: ['p'], targets: ['t'] },
    },
    preflight: { report: preflightReport() },
    whoCan: whoCanAnswer(),
    audit: auditAnswer(),
    keyImpact: keyImpactAnswer(),
    inventory: { inventory, maxAge: 24 },
    operations: [],
    operationList: [],
    policy: { Sid: 'x' },
    failure: { exitCode: 252, message: 'm', next: 'n' },
    noAnswer: { exitCode: 252, message: 'm', next: 'n' },
  };
}

const answers = answersOf();

/**
 * The report of a check is spoilt before it becomes a stream. Other answers are spoilt as they are.
 */
function spoiltAnswer<Kind extends AnswerKind>(kind: Kind): Answers[Kind] {
  return { ...answers, [kind]: spoilt(answers[kind]), check: streamOf(spoilt(wholeOf(answers.check))) }[kind];
}

const kinds: readonly AnswerKind[] = ['check', 'diff', 'preflight', 'inventory', 'policy', 'failure'];
const reportDrawings = (['check', 'diff', 'preflight', 'noAnswer'] as const).flatMap((kind) =>
  reportFormats.map((format) => ({ kind, format })),
);
const drawings = kinds.flatMap((kind) => formatNames(kind).map((format) => ({ kind, format })));

describe('hostile names', () => {
  test.each(drawings)('are inert in $kind as $format', ({ kind, format }) => {
    const answer = spoiltAnswer(kind);
    // Only text is wrapped.
    for (const fix of fixViews)
      for (const width of format === 'text' ? [40, 80, 120] : [80]) {
        const drawn = render(kind, answer, format, styleOf({ width, fix, verbose: true, listAll: true }));
        expect(drawn).toContain('pwned');
        // Lines of CSV end with CRLF.
        expect(drawn.replaceAll('\r\n', '\n').replaceAll(harmlessColons, '')).not.toMatch(obeyed);
        const coloured = render(
          kind,
          answer,
          format,
          styleOf({ paint: colored, width, fix, verbose: true, listAll: true }),
        );
        expect(stripVTControlCharacters(coloured)).toBe(drawn);
      }
  });

  test.each(reportDrawings)('are inert in $kind as --report $format.name', ({ kind, format }) => {
    const places = { called: (path: string) => `${path}${hostile}`, of: () => undefined };
    const drawn = render(kind, spoiltAnswer(kind), format.name, styleOf({ places, verbose: true }));
    expect(drawn).toContain('pwned');
    // Removes the command at the start of each line, up to its properties, because the format
    // itself writes it.
    const own = format.isLog ? /^(?:::(?:error|warning|notice) [^:\n]*::|##vso\[task\.logissue [^\]\n]*\])/gm : /^$/g;
    const rest = drawn.replaceAll(own, '').replaceAll(harmlessColons, '').replaceAll('\r\n', '\n');
    expect(rest).not.toMatch(obeyed);
    if (format.isLog)
      expect(drawn.split('\n').filter((line) => !/^(?:::|##vso\[task\.logissue |$)/.test(line))).toEqual([]);
  });

  test.each(['aws-cli', 'terraform'] as const)('are inert in the %s of a fix', (fix) => {
    const sid = '/accounts/111122223333/regions/us-east-1/kms/keys/0/Policy/Statement/1/Sid';
    const evidence = parseEvidence('x', JSON.stringify(changed(demoEvidence, { [sid]: hostile })));
    const [operation] = operationsNamed('restore');
    if (operation === undefined) throw new Error('no restore');
    const report = check(evidence, { ...question, operation, target: 'orders-before-upgrade' }, 'test');
    const drawn = render('check', streamOf(report), 'text', styleOf({ fix }));
    expect(drawn).toMatch(fix === 'terraform' ? /Sid += "\\n:\\u003aerror/ : /"Sid": "\\n:\\u003aerror/);
    expect(drawn.replaceAll(harmlessColons, '')).not.toMatch(obeyed);
  });

  test('JSON says what they are', () => {
    const spoiltReport = spoilt({ ...wholeOf(answers.check), results: [], fixes: [] });
    const drawn = render('check', streamOf(spoiltReport), 'json', styleOf());
    expect(JSON.parse(drawn)).toEqual(spoiltReport);
  });
});
