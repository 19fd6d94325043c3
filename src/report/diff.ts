import { groupBy } from '../base/group.ts';
import { someNames } from '../base/names.ts';
import { counted, list, numberText, sentence, someOf } from '../base/wording.ts';
import type { DiffReport, VerdictChange } from '../contract/diff-report.ts';
import { assumedSection } from './assumed.ts';
import { changeNamer } from './change-names.ts';
import { type Page as Plain, section, signed } from './page.ts';
import { planSections } from './plan.ts';
import { safe } from './safe.ts';
import { type ReportStyle, wrap } from './style.ts';
import { type Row, tableText } from './table.ts';
import { verdictSigns } from './words.ts';

interface Page extends Plain {
  /** The names of principals and targets. */
  readonly name: (arn: string) => string;
  readonly what: (change: VerdictChange) => string;
  readonly listAll: boolean;
}

export const drawDiff = safe(diffText);

/**
 * Changes for the worse come first. Changes are grouped by principal and operation, with the reason
 * of the worse verdict.
 */
function diffText(report: DiffReport, style: ReportStyle): string {
  const { verdict, changes, summary, assumed } = report;
  const { paint, width } = style;
  const name = changeNamer(changes);
  const page: Page = { paint, width, name, what: namerOfWhat(changes, name), listAll: style.listAll };
  const headline = signed(page, verdictSigns[verdict], wrap(headlineOf(report), width - 2, '  ').trimStart());
  const about = wrap(`${report.before} against ${report.after}`, width, '  ');
  const worse = changes.slice(0, summary.worse);
  const better = changes.slice(summary.worse);
  const sections = [
    ...(assumed === undefined ? [] : [assumedSection(assumed, page)]),
    ...doubtsSection(report, page),
    ...changesSection('Worse', worse, page),
    ...changesSection('Better', better, page),
    ...(!style.listAll && isCut(changes) ? [paint.faint('All names: --list-all')] : []),
    ...onlySection(report, page),
    ...notCheckedSection(report, page),
    ...planSections(report.plans, style),
  ];
  return `${[`${paint.strong(headline)}\n${paint.faint(about)}`, ...sections].join('\n\n')}\n`;
}

/** Why a success in the new state is not certain. */
function doubtsSection({ doubts = [] }: DiffReport, page: Page): readonly string[] {
  const lines = doubts.map(({ text }) => wrap(text, page.width, '  '));
  return lines.length === 0 ? [] : [section('Not certain', lines, page)];
}

function headlineOf(report: DiffReport): string {
  const left = (report.plans ?? []).reduce((sum, { notUnderstood }) => sum + notUnderstood.length, 0);
  if (left === 0) return changesText(report);
  return `${changesText(report)}. ${counted(left, 'planned change')} ${left === 1 ? 'is' : 'are'} left out`;
}

function changesText({ asked, summary, doubts = [], notChecked = [] }: DiffReport): string {
  const all = `${numberText(asked)} verdict${asked === 1 ? '' : 's'}`;
  const { worse, better, fails, undetermined } = summary;
  if (asked === 0) return 'Nothing was compared';
  if (worse + better === 0)
    return doubts.length + notChecked.length > 0
      ? `It is not certain that nothing changes: see below (${all} compared)`
      : `Nothing changes: ${all} ${asked === 1 ? 'is' : 'are'} the same`;
  const lost = [
    ...(fails === 0 ? [] : [`${numberText(fails)} now ${fails === 1 ? 'fails' : 'fail'}`]),
    ...(undetermined === 0
      ? []
      : [`${numberText(undetermined)} ${undetermined === 1 ? 'is' : 'are'} now undetermined`]),
  ];
  const those = lost.length === 0 ? '' : ` (of those that succeeded, ${list(lost)})`;
  const parts = [
    ...(worse === 0 ? [] : [`${numberText(worse)} of ${all} ${worse === 1 ? 'gets' : 'get'} worse${those}`]),
    ...(better === 0
      ? []
      : [`${numberText(better)} ${worse === 0 ? `of ${all} ` : ''}${better === 1 ? 'gets' : 'get'} better`]),
  ];
  return list(parts);
}

/**
 * A table with one row for each change and reason: the principals, and the operations that they
 * gain or lose.
 */
