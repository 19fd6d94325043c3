import { accountOf, parseArn, shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { counted, list, sentence } from '../base/wording.ts';
import type { DiffReport, VerdictChange } from '../contract/diff-report.ts';
import { assumedSection } from './assumed.ts';
import { type Page as Plain, section, signed } from './page.ts';
import { type Style, wrap } from './style.ts';
import { verdictSigns } from './words.ts';

interface Page extends Plain {
  /** How ARNs are shown: shortened, unless several accounts or Regions have to be told apart. */
  readonly name: (arn: string) => string;
}

/** What changes for the worse first; by principal and operation, with the reason of the worse verdict. */
export function diffText(report: DiffReport, style: Style): string {
  const { verdict, changes, summary, assumed } = report;
  const { paint, width } = style;
  const page: Page = { paint, width, name: namer(changes) };
  const headline = signed(page, verdictSigns[verdict], wrap(headlineOf(report), width - 2, '  ').trimStart());
  const about = wrap(`${report.before} against ${report.after}`, width, '  ');
  const worse = changes.slice(0, summary.worse);
  const better = changes.slice(summary.worse);
  const sections = [
    ...(assumed === undefined ? [] : [assumedSection(assumed, page)]),
    ...changesSection('Worse', worse, page),
    ...changesSection('Better', better, page),
    ...onlySection(report, page),
    ...notCheckedSection(report, page),
  ];
  return `${[`${paint.strong(headline)}\n${paint.faint(about)}`, ...sections].join('\n\n')}\n`;
}

function headlineOf({ asked, summary }: DiffReport): string {
  const all = `${asked.toLocaleString('en')} verdict${asked === 1 ? '' : 's'}`;
  const { worse, better, fails, undetermined } = summary;
  if (asked === 0) return 'nothing was compared';
  if (worse + better === 0) return `nothing changes: ${all} ${asked === 1 ? 'is' : 'are'} the same`;
  const lost = [
    ...(fails === 0 ? [] : [`${fails} ${fails === 1 ? 'fails' : 'fail'}`]),
    ...(undetermined === 0 ? [] : [`${undetermined} ${undetermined === 1 ? 'is' : 'are'} undetermined`]),
  ];
  const parts = [
    ...(worse === 0
      ? []
      : [
          `${worse} ${worse === 1 ? 'gets' : 'get'} worse${lost.length === 0 ? '' : ` (of those that succeeded ${list(lost)})`}`,
        ]),
    ...(better === 0 ? [] : [`${better} ${better === 1 ? 'gets' : 'get'} better`]),
  ];
  return `of ${all} ${list(parts)}`;
}

function namer(changes: readonly VerdictChange[]): Page['name'] {
  const places = (arns: readonly string[]): number =>
    new Set(arns.map((arn) => `${parseArn(arn)?.region ?? ''}:${accountOf(arn)}`)).size;
  const principals = places(changes.map(({ principal }) => principal));
  const targets = places(changes.map(({ target }) => target));
  return principals > 1 || targets > 1 ? (arn) => arn : shortName;
}

function changesSection(title: string, changes: readonly VerdictChange[], page: Page): readonly string[] {
  if (changes.length === 0) return [];
  const principals = [...groupBy(changes, ({ principal }) => principal)];
  const paragraphs = principals.map(([principal, all]) =>
    [
      page.paint.strong(page.name(principal)),
      ...[...groupBy(all, alike).values()].map((group) => changeLines(group, page)),
    ].join('\n'),
  );
  return [`${page.paint.strong(title)}\n\n${paragraphs.join('\n\n')}`];
}

function alike(change: VerdictChange): string {
  return JSON.stringify([change.operation, change.api, change.before, change.after, reasonsOf(change)]);
}

/** Why something failed is of no more interest to those who read that it does no more. */
function reasonsOf({ before, after, reasons }: VerdictChange): readonly string[] {
  return before === 'fails' || after === 'succeeds' ? [] : reasons.map(({ text }) => text);
}

const past = { succeeds: 'succeeded', fails: 'failed', undetermined: 'was undetermined' } as const;
const present = { succeeds: 'succeeds', fails: 'fails', undetermined: 'is undetermined' } as const;

function changeLines(changes: readonly VerdictChange[], page: Page): string {
  const [first] = changes;
  if (first === undefined) return '';
  const { operation, api, before, after } = first;
  const words = `${operation} (${api}) ${past[before]}, ${present[after]} now`;
  return [
    `  ${signed(page, verdictSigns[after], wrap(words, page.width - 4, '    ').trimStart())}`,
    ...changes.map(({ target }) => `    ${page.name(target)}`),
    ...reasonsOf(first).map((reason) => page.paint.faint(wrap(sentence(reason), page.width, '    '))),
  ].join('\n');
}

function notCheckedSection({ notChecked = [] }: DiffReport, page: Page): readonly string[] {
  const lines = notChecked.map(({ text }) => wrap(text, page.width, '  '));
  return lines.length === 0 ? [] : [section('Not checked', lines, page)];
}

/** What is in one state only could not be compared. */
function onlySection({ onlyBefore, onlyAfter }: DiffReport, page: Page): readonly string[] {
  const lines = [...onlyLines('before', onlyBefore, page), ...onlyLines('after', onlyAfter, page)];
  return lines.length === 0 ? [] : [section('Not compared, for it is on one side only', lines, page)];
}

const shown = 5;

function onlyLines(
  side: string,
  { principals, targets }: DiffReport['onlyBefore'],
  { width }: Page,
): readonly string[] {
  const names = (arns: readonly string[]): string => {
    const more = arns.length > shown ? [`${arns.length - shown} more`] : [];
    return list([...arns.slice(0, shown).map(shortName), ...more]);
  };
  const line = (noun: string, arns: readonly string[]): readonly string[] =>
    arns.length === 0 ? [] : [wrap(`${side}: ${counted(arns.length, noun)}: ${names(arns)}`, width, '  ')];
  return [...line('principal', principals), ...line('target', targets)];
}
