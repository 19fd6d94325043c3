import { placeOf as arnPlaceOf, parseArn, shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { someNames } from '../base/names.ts';
import { shellQuoted } from '../base/shell.ts';
import { counted, list, numberText, sentence, someOf, withoutStop } from '../base/wording.ts';
import type {
  Diagnosis,
  Report,
  ReportedCall,
  ReportedGap,
  ReportedSide,
  ReportedTrace,
  ReportedUnchecked,
  Result,
  Verdict,
} from '../contract/report.ts';
import { wholeOf } from '../contract/report-stream.ts';
import { keyPhrase, placeWords } from '../explain/names.ts';
import { assumedSection } from './assumed.ts';
import { ruleLines, rulesOf } from './cited-rules.ts';
import { diagnosisParts } from './diagnosis.ts';
import type { Draw } from './format.ts';
import { type Page, type ReportPage, section, signed } from './page.ts';
import { hiddenFixes, remedySection } from './remedies.ts';
import { safe } from './safe.ts';
import { type ReportStyle, wrap } from './style.ts';
import { countedVerdict, decisionSigns, statementWords, statusSigns, verdictSigns } from './words.ts';

/** A check or a sweep, or the answer of `diagnose`. */
export const drawCheck: Draw<'check'> = (stream, style) => safe(reportText)(wholeOf(stream), style);

/** The answer comes first, then the reason, then every call and precondition. */
export function reportText(report: Report, style: ReportStyle): string {
  const page: ReportPage = {
    paint: style.paint,
    width: style.width,
    verbose: style.verbose || isExplained(report),
    listAll: style.listAll,
    fix: style.fix,
    fixes: new Map(report.fixes.map((fix) => [fix.id, fix])),
    keyName: keyNamer(report),
  };
  const asked = report.results.filter(({ followUp }) => followUp !== true);
  const [only] = asked;
  const { diagnosis } = report;
  const body =
    diagnosis !== undefined
      ? diagnosed(diagnosis, only, page)
      : only === undefined
        ? [nothing(report, page)]
        : asked.length === 1
          ? oneResult(withFollowUps(only, report), page)
          : manyResults(report, asked, page);
  const [headline = '', ...details] = body;
  const assumed = report.assumed === undefined ? [] : [assumedSection(report.assumed, page)];
  const after = [...followUpParts(report, page), ...notCheckedPart(report, asked.length > 0, page)];
  return `${[headline, ...assumed, ...details, ...after, ...notes(report, page)].join('\n\n')}\n`;
}

/** The aliases of keys, as results and fixes have them. */
function keyNamer({ results, fixes }: Report): ReportPage['keyName'] {
  const targets = results.map(({ target: { key, keyAlias } }) => ({ key, alias: keyAlias }));
  const running = fixes.flatMap((fix) => fix.running);
  const known = [...targets, ...running].flatMap(({ key, alias }) =>
    key === null || alias === null ? [] : [[key, alias] as const],
  );
  const aliases = new Map(known);
  return (arn) => aliases.get(arn) ?? shortName(arn);
}

/** Whether the user asked for each statement's part, which is shown below the calls. */
function isExplained({ results }: Report): boolean {
  return results.some(({ calls }) => calls.some(({ trace }) => trace !== undefined));
}

/** Why there is no result, in one paragraph for each place. */
function nothing({ verdict, notChecked = [] }: Report, page: ReportPage): string {
  const why = notChecked.filter(isNothing).map(({ text }) => text);
  const words = why.length === 0 ? ['Nothing was checked.'] : why;
  return words
    .map((one) => page.paint.strong(signed(page, verdictSigns[verdict], wrap(one, page.width - 2, '  ').trimStart())))
    .join('\n');
}

function isNothing({ code }: ReportedUnchecked): boolean {
  return code === 'nothing-of-the-kind';
}

/** `isChecked`: something was checked. Otherwise the headline says what there is none of. */
function notCheckedPart({ notChecked = [] }: Report, isChecked: boolean, page: ReportPage): readonly string[] {
  const lines = notChecked
    .filter((one) => isChecked || !isNothing(one))
    .flatMap(({ text, command }) => [
      wrap(text, page.width, '  '),
      ...(command === undefined ? [] : [`    ${command} ...`]),
    ]);
  return lines.length === 0 ? [] : [section('Not checked', lines, page)];
}

/** The first line also says whether what somebody could do afterwards fails. */
function withFollowUps(result: Result, { results, followUps }: Report): Result {
  if (followUps === undefined || result.verdict !== 'succeeds' || followUps.verdict === 'succeeds') return result;
  const next = results.filter(({ followUp }) => followUp === true);
  const count = followUps.summary[followUps.verdict];
  const accounts = new Set(next.map(({ principal }) => principal.account));
  const who = someOf([...accounts], 3);
  const verb = followUps.verdict === 'fails' ? (count === 1 ? 'fails' : 'fail') : 'may fail';
  const words = `${numberText(count)} of ${counted(next.length, 'follow-up operation')} of ${accounts.size === 1 ? 'account' : 'accounts'} ${who} ${verb}`;
  return { ...result, answer: `${result.answer}, but ${words}` };
}

/** What somebody could do afterwards, apart from the question. */
function followUpParts({ results, followUps }: Report, page: ReportPage): readonly string[] {
  if (followUps === undefined) return [];
  const next = results.filter(({ followUp }) => followUp === true);
  const counts = countsOf(followUps.summary);
  const headline = signed(page, verdictSigns[followUps.verdict], `Follow-up operations: ${list(counts)}`);
  const about = page.paint.faint(
    wrap('These operations do not change the verdict above or the exit code.', page.width, '  '),
  );
  const head = `${page.paint.strong(headline)}\n${about}`;
  const isMany = results.length - next.length > 1;
  return [head, ...(isMany ? placeGroups(next, page) : next.flatMap((result) => oneResult(result, page)))];
}

/** The source of the operation. Undefined: it has none. */
function targetOf({ target }: Result): string | undefined {
  return target.snapshot ?? target.cluster ?? target.instance ?? target.automatedBackup ?? undefined;
}

/** The flag that names such a source, by its type and, for a DB snapshot, by the operation. */
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

/** A flag that names the worst of several results: `--snapshot orders-monthly`. */
function exampleOf(asked: readonly Result[]): string {
  const flags = [...new Set(asked.map(flagOf))].map((flag) => `--${flag}`);
  const worst = severities.flatMap((verdict) => asked.find((one) => one.verdict === verdict) ?? [])[0];
  const target = worst === undefined ? undefined : targetOf(worst);
  if (worst === undefined || target === undefined) return list(flags, 'or');
  return `--${flagOf(worst)} ${shellQuoted(parseArn(target)?.name ?? target)}`;
}

function keyOf(result: Result): string {
  const { key, keyAlias, encryption } = result.target;
  return key === null ? withoutKey[encryption] : `${keyAlias ?? shortName(key)}${placeIn(result, key)}`;
}

/**
 * Since 2026, Aurora uses a key that AWS owns if the request names no key (rds-kms-operations 0.7).
 */
const withoutKey: Readonly<Record<Result['target']['encryption'], string>> = {
  'kms-key': 'key not read',
  'not-read': 'key not read',
  'aws-owned-key': 'AWS owned key',
  none: 'unencrypted',
  'none-or-aws-owned-key': 'no KMS key',
  'not-named': 'no KMS key named',
};

/** The Region and account of a key, if several take part. */
function placeIn({ region, principal, target, calls }: Result, key: string): string {
  const named = [target.snapshot, target.cluster, target.instance, target.automatedBackup, target.key];
  const places = [...named, ...calls.map(({ resource }) => resource)].flatMap((arn) => arnPlaceOf(arn ?? '') ?? []);
  const place = arnPlaceOf(key);
  if (place === undefined) return '';
  return placeWords(place, {
    region: places.some((one) => one.region !== region),
    account: places.some((one) => one.account !== principal.account),
  });
}

function oneResult(result: Result, page: ReportPage): readonly string[] {
  const { paint, width } = page;
  return [
    [headlineOf(result, page), paint.faint(wrap(whereOf(result), width, '  ')), ...errorLines(result, page)].join('\n'),
    ...reasonSections(result, page),
    ...detailSections(result, page),
  ];
}

function reasonSections(result: Result, page: ReportPage): readonly string[] {
  const { width } = page;
  const { reasons } = result;
  return [
    section(
      'Why',
      reasons.map(({ text }) => wrap(sentence(text), width, '  ')),
      page,
    ),
    ...(result.fixes.length === 0 ? withoutFix(result, page) : [remedySection(result, page)]),
  ];
}

/** Why a failing result shows no fix. */
function withoutFix(
  { verdict, noFixFound, fixesNotSought, calls, preconditions }: Result,
  page: ReportPage,
): readonly string[] {
  if (verdict !== 'fails') return [];
  const needsKey = preconditions.some(({ code, status }) => code === 'key-is-named' && status === 'unmet');
  const words =
    fixesNotSought === true
      ? 'No fix was searched for, because there was too much to check.'
      : noFixFound === true
        ? (byHandText(calls) ??
          (needsKey ? 'Without a key, no fix was found: add --kms-key-id, and check again.' : undefined) ??
          'No fix was found. The program tries changes of policies, grants, keys, sharing and the request, alone and together.')
        : undefined;
  return words === undefined ? [] : [section('Fix', [wrap(words, page.width, '  ')], page)];
}

/** Policies that no fix changes. */
const changedByHand: ReadonlySet<string> = new Set(['bucket policy', 'vault access policy', 'VPC endpoint policy']);

/** What to change if a policy denies that no fix changes. Undefined: there is no such policy. */
function byHandText(calls: readonly ReportedCall[]): string | undefined {
  for (const { decision, action, decidedBy } of calls)
    for (const by of decision === 'denied' ? decidedBy : [])
      if ('policy' in by && changedByHand.has(by.policy))
        return `No fix was found. The program changes no policies of buckets, backup vaults and VPC endpoints: edit ${by.sid === undefined ? '' : 'statement '}${statementWords(by)}, which denies ${action}, and check again.`;
  return undefined;
}

/** The code of the error. AWS's text, if it is published, takes several lines. */
function errorLines({ expectedError }: Result, { width, verbose }: ReportPage): readonly string[] {
  if (expectedError === null) return [];
  const { code, message } = expectedError;
  return [wrap(`Expected error: ${message === null || !verbose ? code : `${code}: ${message}`}`, width, '  ')];
}

/** --explain also shows the rules behind the answer. */
function rulesSection(result: Result, page: ReportPage): readonly string[] {
  const isTraced = result.calls.some(({ trace }) => trace !== undefined);
  const rules = isTraced ? rulesOf(result) : [];
  const lines = rules.flatMap((rule) => ruleLines(rule, '', page.width));
  return lines.length === 0 ? [] : [section('Rules', lines, page)];
}

function detailSections(result: Result, page: ReportPage): readonly string[] {
  const { width } = page;
  const assumptions =
    result.assumptions.length === 0
      ? []
      : [
          section(
            'Assumptions',
            result.assumptions.map(({ text }) => wrap(sentence(text), width, '  ')),
            page,
          ),
        ];
  if (!page.verbose) return [...assumptions, countedDetails(result, page)];
  return [
    ...assumptions,
    section('Calls', callLines(result, page), page),
    ...(result.preconditions.length === 0 ? [] : [section('Preconditions', preconditionLines(result, page), page)]),
    ...rulesSection(result, page),
    ...hiddenFixes(result, page).map((words) => page.paint.faint(wrap(words, page.width, ''))),
    // The last line on the screen is never a row of ticks under a failure.
    ...(result.verdict === 'succeeds' ? [] : [headlineOf(result, page)]),
  ];
}

/** Counts what is fine, and names the flags that show it. */
function countedDetails(result: Result, page: ReportPage): string {
  const { width, paint } = page;
  const { calls, preconditions } = result;
  const allowed = calls.filter(({ decision }) => decision === 'allowed').length;
  const met = preconditions.filter(({ status }) => status === 'met').length;
  const openCalls = calls.filter(({ decision }) => decision === 'depends').length;
  const openPreconditions = preconditions.filter(({ status }) => status === 'unknown').length;
  const parts = [
    `Calls: ${allowed} of ${calls.length} allowed${unknownText(openCalls)}.`,
    ...(preconditions.length === 0
      ? []
      : [`Preconditions: ${met} of ${preconditions.length} met${unknownText(openPreconditions)}.`]),
    'Details: --verbose',
  ];
  return [...hiddenFixes(result, page), parts.join(' ')].map((words) => paint.faint(wrap(words, width, ''))).join('\n');
}

/** Calls that are neither allowed nor denied, or preconditions that are neither met nor broken. */
function unknownText(count: number): string {
  return count === 0 ? '' : `, ${count} unknown`;
}

function headlineOf(result: Result, page: ReportPage): string {
  const words = wrap(result.answer, page.width - 2, '  ').trimStart();
  return page.paint.strong(signed(page, verdictSigns[result.verdict], words));
}

function aboutOf(result: Result): string {
  const key = result.target.key === null ? keyOf(result) : keyPhrase(keyOf(result));
  const target = targetOf(result);
  const things = [shortName(result.principal.arn), ...(target === undefined ? [] : [shortName(target)]), key];
  return `${things.join(', ')}; ${result.region}, account ${result.principal.account}`;
}

function whereOf(result: Result): string {
  const key = result.target.key === null ? keyOf(result) : keyPhrase(keyOf(result));
  return `${result.region}, account ${result.principal.account}, ${key}`;
}

/**
 * What happened on AWS, in place of the verdict. If it was predicted, the reason follows at once.
 */
function diagnosed(diagnosis: Diagnosis, result: Result | undefined, page: ReportPage): readonly string[] {
  const { head, sections } = diagnosisParts(diagnosis, result === undefined ? undefined : aboutOf(result), page);
  if (result === undefined) return [head, ...sections];
  const details = detailSections(result, page);
  return diagnosis.agreement === 'agrees'
    ? [head, ...reasonSections({ ...result, expectedError: null }, page), ...sections, ...details]
    : [head, ...sections, ...reasonSections(result, page), ...details];
}

/** A call with the name of its resource. */
interface NamedCall extends ReportedCall {
  readonly name: string;
}

/** Calls of one kind and action with the same decision share an entry, with all their resources. */
function callLines(result: Result, page: ReportPage): readonly string[] {
  const calls = result.calls.map((call): NamedCall => ({ ...call, name: resourceName(call, result) }));
  const groups = new Map<string, NamedCall[]>();
  for (const call of calls) {
    // What an entry says once must be true of all its resources.
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

function callEntry(call: ReportedCall, group: readonly NamedCall[], kindWidth: number, page: ReportPage): string {
  const { paint, width } = page;
  const indent = ' '.repeat(kindWidth + 6);
  const head = `  ${signed(page, decisionSigns[call.decision], call.kind.padEnd(kindWidth))}  ${call.action}`;
  const on = wrap(`on ${list(group.map(({ name }) => name))}`, width, indent);
  const traces = group.flatMap((one) => (one.trace === undefined ? [] : [traceLines(one, one.trace, '    ', page)]));
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
  return isEstablished(basis) ? '' : ` (${basis})`;
}

/** If the key belongs to another account, two teams have to act. */
function sideLine({ of, account, decision, why }: ReportedSide, indent: string, { width }: Page): string {
  const whose = of === 'caller' ? "the principal's account" : "the key owner's account";
  const words =
    decision === 'allowed'
      ? 'allows the call'
      : `${decision === 'denied' ? 'does not allow the call' : 'may deny the call'}: ${why.text}`;
  return wrap(`${whose} ${account} ${words}`, width, indent);
}

/** The answer of the policy simulator. */
function simulationLines({ simulation }: ReportedCall, indent: string, { width, paint }: Page): readonly string[] {
  if (simulation === undefined) return [];
  const { decision, agreement, why } = simulation;
  const because = why?.text ?? '';
  const beside = {
    agrees: ' (same answer)',
    differs: ` (different answer). ${sentence(because)}`,
    open: `. ${sentence(because)}`,
  };
  const line = wrap(`policy simulator: ${decision}${beside[agreement]}`, width, indent);
  return [agreement === 'differs' ? paint.doubtful(line) : paint.faint(line)];
}

function resourceName({ resource, alias }: ReportedCall, result: Result): string {
  const place = parseArn(resource)?.service === 'kms' ? placeIn(result, resource) : '';
  const name = shortName(resource);
  return alias === undefined || alias === name ? `${name}${place}` : `${alias}${place} (${name})`;
}

/** The decision, and the statements and grants that decided it. */
function deciding(call: ReportedCall): string {
  const by = call.decidedBy.map((one) => ('grant' in one ? `the grant ${one.grant}` : statementWords(one)));
  switch (call.decision) {
    case 'allowed':
      return by.length === 0 ? 'allowed: the account itself makes the call' : `allowed by ${list(by)}`;
    case 'denied':
      return call.denial === 'explicit' ? `denied by ${list(by)}` : `denied: no Allow in the ${list(call.lacking)}`;
    case 'depends':
      return `depends on ${list(call.dependsOn.map(({ text }) => text))}`;
  }
}

/**
 * The part of every statement. For a statement that matches or may match: all its elements. For
 * others: the elements that do not match.
 */
function traceLines(call: ReportedCall, trace: readonly ReportedTrace[], indent: string, page: ReportPage): string {
  const lines = trace.flatMap((layer) => {
    const level = layer.level === undefined ? '' : ` (level ${layer.level})`;
    const title = `${indent}  ${layer.policy}${level}${layer.applies ? '' : ': not evaluated'}`;
    if (!layer.applies) return [title];
    const unread = layer.unread.map(({ text }) => wrap(`not read: ${text}`, page.width, `${indent}    `));
    const statements = layer.policies.flatMap((policy) => policy.statements);
    return [title, ...unread, ...statements.flatMap((traced) => tracedStatement(traced, call, `${indent}    `, page))];
  });
  return [`${indent}${page.paint.strong(`on ${shortName(call.resource)}:`)}`, ...lines].join('\n');
}

const tracedWords = { yes: 'matches', no: 'does not match', depends: 'may match' } as const;

type ReportedStatementTrace = ReportedTrace['policies'][number]['statements'][number];

function tracedStatement(
  { statement, matches, elements }: ReportedStatementTrace,
  call: ReportedCall,
  indent: string,
  page: Page,
): readonly string[] {
  const decides = isDecisive(statement, call) ? ' and decides' : '';
  const words = `${statement.effect} ${statementWords(statement)} ${tracedWords[matches]}${decides}`;
  const telling = matches === 'no' ? elements.filter((element) => element.matches === 'no') : elements;
  return [wrap(words, page.width, indent), ...telling.map((element) => tracedElement(element, `${indent}  `, page))];
}

function isDecisive({ policy, name, statement }: ReportedStatementTrace['statement'], { decidedBy }: ReportedCall) {
  return decidedBy.some(
    (one) => !('grant' in one) && one.policy === policy && one.name === name && one.statement === statement,
  );
}

/** A condition as in the document, with the values of the request below. */
function tracedElement(
  { element, document, policy, request }: ReportedStatementTrace['elements'][number],
  indent: string,
  { width, paint }: Page,
): string {
  if (document === undefined) return paint.faint(wrap(`${element}: ${request} against ${policy}`, width, indent));
  const beside = (words: string): string =>
    wrap(words, width, `${indent}  ${' '.repeat('request  '.length)}`).trimStart();
  return [
    paint.faint(`${indent}${element}`),
    `${indent}  policy   ${beside(document)}`,
    `${indent}  request  ${beside(request)}`,
  ].join('\n');
}

function preconditionLines({ preconditions }: Result, page: ReportPage): readonly string[] {
  const nameWidth = Math.max(...preconditions.map(({ name }) => name.length));
  return preconditions.map(({ name, status, why }) => {
    const head = `  ${signed(page, statusSigns[status], name.padEnd(nameWidth))}  `;
    const indent = ' '.repeat(nameWidth + 6);
    return `${head}${wrap(why.text, page.width, indent).trimStart()}`;
  });
}

/** Groups results by principal and place, then by key, then by verdict and reason. */
function manyResults(report: Report, asked: readonly Result[], page: ReportPage): readonly string[] {
  const { paint, width } = page;
  const [first] = asked;
  if (first === undefined) return [];
  const isOnePlace = new Set(asked.map(placeOf)).size === 1;
  const words = wrap(report.answer, width - 2, '  ').trimStart();
  const headline = paint.strong(signed(page, verdictSigns[report.verdict], words));
  const about = isOnePlace
    ? `${first.region}, account ${first.principal.account}`
    : list([
        counted(new Set(asked.map(({ principal }) => principal.arn)).size, 'principal'),
        counted(new Set(asked.map(({ region }) => region)).size, 'Region'),
      ]);
  const isCut = !page.listAll && rowsOf(asked).some((row) => row.length > mostNames);
  const wanted = report.verdict === 'succeeds' ? 'the reason' : 'the reason and the fix';
  const hint = paint.faint(
    wrap(`For ${wanted}, add ${exampleOf(asked)}.${isCut ? ' --list-all lists all names.' : ''}`, width, ''),
  );
  return [
    `${headline}\n${paint.faint(wrap(about, width, '  '))}`,
    ...(isOnePlace ? keyGroups(asked, page) : placeGroups(asked, page)),
    ...(isExplained(report) ? asked.flatMap((result) => oneResult(result, page)) : [hint]),
  ];
}

function countsOf(summary: Report['summary']): readonly string[] {
  return (['fails', 'undetermined', 'succeeds'] as const)
    .filter((verdict) => summary[verdict] > 0)
    .map((verdict) => countedVerdict(summary[verdict], verdict));
}

/** The principal, Region and operation of a result. */
function placeOf({ principal, region, operation }: Result): string {
  return JSON.stringify([principal.arn, region, operation]);
}

function placeGroups(results: readonly Result[], page: ReportPage): readonly string[] {
  return [...groupBy(results, placeOf).values()].flatMap((same) => {
    const [{ principal, region, operation }] = same;
    const heading = `${operation} by ${shortName(principal.arn)} in ${region}, account ${principal.account}`;
    const [first = '', ...others] = keyGroups(same, page);
    return [`${page.paint.strong(wrap(heading, page.width, ''))}\n\n${first}`, ...others];
  });
}

/**
 * A table with one row for each key, verdict and reason, failures first, and the assumptions of all
 * rows.
 */
function keyGroups(results: readonly Result[], page: ReportPage): readonly string[] {
  const rows = rowsOf(results).toSorted(
    ([one], [other]) => severities.indexOf(one.verdict) - severities.indexOf(other.verdict),
  );
  const assumptions = [...new Set(results.flatMap((result) => result.assumptions.map(({ text }) => text)))];
  return [
    tableOf(rows, page),
    ...(assumptions.length === 0
      ? []
      : [
          section(
            'Assumptions',
            assumptions.map((one) => wrap(sentence(one), page.width, '  ')),
            page,
          ),
        ]),
  ];
}

type Alike = readonly [Result, ...Result[]];

function rowsOf(results: readonly Result[]): readonly Alike[] {
  return [
    ...groupBy(results, (result) =>
      JSON.stringify([placeOf(result), keyOf(result), result.verdict, reasonOf(result)]),
    ).values(),
  ];
}

const severities: readonly Verdict[] = ['fails', 'undetermined', 'succeeds'];
const countTitles: Readonly<Record<Verdict, string>> = { fails: 'FAIL', undetermined: 'OPEN', succeeds: 'OK' };

function tableOf(rows: readonly Alike[], page: ReportPage): string {
  const { paint, width } = page;
  const shown = severities.filter((verdict) => rows.some(([first]) => first.verdict === verdict));
  const keyWidth = Math.max(3, ...rows.map(([first]) => keyOf(first).length));
  const countWidth = (verdict: Verdict): number =>
    Math.max(countTitles[verdict].length, ...rows.map((row) => numberText(row.length).length));
  const left = 2 + keyWidth + shown.reduce((sum, verdict) => sum + 2 + countWidth(verdict), 0) + 2;
  // If there is no room, the reason is below the columns.
  const isNarrow = width - left < 30;
  const indent = ' '.repeat(isNarrow ? 4 : left);
  const counts = (cell: (verdict: Verdict) => string): string =>
    shown.map((verdict) => `  ${cell(verdict).padStart(countWidth(verdict))}`).join('');
  const head = `  ${'KEY'.padEnd(keyWidth)}${counts((verdict) => countTitles[verdict])}  ${isNarrow ? '' : 'REASON'}`;
  const lines = rows.flatMap((row) => {
    const [first] = row;
    const { paint: color } = verdictSigns[first.verdict];
    const numbers = counts((verdict) => (verdict === first.verdict ? numberText(row.length) : ''));
    const reason = wrap(reasonOf(first), width, indent);
    const start = `  ${keyOf(first).padEnd(keyWidth)}${paint[color](numbers)}`;
    return [
      isNarrow || reasonOf(first) === '' ? start : `${start}  ${reason.trimStart()}`,
      ...(isNarrow && reasonOf(first) !== '' ? [reason] : []),
      paint.faint(wrap(namesOf(row, page), width, '    ')),
    ];
  });
  return [paint.faint(head.trimEnd()), ...lines].join('\n');
}

const mostNames = 3;

function namesOf(results: Alike, { listAll }: ReportPage): string {
  const targets = results.map((result) => targetOf(result) ?? result.api);
  return someNames(targets, listAll ? targets.length : mostNames);
}

/** What decides a result, in a few words. Empty: nothing blocks it. */
function reasonOf(result: Result): string {
  if (result.verdict === 'succeeds') return '';
  const { expectedError } = result;
  return `${obstacleOf(result)}${expectedError === null ? '' : ` (${expectedError.code})`}`;
}

function obstacleOf({ calls, preconditions }: Result): string {
  const [unmet] = preconditions.filter(({ status }) => status === 'unmet');
  const [denied] = calls.filter(({ decision, basis }) => decision === 'denied' && isEstablished(basis));
  if (denied === undefined && unmet !== undefined)
    return unmet.code === 'key-is-named' ? 'no KMS key named: add --kms-key-id' : `precondition not met: ${unmet.name}`;
  const call = denied ?? calls.find(({ decision }) => decision !== 'allowed');
  if (call !== undefined) return callReason(call);
  const [open] = preconditions.filter(({ status }) => status === 'unknown');
  return open === undefined ? '' : `precondition unknown: ${open.name}`;
}

function callReason(call: ReportedCall): string {
  if (call.decision === 'depends') return `${call.action} depends on ${list(call.dependsOn.map(({ text }) => text))}`;
  const [by] = call.decidedBy;
  if (call.denial === 'explicit' && by !== undefined && !('grant' in by))
    return `${statementWords(by)} denies ${call.action}`;
  return `no ${list(call.lacking, 'or')} allows ${call.action}`;
}

function isEstablished(basis: ReportedCall['basis']): boolean {
  return basis === 'documented' || basis === 'observed';
}

const simulatorLimits =
  'The policy simulator sees identity policies, boundaries and SCPs; the simulator does not see key policies (for roles), grants, session policies and RCPs. The verdict does not depend on the simulator.';

/** What could not be read, and what is not understood. */
function notes(report: Report, page: ReportPage): readonly string[] {
  const { width } = page;
  const simulated = report.results.some(({ calls }) => calls.some(({ simulation }) => simulation !== undefined));
  const warnings = report.warnings.map(({ text }) => wrap(sentence(withoutStop(text)), width, '  '));
  return [
    ...(warnings.length === 0 ? [] : [section('Notes', warnings, page)]),
    ...gapNotes(report, page),
    ...(simulated ? [page.paint.faint(wrap(simulatorLimits, width, ''))] : []),
  ];
}

/**
 * The failed reads on which a verdict depends, with the action to allow, and the other failed
 * reads. Similar reads share a line.
 */
function gapNotes({ results, gaps }: Report, page: ReportPage): readonly string[] {
  const { width, paint } = page;
  const decisive = results.length === 0 ? gaps : results.flatMap((result) => result.gaps ?? []);
  const decidingLines = [...new Set(decisive.map((gap) => gapWords([gap])))];
  const rest = gaps.filter((gap) => !decidingLines.includes(gapWords([gap])));
  const refused = [...new Set(decisive.filter(({ reason }) => isRefusal.test(reason)).map(({ what }) => what))];
  const allow = `Allow ${list(refused)} to the principal that runs this program. \`aurora-kms-check permissions\` prints all permissions that the program needs.`;
  const others = [...groupBy(rest, alikeGaps).values()].map((alike) =>
    paint.faint(wrap(`Could not read ${gapWords(alike)}. The result does not depend on it.`, width, '')),
  );
  return [
    ...(decisive.length === 0
      ? []
      : [
          section(
            'Not read',
            [
              ...decidingLines.map((line) => wrap(line, width, '  ')),
              ...(refused.length === 0 ? [] : [wrap(allow, width, '  ')]),
            ],
            page,
          ),
        ]),
    ...(others.length === 0 ? [] : [others.join('\n')]),
  ];
}

function alikeGaps({ what, account, region, reason }: ReportedGap): string {
  return JSON.stringify([what, account, region, withoutName(reason)]);
}

/** AWS's refusals name the resource. Without the name, refusals for several resources are equal. */
function withoutName(reason: string): string {
  return reason.replace(/ on resource: \S+/, '');
}

/** `kms:ListGrants on key/1234 (account 111122223333): AccessDeniedException: ...` */
function gapWords(alike: readonly ReportedGap[]): string {
  const [first] = alike;
  if (first === undefined) return '';
  const { what, account, resource, reason } = first;
  const on =
    alike.length > 1 ? ` on ${alike.length} resources` : resource === undefined ? '' : ` on ${shortName(resource)}`;
  return `${what}${on}${account === undefined ? '' : ` (account ${account})`}: ${alike.length > 1 ? withoutName(reason) : reason}`;
}

/** AWS's error codes for a missing permission. */
const isRefusal = /^(AccessDenied|Unauthorized|AuthorizationError)/;
