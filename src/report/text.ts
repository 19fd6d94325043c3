import { parseArn, shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { counted, list, sentence } from '../base/wording.ts';
import type {
  Diagnosis,
  Report,
  ReportedCall,
  ReportedGap,
  ReportedSide,
  ReportedTrace,
  Result,
  Verdict,
} from '../contract/report.ts';
import { assumedSection } from './assumed.ts';
import { diagnosisParts } from './diagnosis.ts';
import { type Page, type ReportPage, section, signed } from './page.ts';
import { remedyLines, remedySummary } from './remedies.ts';
import { type ReportStyle, wrap } from './style.ts';
import { countedVerdict, decisionSigns, statementWords, statusSigns, verdictSigns } from './words.ts';

/** The answer first, then the reason, then every call and precondition. */
export function reportText(report: Report, style: ReportStyle): string {
  const page: ReportPage = { paint: style.paint, width: style.width, remedyFormat: style.remedyFormat };
  const [only] = report.results;
  const { diagnosis } = report;
  const body =
    diagnosis !== undefined
      ? diagnosed(diagnosis, only, page)
      : only === undefined
        ? [nothing(report, page)]
        : report.results.length === 1
          ? oneResult(only, page)
          : manyResults(report, only, page);
  const [headline = '', ...details] = body;
  const assumed = report.assumed === undefined ? [] : [assumedSection(report.assumed, page)];
  return `${[headline, ...assumed, ...details, ...notes(report, page)].join('\n\n')}\n`;
}

function nothing(report: Report, page: ReportPage): string {
  return signed(page, verdictSigns[report.verdict], 'nothing to check: there is nothing of the kind in the Region');
}

/** What the operation reads; undefined: nothing. */
function targetOf({ target }: Result): string | undefined {
  return target.snapshot ?? target.cluster ?? target.instance ?? target.automatedBackup ?? undefined;
}

/** The flag that names such a source, which is told by its type and, of a DB snapshot, by what it is read for. */
function flagOf(result: Result): string {
  switch (parseArn(targetOf(result) ?? '')?.type) {
    case 'cluster':
    case 'cluster-auto-backup':
      return 'cluster';
    case 'db':
    case 'auto-backup':
      return 'instance';
    case 'snapshot':
      return result.api.includes('Cluster') ? 'snapshot' : 'instance-snapshot';
    default:
      return 'snapshot';
  }
}

function nounOf({ target }: Result): string {
  if (target.snapshot !== null) return 'snapshot';
  if (target.instance !== null) return 'DB instance';
  return target.automatedBackup === null ? 'cluster' : 'automated backup';
}

function keyOf({ target }: Result): string {
  return target.keyAlias ?? (target.key === null ? 'no customer key' : shortName(target.key));
}

function oneResult(result: Result, page: ReportPage): readonly string[] {
  const { paint, width } = page;
  const error = result.expectedError === null ? '' : `: ${result.expectedError.code}`;
  const headline = signed(
    page,
    verdictSigns[result.verdict],
    `${result.operation} ${verdictPhrase(result.verdict)}${error}`,
  );
  return [
    `${paint.strong(headline)}\n${paint.faint(wrap(aboutOf(result), width, '  '))}`,
    ...reasonSections(result, page),
    ...detailSections(result, page),
  ];
}

function reasonSections(result: Result, page: ReportPage): readonly string[] {
  const { width } = page;
  const { reasons, expectedError } = result;
  return [
    section(
      'Why',
      reasons.map((reason) => wrap(sentence(reason), width, '  ')),
      page,
    ),
    ...(expectedError === null
      ? []
      : [section('Expected error', [wrap(errorWordsOf(expectedError), width, '  ')], page)]),
    ...(result.remedies.length === 0 ? [] : [section('Remedy', remedyLines(result, page), page)]),
  ];
}

/** The code, with AWS's words where AWS publishes them. */
function errorWordsOf({ code, message }: NonNullable<Result['expectedError']>): string {
  return message === null ? code : `${code}: ${message}`;
}

function detailSections(result: Result, page: ReportPage): readonly string[] {
  const { width } = page;
  return [
    section('Calls', callLines(result.calls, page), page),
    ...(result.preconditions.length === 0 ? [] : [section('Preconditions', preconditionLines(result, page), page)]),
    ...(result.assumptions.length === 0
      ? []
      : [
          section(
            'Taken for granted',
            result.assumptions.map((assumption) => wrap(sentence(assumption), width, '  ')),
            page,
          ),
        ]),
  ];
}

function aboutOf(result: Result): string {
  const key = result.target.key === null ? keyOf(result) : `key ${keyOf(result)}`;
  const target = targetOf(result);
  const things = [shortName(result.principal.arn), ...(target === undefined ? [] : [shortName(target)]), key];
  return `${things.join(', ')}; ${result.region}, account ${result.principal.account}`;
}

/** What happened on AWS in place of the verdict, and where it is as predicted the reason at once. */
function diagnosed(diagnosis: Diagnosis, result: Result | undefined, page: ReportPage): readonly string[] {
  const { head, sections } = diagnosisParts(diagnosis, result === undefined ? undefined : aboutOf(result), page);
  if (result === undefined) return [head, ...sections];
  const details = detailSections(result, page);
  return diagnosis.agreement === 'agrees'
    ? [head, ...reasonSections({ ...result, expectedError: null }, page), ...sections, ...details]
    : [head, ...sections, ...reasonSections(result, page), ...details];
}

function verdictPhrase(verdict: Verdict): string {
  return verdict === 'undetermined' ? 'is undetermined' : verdict;
}

/** Calls of one kind and action that are decided alike share an entry, with all their resources. */
function callLines(calls: readonly ReportedCall[], page: ReportPage): readonly string[] {
  const groups = new Map<string, ReportedCall[]>();
  for (const call of calls) {
    // What an entry says only once has to be true of all its resources.
    const said = [call.kind, call.action, weakness(call), deciding(call), call.sides, call.simulation];
    const group = JSON.stringify(said);
    groups.set(group, [...(groups.get(group) ?? []), call]);
  }
  const kindWidth = Math.max(...calls.map((call) => call.kind.length));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [callEntry(first, group, kindWidth, page)];
  });
}

