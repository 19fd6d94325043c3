import { accountOf, parseArn } from '../base/arn.ts';
import { digestOf } from '../base/digest.ts';
import { parsePrincipalArn } from '../base/principal-arn.ts';
import type { AuditFix, AuditReport, ReportedFinding } from '../contract/audit-report.ts';
import type { DiffReport, VerdictChange } from '../contract/diff-report.ts';
import type { KeyImpactReport, ReportedKeyImpact } from '../contract/key-impact-report.ts';
import type { PreflightReport, ReportedExpectation } from '../contract/preflight-report.ts';
import type { ReportedFix, Result, Verdict } from '../contract/report.ts';
import type { ReportHead } from '../contract/report-stream.ts';
import type { WhoCanReport, WhoCanTarget } from '../contract/who-can-report.ts';
import type { ReportedText } from '../contract/worded.ts';

/** The columns of a row, in this order. */
export const rowColumns = [
  'runId',
  'evidenceAt',
  'account',
  'region',
  'operation',
  'principal',
  'principalType',
  'principalAccount',
  'key',
  'keyAccount',
  'target',
  'verdict',
  'before',
  'code',
  'error',
  'reasonId',
  'fixId',
  'findingId',
  'severity',
  'count',
] as const;

/**
 * One answer as flat data, the same for every command, so that rows of several runs and commands
 * fit into one table. null: it does not apply, or is not known.
 */
export interface ReportRow extends Readonly<Record<Exclude<(typeof rowColumns)[number], 'count'>, string | null>> {
  /** The same for all rows of a run. */
  readonly runId: string;
  readonly verdict: Verdict;
  /** Only for comparisons: the verdict before. */
  readonly before: Verdict | null;
  /** The code of the decisive reason. */
  readonly code: string | null;
  readonly error: string | null;
  readonly reasonId: string | null;
  /** The smallest fix. */
  readonly fixId: string | null;
  /** The ID of the expectation or finding. */
  readonly findingId: string | null;
  readonly severity: string | null;
  /** The number of answers in the row. */
  readonly count: number;
}

/** The ID by which rows refer to a reason. It is the same for the same reason in every run. */
export function reasonIdOf({ code, text }: ReportedText): string {
  return `reason-${digestOf([code, text])}`;
}

/** The ID of a run, from its question, time and version. */
export function runIdOf(head: object): string {
  return `run-${digestOf(head)}`;
}

/** What all rows of one run share. */
export type RowOrigin = Pick<ReportRow, 'runId' | 'evidenceAt'>;

export function originOf(head: ReportHead): RowOrigin {
  return { runId: runIdOf(head), evidenceAt: head.evidenceAt };
}

/** The account of an ARN. null: the ARN names no account. */
function ownerOf(arn: string | null): string | null {
  const account = arn === null ? '' : accountOf(arn);
  return account === '' ? null : account;
}

export function resultRow(result: Result, origin: RowOrigin): ReportRow {
  const { principal, target, reasons, fixes, expectedError, region, operation, verdict } = result;
  const source = target.snapshot ?? target.cluster ?? target.instance ?? target.automatedBackup;
  const [reason] = reasons;
  return {
    ...origin,
    account: ownerOf(source) ?? principal.account,
    region,
    operation,
    principal: principal.arn,
    principalType: principal.type,
    principalAccount: principal.account,
    key: target.key,
    keyAccount: ownerOf(target.key),
    target: source,
    verdict,
    before: null,
    code: reason?.code ?? null,
    error: expectedError?.code ?? null,
    reasonId: reason === undefined ? null : reasonIdOf(reason),
    fixId: fixes[0] ?? null,
    findingId: null,
    severity: null,
    count: 1,
  };
}

export function diffOrigin({ tool, evaluatedAt, before, after, assumed }: DiffReport): RowOrigin {
  return { runId: runIdOf({ tool, evaluatedAt, before, after, assumed }), evidenceAt: null };
}

export function changeRow(change: VerdictChange, origin: RowOrigin): ReportRow {
  const { principal, operation, target, before, after, reasons } = change;
  const [reason] = reasons;
  const who = parsePrincipalArn(principal);
  const isKey = parseArn(target)?.service === 'kms';
  return {
    ...origin,
    account: ownerOf(target) ?? who?.account ?? null,
    region: parseArn(target)?.region ?? null,
    operation,
    principal,
    principalType: who?.type ?? null,
    principalAccount: who?.account ?? null,
    key: isKey ? target : null,
    keyAccount: isKey ? ownerOf(target) : null,
    target,
    verdict: after,
    before,
    code: reason?.code ?? null,
    error: null,
    reasonId: reason === undefined ? null : reasonIdOf(reason),
    fixId: null,
    findingId: null,
    severity: null,
    count: 1,
  };
}

