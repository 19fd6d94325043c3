import { placeOf as arnPlaceOf, parseArn, shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { counted, list, sentence } from '../base/wording.ts';
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
import { placeWords } from '../explain/names.ts';
import { assumedSection } from './assumed.ts';
import { diagnosisParts } from './diagnosis.ts';
import { type Page, type ReportPage, section, signed } from './page.ts';
import { remedyLines, remedySummary } from './remedies.ts';
import { type ReportStyle, wrap } from './style.ts';
import { countedVerdict, decisionSigns, statementWords, statusSigns, verdictSigns } from './words.ts';

/** The answer first, then the reason, then every call and precondition. */
export function reportText(report: Report, style: ReportStyle): string {
  const page: ReportPage = { paint: style.paint, width: style.width, remedyFormat: style.remedyFormat };
  const asked = report.results.filter(({ followUp }) => followUp !== true);
  const [only] = asked;
  const { diagnosis } = report;
  const body =
    diagnosis !== undefined
      ? diagnosed(diagnosis, only, page)
      : only === undefined
        ? [nothing(report, page)]
        : asked.length === 1
          ? oneResult(only, page)
          : manyResults(report, asked, page);
  const [headline = '', ...details] = body;
  const assumed = report.assumed === undefined ? [] : [assumedSection(report.assumed, page)];
  const after = [...followUpParts(report, page), ...notCheckedPart(report, asked.length > 0, page)];
  return `${[headline, ...assumed, ...details, ...after, ...notes(report, page)].join('\n\n')}\n`;
}

/** Why there is no result, in one paragraph for each place. */
function nothing({ verdict, notChecked = [] }: Report, page: ReportPage): string {
  const why = notChecked.filter(isNothing).map((one) => one.why);
  const words = why.length === 0 ? ['Nothing was checked.'] : why;
  return words
    .map((one) => page.paint.strong(signed(page, verdictSigns[verdict], wrap(one, page.width - 2, '  ').trimStart())))
    .join('\n');
}

function isNothing({ code }: ReportedUnchecked): boolean {
  return code === 'nothing-of-the-kind';
}

/** `isChecked`: something was; otherwise the headline says of what there is nothing. */
function notCheckedPart({ notChecked = [] }: Report, isChecked: boolean, page: ReportPage): readonly string[] {
  const lines = notChecked
    .filter((one) => isChecked || !isNothing(one))
    .flatMap(({ why, command }) => [
      wrap(why, page.width, '  '),
      ...(command === undefined ? [] : [`    ${command} ...`]),
    ]);
  return lines.length === 0 ? [] : [section('Not checked', lines, page)];
}

/** What somebody could do afterwards, apart from what was asked. */
function followUpParts({ results, followUps }: Report, page: ReportPage): readonly string[] {
  if (followUps === undefined) return [];
  const next = results.filter(({ followUp }) => followUp === true);
  const counts = countsOf(followUps.summary);
  const headline = signed(
    page,
    verdictSigns[followUps.verdict],
    `What could follow: of ${counted(next.length, 'operation')} ${list(counts)}`,
  );
  const about = page.paint.faint(wrap('It does not change the verdict above, nor the exit code.', page.width, '  '));
  const head = `${page.paint.strong(headline)}\n${about}`;
  const isMany = results.length - next.length > 1;
  return [head, ...(isMany ? placeGroups(next, page) : next.flatMap((result) => oneResult(result, page)))];
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

function keyOf(result: Result): string {
  const { key, keyAlias } = result.target;
  return key === null ? 'no customer key' : `${keyAlias ?? shortName(key)}${placeIn(result, key)}`;
}

/** The Region and account of a key, where things of several take part. */
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
    section('Calls', callLines(result, page), page),
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
/** A call with the name of what it is made on. */
interface NamedCall extends ReportedCall {
  readonly name: string;
}

function callLines(result: Result, page: ReportPage): readonly string[] {
  const calls = result.calls.map((call): NamedCall => ({ ...call, name: resourceName(call, result) }));
  const groups = new Map<string, NamedCall[]>();
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

function callEntry(call: ReportedCall, group: readonly NamedCall[], kindWidth: number, page: ReportPage): string {
  const { paint, width } = page;
  const indent = ' '.repeat(kindWidth + 6);
  const head = `  ${signed(page, decisionSigns[call.decision], call.kind.padEnd(kindWidth))}  ${call.action}`;
  const on = wrap(`on ${list(group.map(({ name }) => name))}`, width, indent);
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

function resourceName({ resource, alias }: ReportedCall, result: Result): string {
  const place = parseArn(resource)?.service === 'kms' ? placeIn(result, resource) : '';
  return alias === undefined ? `${shortName(resource)}${place}` : `${alias}${place} (${shortName(resource)})`;
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

/** Grouped by who and where, by key and, within a key, by verdict and reason. */
function manyResults(report: Report, asked: readonly Result[], page: ReportPage): readonly string[] {
  const { paint, width } = page;
  const [first] = asked;
  if (first === undefined) return [];
  const isOnePlace = new Set(asked.map(placeOf)).size === 1;
  const things = isOnePlace
    ? [...groupBy(asked, nounOf)].map(([noun, results]) => counted(results.length, noun))
    : [counted(asked.length, 'combination')];
  const words = `${first.operation}: of ${list(things)} ${list(countsOf(report.summary))}`;
  const headline = paint.strong(signed(page, verdictSigns[report.verdict], words));
  const about = isOnePlace
    ? `${shortName(first.principal.arn)}; ${first.region}, account ${first.principal.account}`
    : list([
        counted(new Set(asked.map(({ principal }) => principal.arn)).size, 'principal'),
        counted(new Set(asked.map(({ region }) => region)).size, 'Region'),
      ]);
  const flags = [...new Set(asked.map(flagOf))].map((flag) => `--${flag}`);
  const hint = paint.faint(
    wrap(`Name one with ${list(flags, 'or')} to see its calls, preconditions and remedies.`, width, ''),
  );
  return [
    `${headline}\n${paint.faint(wrap(about, width, '  '))}`,
    ...(isOnePlace ? keyGroups(asked, page) : placeGroups(asked, page)),
    ...(asked.some((result) => result.calls.some((call) => call.trace !== undefined))
      ? asked.flatMap((result) => oneResult(result, page))
      : [hint]),
  ];
}

function countsOf(summary: Report['summary']): readonly string[] {
  return (['fails', 'undetermined', 'succeeds'] as const)
    .filter((verdict) => summary[verdict] > 0)
    .map((verdict) => countedVerdict(summary[verdict], verdict));
}

/** Who asks for what, and where. */
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

function keyGroups(results: readonly Result[], page: ReportPage): readonly string[] {
  return [...groupBy(results, keyOf)].map(([key, same]) => {
    const heading = same[0].target.key === null ? key : `key ${key}`;
    const alike = groupBy(same, ({ verdict, reasons, expectedError }) =>
      JSON.stringify([verdict, reasons, expectedError?.code]),
    );
    return [page.paint.strong(heading), ...[...alike.values()].map((one) => alikeResults(one, page))].join('\n');
  });
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

/** The reads on which a verdict depends, with what to allow, and the others, a line for those alike. */
function gapNotes({ results, gaps }: Report, page: ReportPage): readonly string[] {
  const { width, paint } = page;
  const decisive = results.length === 0 ? gaps : results.flatMap((result) => result.gaps ?? []);
  const decidingLines = [...new Set(decisive.map((gap) => gapWords([gap])))];
  const rest = gaps.filter((gap) => !decidingLines.includes(gapWords([gap])));
  const refused = [...new Set(decisive.filter(({ reason }) => isRefusal.test(reason)).map(({ what }) => what))];
  const allow = `Allow ${list(refused)} to whoever runs this; \`aurora-kms-check permissions\` prints all that reading needs.`;
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

/** AWS's refusals name the resource, so that those of several resources differ in nothing else. */
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

/** What AWS says to those who have no right. */
const isRefusal = /^(AccessDenied|Unauthorized|AuthorizationError)/;