function callEntry(call: ReportedCall, group: readonly ReportedCall[], kindWidth: number, page: ReportPage): string {
  const { paint, width } = page;
  const indent = ' '.repeat(kindWidth + 6);
  const head = `  ${signed(page, decisionSigns[call.decision], call.kind.padEnd(kindWidth))}  ${call.action}`;
  const on = wrap(`on ${list(group.map(resourceName))}`, width, indent);
  const traces = group.flatMap((one) => (one.trace === undefined ? [] : [traceLines(one, one.trace, indent, page)]));
  const sides = call.decision === 'allowed' ? [] : (call.sides ?? []).map((side) => sideLine(side, indent, page));
  return [
    `${head}${paint.faint(weakness(call))}`,
    paint.faint(on),
    wrap(deciding(call), width, indent),
    ...sides,
    ...simulationLines(call, indent, page),
    ...traces,
  ].join('\n');
}

function weakness({ basis }: ReportedCall): string {
  return basis === 'documented' || basis === 'observed' ? '' : ` (${basis})`;
}

/** Two teams have to act where the key is another account's. */
function sideLine({ of, account, decision, why }: ReportedSide, indent: string, { width }: Page): string {
  const whose = of === 'caller' ? "the principal's account" : "the key owner's account";
  const words =
    decision === 'allowed' ? 'allows it' : `${decision === 'denied' ? 'does not allow it' : 'leaves it open'}: ${why}`;
  return wrap(`${whose} ${account} ${words}`, width, indent);
}

/** What the policy simulator says beside. */
function simulationLines({ simulation }: ReportedCall, indent: string, { width, paint }: Page): readonly string[] {
  if (simulation === undefined) return [];
  const { decision, agreement, why } = simulation;
  const beside = { agrees: ', as here', differs: `, unlike here: ${why ?? ''}`, open: `; ${why ?? ''}` };
  const line = wrap(`policy simulator: ${decision}${beside[agreement]}`, width, indent);
  return [agreement === 'differs' ? paint.doubtful(line) : paint.faint(line)];
}