function changesSection(title: string, changes: readonly VerdictChange[], page: Page): readonly string[] {
  if (changes.length === 0) return [];
  const groups = [...groupBy(changes, alike).values()];
  const rows = groups.map((group): Row => {
    const [{ before, after }] = group;
    return {
      cells: [`${before} -> ${after}`, numberText(group.length)],
      last: reasonsOf(group[0]).map(sentence).join(' '),
      below: whoLines(group, page),
      paint: page.paint[verdictSigns[after].paint],
    };
  });
  return [section(title, [tableText(['CHANGE', 'COUNT', 'REASON'], rows, page)], page)];
}

function alike(change: VerdictChange): string {
  return JSON.stringify([change.before, change.after, reasonsOf(change)]);
}

/** If something no longer fails, the reason why it failed is left out. */
function reasonsOf({ before, after, reasons }: VerdictChange): readonly string[] {
  return before === 'fails' || after === 'succeeds' ? [] : reasons.map(({ text }) => text);
}

const mostNames = 3;

/** One line for each principal. Principals with the same changes share a line. */
function whoLines(changes: readonly VerdictChange[], page: Page): readonly string[] {
  const byPrincipal = [...groupBy(changes, ({ principal }) => principal)].map(([principal, all]) => ({
    principal,
    what: few(
      all.map((change) => page.what(change)),
      page,
    ),
    changes: all,
  }));
  const groups = [
    ...groupBy(byPrincipal, ({ changes: all }) => all.map((change) => page.what(change)).join()).values(),
  ];
  const shown = page.listAll ? groups : groups.slice(0, mostNames);
  const hidden = groups.slice(shown.length).flat().length;
  const lines = shown.map((group) => {
    const names = few(
      group.map(({ principal }) => page.name(principal)),
      page,
    );
    return wrap(`${names}: ${group[0].what}`, page.width, '    ');
  });
  const more = hidden === 0 ? [] : [`    and ${counted(hidden, 'more principal')}`];
  return [...lines, ...more].map((line) => page.paint.faint(line));
}

/** At most three names, unless --list-all is given. */
function few(names: readonly string[], { listAll }: Page): string {
  return someOf(names, listAll ? names.length : mostNames);
}

/** Whether the table leaves names out. */
function isCut(changes: readonly VerdictChange[]): boolean {
  return [...groupBy(changes, alike).values()].some((group) => {
    const byPrincipal = groupBy(group, ({ principal }) => principal);
    return byPrincipal.size > mostNames || [...byPrincipal.values()].some((all) => all.length > mostNames);
  });
}

/**
 * Names an operation on its source. The name includes the API if one command reads that source in
 * several ways.
 */
function namerOfWhat(changes: readonly VerdictChange[], name: Page['name']): Page['what'] {
  const question = ({ operation, target }: VerdictChange): string => `${operation} ${target}`;
  const asked = groupBy(changes, question);
  return (change) => {
    const isShared = new Set(asked.get(question(change))?.map(({ api }) => api)).size > 1;
    return `${change.operation}${isShared ? ` (${change.api})` : ''} ${name(change.target)}`;
  };
}

function notCheckedSection({ notChecked = [] }: DiffReport, page: Page): readonly string[] {
  const lines = notChecked.map(({ text }) => wrap(text, page.width, '  '));
  return lines.length === 0 ? [] : [section('Not checked', lines, page)];
}

/** Resources that only one state has could not be compared. */
function onlySection({ onlyBefore, onlyAfter }: DiffReport, page: Page): readonly string[] {
  const lines = [...onlyLines('before', onlyBefore, page), ...onlyLines('after', onlyAfter, page)];
  return lines.length === 0 ? [] : [section('Not compared (only in one state)', lines, page)];
}

const shown = 5;

function onlyLines(
  side: string,
  { principals, targets }: DiffReport['onlyBefore'],
  { width }: Page,
): readonly string[] {
  const line = (noun: string, arns: readonly string[]): readonly string[] =>
    arns.length === 0
      ? []
      : [wrap(`only ${side}: ${counted(arns.length, noun)} (${someNames(arns, shown)})`, width, '  ')];
  return [...line('principal', principals), ...line('target', targets)];
}
