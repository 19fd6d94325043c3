import { shortName } from '../base/arn.ts';
import { groupBy, runsOf } from '../base/group.ts';
import { namesSeenFrom } from '../base/names.ts';
import { counted, numberText, sentence, withoutStop } from '../base/wording.ts';
import type { AuditedKey, AuditFix, AuditReport, ReportedFinding } from '../contract/audit-report.ts';
import { auditFixCommandsTitle, auditFixText, decidingTexts } from '../explain/findings.ts';
import type { Draw } from './format.ts';
import { section, shortList, shortNames, signed } from './page.ts';
import { safe } from './safe.ts';
import { type ReportStyle, wrap } from './style.ts';
import { type Row, tableText } from './table.ts';
import { bad, contrary, doubtful, notable, type Sign, verdictSigns } from './words.ts';

export const drawAudit: Draw<'audit'> = safe((report, style) => auditText(report, style));

interface AuditPage extends ReportStyle {
  /** By id. */
  readonly fixes: ReadonlyMap<string, AuditFix>;
}

/** What was not read, then numbers, findings and tables. */
function auditText(report: AuditReport, style: ReportStyle): string {
  const page: AuditPage = { ...style, fixes: new Map(report.fixes.map((one) => [one.id, one])) };
  const { answer, verdict, findings } = report;
  const headline = signed(page, verdictSigns[verdict], wrap(answer, page.width - 2, '  ').trimStart());
  const unread = findings.filter(({ code }) => code === 'not-read');
  const others = findings.filter(({ code }) => code !== 'not-read');
  const inState = (state: ReportedFinding['state']): readonly ReportedFinding[] =>
    others.filter((one) => one.state === state);
  return `${[
    `${page.paint.strong(headline)}\n${placeLine(report, page)}`,
    ...firstSection(report, page),
    ...unreadSection(unread, page),
    numbersSection(report, page),
    ...findingSection('Findings', inState('holds'), page),
    ...findingSection('Undecided', inState('undecided'), page),
    ...findingSection('Accepted', inState('accepted'), page),
    ...staleSection(report.stale ?? [], page),
    ...keySection(report.keys, page),
    lastLine(report, page),
  ].join('\n\n')}\n`;
}

/** The one step to take first, before everything else that a reader may want to know. */
function firstSection({ first }: AuditReport, page: ReportStyle): readonly string[] {
  return first === null ? [] : [section('Do this first', [wrap(first.text, page.width, '  ')], page)];
}

function placeLine({ numbers, evidenceAt }: AuditReport, page: ReportStyle): string {
  const { accounts, regions, keys, databases, principals } = numbers;
  const what = [
    counted(accounts, 'account'),
    counted(regions, 'Region'),
    counted(keys, 'key'),
    counted(databases, 'database'),
    counted(principals, 'principal'),
  ];
  const when = evidenceAt === null ? [] : [`read at ${evidenceAt}`];
  return page.paint.faint(wrap([...what, ...when].join(', '), page.width, '  '));
}

function unreadSection(unread: readonly ReportedFinding[], page: ReportStyle): readonly string[] {
  if (unread.length === 0) return [];
  const shown = page.listAll || page.verbose ? unread : unread.slice(0, mostUnread);
  const more = unread.length - shown.length;
  const lines = [...groupBy(shown, ({ account, region }) => placeWords(account, region))].flatMap(([place, here]) => [
    `  ${place}`,
    ...here.map(({ says, id }) => wrap(`${id}  ${says}.`, page.width, '      ').replace('      ', '    ')),
  ]);
  return [
    section(
      `Not read (${unread.length})`,
      [
        ...lines,
        ...(more === 0 ? [] : [`  and ${numberText(more)} more (--list-all)`]),
        page.paint.faint(wrap(howToRead, page.width, '  ')),
      ],
      page,
    ),
  ];
}

const howToRead =
  'To read what is missing, run `aurora-kms-check collect FILE` with credentials of the account, and add --evidence FILE. For the permissions needed, run `aurora-kms-check permissions --mode collect`.';

const mostUnread = 10;

function placeWords(account: string, region: string | null): string {
  return region === null ? `account ${account}` : `account ${account}, ${region}`;
}