function resourceName({ resource, alias }: ReportedCall): string {
  return alias === undefined ? shortName(resource) : `${alias} (${shortName(resource)})`;
}

/** The decision with what decided it. */
function deciding(call: ReportedCall): string {
  const by = call.decidedBy.map((one) => ('grant' in one ? `the grant ${one.grant}` : statementWords(one)));
  switch (call.decision) {
    case 'allowed':
      return by.length === 0 ? 'allowed to the account itself' : `allowed by ${list(by)}`;
    case 'denied':
      return call.denial === 'explicit' ? `denied by ${list(by)}` : `denied: no Allow in the ${list(call.lacking)}`;
    case 'depends':
      return `depends on ${list(call.dependsOn)}`;
  }
}

/** Every statement's part: of one that matches or may match all elements, of the others those that do not. */
function traceLines(call: ReportedCall, trace: readonly ReportedTrace[], indent: string, page: ReportPage): string {
  const lines = trace.flatMap((layer) => {
    const level = layer.level === undefined ? '' : ` (level ${layer.level})`;
    const title = `${indent}  ${layer.policy}${level}${layer.applies ? '' : ': takes no part'}`;
    if (!layer.applies) return [title];
    const unread = layer.unread.map((name) => wrap(`not read: ${name}`, page.width, `${indent}    `));
    const statements = layer.policies.flatMap((policy) => policy.statements);
    return [title, ...unread, ...statements.flatMap((traced) => tracedStatement(traced, `${indent}    `, page))];
  });
  return [`${indent}${page.paint.strong(`on ${shortName(call.resource)}:`)}`, ...lines].join('\n');
}

const tracedWords = { yes: 'matches', no: 'does not match', depends: 'may match' } as const;

function tracedStatement(
  traced: ReportedTrace['policies'][number]['statements'][number],
  indent: string,
  { width, paint }: Page,
): readonly string[] {
  const { statement, matches, elements } = traced;
  const head = wrap(`${statement.effect} ${statementWords(statement)} ${tracedWords[matches]}`, width, indent);
  const telling = matches === 'no' ? elements.filter((element) => element.matches === 'no') : elements;
  return [
    head,
    ...telling.map((element) =>
      paint.faint(wrap(`${element.element}: ${element.request} against ${element.policy}`, width, `${indent}  `)),
    ),
  ];
}

function preconditionLines({ preconditions }: Result, page: ReportPage): readonly string[] {
  const nameWidth = Math.max(...preconditions.map(({ name }) => name.length));
  return preconditions.map(({ name, status, why }) => {
    const head = `  ${signed(page, statusSigns[status], name.padEnd(nameWidth))}  `;
    const indent = ' '.repeat(nameWidth + 6);
    return `${head}${wrap(why, page.width, indent).trimStart()}`;
  });
}

/** Grouped by key and, within a key, by verdict and reason. */
function manyResults(report: Report, first: Result, page: ReportPage): readonly string[] {
  const { paint, width } = page;
  const counts = (['fails', 'undetermined', 'succeeds'] as const)
    .filter((verdict) => report.summary[verdict] > 0)
    .map((verdict) => countedVerdict(report.summary[verdict], verdict));
  const sameQuestion =
    new Set(report.results.map(({ operation, principal }) => `${operation} ${principal.arn}`)).size === 1;
  if (!sameQuestion) return severalQuestions(report, counts, page);
  const things = [...groupBy(report.results, nounOf)].map(([noun, results]) => counted(results.length, noun));
  const headline = signed(page, verdictSigns[report.verdict], `${first.operation}: of ${list(things)} ${list(counts)}`);
  const about = `${shortName(first.principal.arn)}; ${first.region}, account ${first.principal.account}`;
  const byKey = groupBy(report.results, keyOf);
  const groups = [...byKey].map(([key, results]) => {
    const heading = first.target.key === null && results[0]?.target.key === null ? key : `key ${key}`;
    return [
      paint.strong(heading),
      ...[...groupBy(results, (result) => `${result.verdict} ${result.reasons.join()}`).values()].map((alike) =>
        alikeResults(alike, page),
      ),
    ].join('\n');
  });
  const hint = paint.faint(`Name one with --${flagOf(first)} to see its calls, preconditions and remedies.`);
  return [
    `${paint.strong(headline)}\n${paint.faint(wrap(about, width, '  '))}`,
    ...groups,
    ...(report.results.some((result) => result.calls.some((call) => call.trace !== undefined))
      ? report.results.flatMap((result) => oneResult(result, page))
      : [hint]),
  ];
}