const expectationVerdicts = { holds: 'succeeds', broken: 'fails', unproven: 'undetermined' } as const;

/** A row, and its reason as a sentence. */
export interface AnsweredRow {
  readonly row: ReportRow;
  readonly reason: ReportedText | undefined;
  /** What to do, in words. Absent: no fix is known. */
  readonly fix?: string;
}

/** The steps of a fix as one text. */
export function fixWords({ steps }: Pick<ReportedFix, 'steps'> | Pick<AuditFix, 'steps'>): string {
  return steps.flatMap(({ does }) => does.map(({ text }) => text)).join('; ');
}

export function preflightOrigin({ tool, evaluatedAt, files }: PreflightReport): RowOrigin {
  return { runId: runIdOf({ tool, evaluatedAt, files }), evidenceAt: null };
}

/**
 * An expectation as rows: one for each combination that is shown, one for those that are only
 * counted or that hold, and one for each thing that is missing, with a count of 0.
 */
export function expectationRows(one: ReportedExpectation, origin: RowOrigin): readonly AnsweredRow[] {
  const { id, failing, lacks } = one;
  const blank = blankRow(origin, id);
  const shown = failing.map(({ code, outcome, principal, operation, source, region, account, says, cause, fix }) => ({
    row: {
      ...blank,
      fixId: fix ?? null,
      ...principalCells(principal),
      account,
      region,
      operation,
      ...targetCells(source),
      verdict: expectationVerdicts[outcome],
    },
    reason: { code, text: causeText(one, cause) ?? says },
    fix: one.fixes?.find((each) => each.id === fix)?.steps.join('; '),
  }));
  const lacking = lacks.map((reason) => ({
    row: { ...blank, verdict: expectationVerdicts[one.outcome], count: 0 },
    reason,
    fix: undefined,
  }));
  const counted = (['broken', 'unproven', 'holds'] as const).flatMap((outcome) => {
    const count = one[outcome] - failing.filter((each) => each.outcome === outcome).length;
    // If all combinations of an expectation are left out, it still has a row.
    const isAll = outcome === one.outcome && failing.length + lacks.length === 0;
    return count === 0 && !isAll
      ? []
      : [{ row: { ...blank, verdict: expectationVerdicts[outcome], count }, reason: undefined, fix: undefined }];
  });
  return [...shown, ...lacking, ...counted].map(({ row, reason, fix }) => ({
    ...(fix === undefined ? {} : { fix }),
    row: reason === undefined ? row : { ...row, code: reason.code, reasonId: reasonIdOf(reason) },
    reason,
  }));
}

/** Why a combination does not hold. Undefined: the reason was not determined. */
function causeText({ causes }: ReportedExpectation, cause: number | undefined): string | undefined {
  const reasons = (cause === undefined ? undefined : causes[cause]?.reasons) ?? [];
  return reasons.length === 0 ? undefined : reasons.join(' ');
}

/** Spreading the origin takes five times as long, and large audits have many rows. */
function blankRow({ runId, evidenceAt }: RowOrigin, findingId: string | null): Omit<ReportRow, 'verdict'> {
  return {
    runId,
    evidenceAt,
    account: null,
    region: null,
    operation: null,
    principal: null,
    principalType: null,
    principalAccount: null,
    key: null,
    keyAccount: null,
    target: null,
    before: null,
    code: null,
    error: null,
    reasonId: null,
    fixId: null,
    findingId,
    severity: null,
    count: 1,
  };
}

function principalCells(principal: string): Pick<ReportRow, 'principal' | 'principalType' | 'principalAccount'> {
  const who = parsePrincipalArn(principal);
  return { principal, principalType: who?.type ?? null, principalAccount: who?.account ?? null };
}

function targetCells(target: string | null): Pick<ReportRow, 'target' | 'key' | 'keyAccount'> {
  const isKey = target !== null && parseArn(target)?.service === 'kms';
  return { target, key: isKey ? target : null, keyAccount: isKey ? ownerOf(target) : null };
}

export function auditOrigin({ tool, evaluatedAt, evidenceAt, severity }: AuditReport): RowOrigin {
  return { runId: runIdOf({ tool, evaluatedAt, evidenceAt, severity }), evidenceAt };
}

const stateVerdicts = { holds: 'fails', undecided: 'undetermined', accepted: 'succeeds' } as const;