/** Numbers come first. A bar shows the part of the total. */
function numbersSection({ numbers, leavesOut }: AuditReport, page: ReportStyle): string {
  const { backups, restorable, byRootOnly, byNobody, undecided, notAvailable, exposed } = numbers;
  const widest = Math.max(0, Math.min(30, page.width - 50));
  const bar = (count: number): string => {
    if (backups === 0) return '';
    const length = count === 0 ? 0 : Math.max(1, Math.round((count / backups) * widest));
    return '█'.repeat(length);
  };
  const line = (count: number, name: string): string =>
    `  ${numberText(count).padStart(numberText(backups).length)}  ${name.padEnd(28)} ${bar(count)}`.trimEnd();
  const lines = [
    line(backups, backups === 1 ? 'backup' : 'backups'),
    line(restorable, 'somebody can restore'),
    ...(byRootOnly === 0 ? [] : [line(byRootOnly, 'of these, only a root user')]),
    line(byNobody, 'nobody can restore'),
    ...(undecided === 0 ? [] : [line(undecided, 'undecided')]),
    ...(notAvailable === 0 ? [] : [line(notAvailable, 'not available')]),
    line(exposed, 'exposed to another account'),
  ];
  const notes = leavesOut.map(({ text }) => wrap(text, page.width, '  '));
  return section('Numbers', [...lines, ...notes], page);
}

const signs: Readonly<Record<ReportedFinding['severity'], Sign>> = {
  critical: bad,
  high: bad,
  medium: contrary,
  note: notable,
};

/** Many similar findings are shown in short form. */
function findingSection(title: string, findings: readonly ReportedFinding[], page: AuditPage): readonly string[] {
  if (findings.length === 0) return [];
  // Only neighbors are grouped, so the order is that of the report.
  const lines = runsOf(findings, ({ code, severity }) => `${severity}: ${code}`).flatMap(([name, members]) =>
    page.verbose || members.length <= mostInFull
      ? members.map((one) => findingLines(one, page))
      : [groupLines(name, members, page)],
  );
  return [section(`${title} (${findings.length})`, lines, page)];
}

const mostInFull = 3;
const mostAlike = 5;
const indent = '    ';

/** One sentence for each finding. What all of them share is shown once. */
function groupLines(name: string, findings: readonly [ReportedFinding, ...ReportedFinding[]], page: AuditPage): string {
  const [first] = findings;
  const shown = page.listAll ? findings : findings.slice(0, mostAlike);
  const more = findings.length - shown.length;
  const place = placeWords(first.account, first.region);
  const isOnePlace = findings.every(({ account, region }) => placeWords(account, region) === place);
  const bodies = findings.map((one) => bodyTexts(one, page).map(({ says }) => says));
  const shared = (bodies[0] ?? []).filter((text) => bodies.every((body) => body.includes(text)));
  const title = `${name}, ${numberText(findings.length)} findings${isOnePlace ? `, ${place}` : ''}`;
  return [
    `  ${signed(page, signOf(first), wrap(title, page.width, indent).trimStart())}`,
    ...shown.map(({ says, account, region }) =>
      wrap(`- ${says}${isOnePlace ? '' : ` (${placeWords(account, region)})`}.`, page.width, `${indent}  `).replace(
        `${indent}  `,
        indent,
      ),
    ),
    ...(more === 0 ? [] : [`${indent}- ${more} more (--list-all)`]),
    ...shared.map((text) => wrap(text, page.width, indent)),
    page.paint.faint(wrap('For the backups and the deciding statements: --verbose', page.width, indent)),
  ].join('\n');
}

function findingLines(finding: ReportedFinding, page: AuditPage): string {
  const { severity, says, account, region, code, id, state } = finding;
  const all = state === 'undecided' || finding.affected.length === 0 ? finding.maybe : finding.affected;
  const things = isShort(finding, page) ? [] : all;
  return [
    `  ${signed(page, signOf(finding), wrap(`${severity}: ${says}.`, page.width, indent).trimStart())}`,
    page.paint.faint(wrap(`${code} ${id}, ${placeWords(account, region)}`, page.width, indent)),
    ...(page.verbose ? [page.paint.faint(`${indent}${finding.page}`)] : []),
    ...things.map(({ kind, names }) =>
      wrap(
        `${kind}: ${namesText(names, page, kind === 'principals' ? namesSeenFrom(account) : undefined)}`,
        page.width,
        indent,
      ),
    ),
    ...bodyTexts(finding, page).flatMap(({ says: text, commands = [] }) => [
      wrap(text, page.width, indent),
      ...commands.map((command) => `${indent}  ${command}`),
    ]),
  ].join('\n');
}

/** Whether a finding is a note, which needs no action. Its names are shown on demand. */
function isShort({ severity, state }: ReportedFinding, { verbose, listAll }: AuditPage): boolean {
  return severity === 'note' && state === 'holds' && !verbose && !listAll;
}

function signOf({ state, severity }: ReportedFinding): Sign {
  if (state === 'accepted') return notable;
  return state === 'holds' ? signs[severity] : doubtful;
}