/** Different operations of different principals, such as a share and what others could do with it: an answer to each. */
function severalQuestions(report: Report, counts: readonly string[], page: ReportPage): readonly string[] {
  const headline = signed(
    page,
    verdictSigns[report.verdict],
    `${report.results[0]?.operation ?? ''} and what follows: of ${counted(report.results.length, 'operation')} ${list(counts)}`,
  );
  return [page.paint.strong(headline), ...report.results.flatMap((result) => oneResult(result, page))];
}

function alikeResults(results: readonly Result[], page: ReportPage): string {
  const [first] = results;
  if (first === undefined) return '';
  const error = first.expectedError === null ? '' : `: ${first.expectedError.code}`;
  return [
    `  ${signed(page, verdictSigns[first.verdict], `${countedVerdict(results.length, first.verdict)}${error}`)}`,
    ...results.map((result) => `    ${shortName(targetOf(result) ?? result.api)}`),
    ...first.reasons.map((reason) => page.paint.faint(wrap(sentence(reason), page.width, '    '))),
    ...remedySummary(first).map((words) => wrap(words, page.width, '    ')),
    ...first.assumptions.map((assumption) =>
      page.paint.faint(wrap(`Taken for granted: ${assumption}.`, page.width, '    ')),
    ),
  ].join('\n');
}

const simulatorLimits =
  'The policy simulator sees identity policies, boundaries and SCPs; of key policies (for roles), grants, session policies and RCPs it sees nothing. The verdict does not hang on it.';

/** What could not be read and what is not understood. */
function notes(report: Report, page: ReportPage): readonly string[] {
  const { width } = page;
  const simulated = report.results.some(({ calls }) => calls.some(({ simulation }) => simulation !== undefined));
  const warnings = report.warnings.map(({ text }) => wrap(text, width, '  '));
  return [
    ...(warnings.length === 0 ? [] : [section('Worth a look', warnings, page)]),
    ...gapNotes(report, page),
    ...(simulated ? [page.paint.faint(wrap(simulatorLimits, width, ''))] : []),
  ];
}

/** Only the reads on which a verdict hangs, with what to allow; the others are counted. */
function gapNotes({ results, gaps }: Report, page: ReportPage): readonly string[] {
  const { width, paint } = page;
  const lines = (some: readonly ReportedGap[]): readonly string[] => [
    ...new Set(
      some.map(({ what, account, resource, reason }) => {
        const on = resource === undefined ? '' : ` on ${shortName(resource)}`;
        return wrap(`${what}${on}${account === undefined ? '' : ` (account ${account})`}: ${reason}`, width, '  ');
      }),
    ),
  ];
  const hanging = results.length === 0 ? gaps : results.flatMap((result) => result.gaps ?? []);
  const refused = [...new Set(hanging.filter(({ reason }) => isRefusal.test(reason)).map(({ what }) => what))];
  const allow = `Allow ${list(refused)} to whoever runs this; \`aurora-kms-check permissions\` prints all that reading needs.`;
  const others = lines(gaps).length - lines(hanging).length;
  const more = others === 1 ? 'One other read' : `${others} other reads`;
  const rest = `${more} failed, on which no verdict hangs; --output json names ${others === 1 ? 'it' : 'them'}.`;
  return [
    ...(hanging.length === 0
      ? []
      : [section('Not read', [...lines(hanging), ...(refused.length === 0 ? [] : [wrap(allow, width, '  ')])], page)]),
    ...(others === 0 ? [] : [paint.faint(wrap(rest, width, ''))]),
  ];
}

/** What AWS says to those who have no right. */
const isRefusal = /^(AccessDenied|Unauthorized|AuthorizationError)/;