/** A finding as a row. `count`: how many things it affects. */
export function findingRow(finding: ReportedFinding, origin: RowOrigin, fix?: AuditFix): AnsweredRow {
  const { id, code, severity, state, account, region, subject, principal, says, affected, maybe } = finding;
  const reason = { code, text: says };
  const [things] = state === 'undecided' ? maybe : affected;
  return {
    row: {
      ...blankRow(origin, id),
      ...(principal === null ? {} : principalCells(principal)),
      ...targetCells(subject),
      account,
      region,
      operation: 'audit',
      verdict: code === 'not-read' ? 'undetermined' : stateVerdicts[state],
      code,
      reasonId: reasonIdOf(reason),
      fixId: finding.fixes[0] ?? null,
      severity,
      count: things?.count ?? 0,
    },
    reason,
    ...(fix === undefined ? {} : { fix: fixWords(fix) }),
  };
}

export function whoCanOrigin({ tool, evaluatedAt, evidenceAt, people }: WhoCanReport): RowOrigin {
  return { runId: runIdOf({ tool, evaluatedAt, evidenceAt, people }), evidenceAt };
}

const standingVerdicts = { can: 'succeeds', may: 'undetermined', nearly: 'fails', cannot: 'fails' } as const;

/**
 * One row for each principal and each target. `count`: how many sources with the same answer the
 * row stands for. `target` is the first of them.
 */
export function* whoCanRows(target: WhoCanTarget, origin: RowOrigin): Generator<AnsweredRow> {
  const { operation, sources, region, account, key, groups } = target;
  const [source = null] = sources;
  for (const { standing, principals, reasons, says } of groups) {
    const [first] = reasons;
    // A reason about one principal does not name the others.
    const reason = first === undefined || principals.length === 1 ? first : { code: first.code, text: says };
    for (const principal of principals)
      yield {
        row: {
          ...blankRow(origin, null),
          ...principalCells(principal),
          account,
          region,
          operation,
          target: source,
          key,
          keyAccount: ownerOf(key),
          verdict: standingVerdicts[standing],
          code: reason?.code ?? null,
          reasonId: reason === undefined ? null : reasonIdOf(reason),
          count: Math.max(1, sources.length),
        },
        reason,
      };
  }
}

/** The verdict of `key-impact` as other commands name it. */
export const keyVerdicts = {
  breaks: 'fails',
  'cannot tell': 'undetermined',
  'no loss found': 'succeeds',
  'no RDS dependent found': 'succeeds',
} as const satisfies Readonly<Record<KeyImpactReport['verdict'], Verdict>>;

export function keyImpactOrigin({ tool, evaluatedAt, evidenceAt, actions }: KeyImpactReport): RowOrigin {
  return { runId: runIdOf({ tool, evaluatedAt, evidenceAt, actions }), evidenceAt };
}

/**
 * One row for each action and each dependent resource, or one for an action without any, and one
 * for each RDS operation that somebody loses or gains under a new policy. `operation` is the
 * action, or that operation. `count`: how many dependent resources the row stands for.
 */
export function keyImpactRows(one: ReportedKeyImpact, origin: RowOrigin): readonly AnsweredRow[] {
  const { key, account, region, actions, pointers, notRead } = one;
  const blank = { ...blankRow(origin, null), key, keyAccount: account };
  return actions.flatMap(({ action, verdict, effects, refused, change }): readonly AnsweredRow[] => {
    const own = keyVerdicts[verdict ?? 'cannot tell'];
    // An action that KMS refuses has no effect.
    const lines = (verdict === null ? [] : effects).flatMap(({ dependents, loss }) =>
      dependents.map((dependent) => ({
        row: {
          ...blank,
          account: dependent.account,
          region: dependent.region,
          operation: action,
          target: dependent.arn,
          verdict: own,
          code: loss.code,
          reasonId: reasonIdOf(loss),
        },
        reason: loss,
      })),
    );
    const changed = [...(change?.losses ?? []), ...(change?.gains ?? [])].map((each) => ({
      row: { ...changeRow(each, origin), key, keyAccount: account },
      reason: each.reasons[0],
    }));
    if (lines.length + changed.length > 0) return [...lines, ...changed];
    const reason = refused ?? notRead[0] ?? pointers[0];
    return [
      {
        row: {
          ...blank,
          account,
          region,
          operation: action,
          verdict: own,
          code: reason?.code ?? null,
          reasonId: reason === undefined ? null : reasonIdOf(reason),
          count: 0,
        },
        reason,
      },
    ];
  });
}