/** A sentence about a finding. `commands` follow on lines of their own, so that they can be copied. */
interface BodyText {
  readonly says: string;
  readonly commands?: readonly string[];
}

function bodyTexts(finding: ReportedFinding, page: AuditPage): readonly BodyText[] {
  const { details, statements, dependsOn, weakenedBy, accepted } = finding;
  const open = decidingTexts(dependsOn, (facts) => `Depends on: ${shortList(facts, mostNames, page)}.`);
  const most = page.listAll ? open.length : mostNames;
  const hidden = open.length - most;
  const fixes = finding.fixes.flatMap((id) => page.fixes.get(id) ?? []);
  const before = [
    ...(isShort(finding, page) ? [] : details),
    ...(statements.length === 0 || isShort(finding, page)
      ? []
      : [`Decided by: ${shortList(statements, mostNames, page)}.`]),
    ...open.slice(0, most),
    ...(hidden > 0 ? [`${counted(hidden, 'more fact')} would settle this (--list-all).`] : []),
  ];
  const after = [
    ...(accepted === undefined ? [] : [acceptedText(accepted)]),
    ...(weakenedBy.length === 0 ? [] : [`Not everything was read: see ${weakenedBy.join(', ')}.`]),
  ];
  return [
    ...before.map((says) => ({ says })),
    ...fixes.map((fix) =>
      page.verbose
        ? { says: `${auditFixText(fix)} ${auditFixCommandsTitle(fix)}`, commands: fix.commands }
        : { says: `${auditFixText(fix)} Commands: --verbose` },
    ),
    ...after.map((says) => ({ says })),
  ];
}

function acceptedText({ by, reason, until, ticket }: NonNullable<ReportedFinding['accepted']>): string {
  const why = ticket === undefined ? reason : `${reason} (${ticket})`;
  return `Accepted by ${by === 'baseline' ? 'the baseline' : 'an exception'} until ${until}: ${why.replace(/\.$/, '')}.`;
}

const mostNames = 5;

function namesText(names: readonly string[], page: ReportStyle, nameOf?: (arn: string) => string): string {
  return shortNames(names, mostNames, page, nameOf);
}

/** Entries of the baseline that can be removed. */
function staleSection(stale: NonNullable<AuditReport['stale']>, page: ReportStyle): readonly string[] {
  if (stale.length === 0) return [];
  const shown = page.listAll ? stale : stale.slice(0, mostUnread);
  const more = stale.length - shown.length;
  const lines = shown.map(({ id, code, subject }) => `  ${id}  ${code} ${shortName(subject)}`);
  return [
    section(
      `No longer needed in the baseline (${stale.length})`,
      [...lines, ...(more === 0 ? [] : [`  and ${numberText(more)} more (--list-all)`])],
      page,
    ),
  ];
}

function keySection(keys: readonly AuditedKey[], page: ReportStyle): readonly string[] {
  if (keys.length === 0) return [];
  const worst = keys.toSorted(
    (one, other) => other.byNobody - one.byNobody || other.undecided - one.undecided || other.backups - one.backups,
  );
  const shown = page.listAll ? worst : worst.slice(0, mostKeys);
  const rows = shown.map(
    (key): Row => ({
      cells: [
        key.keyAlias ?? (key.key === null ? 'no known key' : shortName(key.key)),
        key.account,
        key.region,
        numberText(key.backups),
        numberText(key.restorable),
        numberText(key.byNobody),
        numberText(key.undecided),
      ],
      last: holdersText(key, page),
      below: [],
      paint: key.byNobody > 0 ? page.paint.bad : key.undecided > 0 ? page.paint.doubtful : (text) => text,
    }),
  );
  const titles = ['KEY', 'ACCOUNT', 'REGION', 'BACKUPS', 'OK', 'NOBODY', 'UNDECIDED', 'WHO CAN RESTORE'];
  const more = keys.length - shown.length;
  return [
    [tableText(titles, rows, page), ...(more === 0 ? [] : [`  and ${numberText(more)} more (--list-all)`])].join('\n'),
  ];
}

const mostKeys = 20;

function holdersText({ account, holders, undecided }: AuditedKey, page: ReportStyle): string {
  if (holders.length > 0) return shortNames(holders, mostNames, page, namesSeenFrom(account));
  return undecided > 0 ? 'not known' : 'nobody';
}

function lastLine({ severity, warnings }: AuditReport, page: ReportStyle): string {
  return [
    ...warnings.map(({ text }) => wrap(sentence(withoutStop(text)), page.width, '')),
    page.paint.faint(
      wrap(
        `Findings of severity ${severity} or worse lead to exit code 1. docs/audit.md explains each code. All names: --list-all`,
        page.width,
        '',
      ),
    ),
  ].join('\n');
}
