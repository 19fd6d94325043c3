import { accountOf, isRootArn, shortName } from '../base/arn.ts';
import { counted, list, sentence, withoutStop } from '../base/wording.ts';
import type { WhoCanGroup, WhoCanReport, WhoCanTarget } from '../contract/who-can-report.ts';
import { keyPhrase } from '../explain/names.ts';
import { assumedSection } from './assumed.ts';
import type { Draw } from './format.ts';
import { section, shortList, shortNames, signed } from './page.ts';
import { planSections } from './plan.ts';
import { safe } from './safe.ts';
import { type ReportStyle, wrap } from './style.ts';
import { bad, doubtful, good, type Sign, verdictSigns } from './words.ts';

type Standing = WhoCanGroup['standing'];

const titles: Readonly<Record<Standing, string>> = {
  can: 'Can',
  may: 'May',
  nearly: 'Nearly can',
  cannot: 'Cannot',
};
const signs: Readonly<Record<Standing, Sign>> = { can: good, may: doubtful, nearly: bad, cannot: bad };

export const drawWhoCan: Draw<'whoCan'> = safe((report, style) => whoCanText(report, style));

/** Counts come first, then names by standing. A reason that many principals share is shown once. */
function whoCanText(report: WhoCanReport, page: ReportStyle): string {
  const { answer, verdict, targets, assumed = [] } = report;
  const headline = signed(page, verdictSigns[verdict], wrap(answer, page.width - 2, '  ').trimStart());
  const [only, ...others] = targets;
  const parts =
    only !== undefined && others.length === 0
      ? [`${page.paint.strong(headline)}\n${placeLine(only, page)}`, ...standingSections(only, page)]
      : [
          page.paint.strong(headline),
          ...targets.flatMap((one) => [
            `${page.paint.strong(wrap(one.says, page.width, ''))}\n${placeLine(one, page)}`,
            ...standingSections(one, page),
          ]),
        ];
  const [head = '', ...rest] = parts;
  return `${[
    head,
    ...(assumed.length === 0 ? [] : [assumedSection(assumed, page)]),
    ...rest,
    ...unexpectedSection(report, page),
    ...notReadSections(report, page),
    ...planSections(report.plans, page),
    totals(report, page),
  ].join('\n\n')}\n`;
}

function placeLine({ sources, account, region, key, keyAlias }: WhoCanTarget, page: ReportStyle): string {
  const named = key === null ? [] : [keyPhrase(keyAlias ?? shortName(key))];
  const all = sources.length > 1 ? [`sources: ${names(sources, page, account)}`] : [];
  return page.paint.faint(wrap([region, `account ${account}`, ...named, ...all].join(', '), page.width, '  '));
}

function standingSections({ groups, account }: WhoCanTarget, page: ReportStyle): readonly string[] {
  return (['can', 'may', 'nearly', 'cannot'] as const).flatMap((standing) => {
    const alike = groups.filter((group) => group.standing === standing);
    const count = alike.reduce((sum, { principals }) => sum + principals.length, 0);
    if (count === 0) return [];
    return [
      section(
        `${titles[standing]} (${count})`,
        alike.map((group) => groupLines(group, page, account)),
        page,
      ),
    ];
  });
}

const indent = '    ';

/** `account`: the account of the target. */
function groupLines(group: WhoCanGroup, page: ReportStyle, account: string): string {
  const { standing, principals, says, reasons, dependsOn, byAnotherRequest } = group;
  const isNamed = standing === 'can' || standing === 'cannot';
  const title = isNamed ? names(principals, page, account) : `${says}.`;
  const isOpen = standing === 'may' && byAnotherRequest !== true;
  const shown = page.verbose ? reasons : isOpen ? reasons.slice(0, 1) : [];
  return [
    `  ${signed(page, signs[standing], wrap(title, page.width, indent).trimStart())}`,
    ...(isNamed || principals.length === 1 ? [] : [wrap(names(principals, page, account), page.width, indent)]),
    ...reasonLines({ ...group, reasons: shown }, page, account),
    ...(page.verbose && principals.length > 1 ? decidedByLines(group, page, account) : []),
    ...(dependsOn.length === 0
      ? []
      : [wrap(`Depends on: ${shortList(dependsOn, mostNames, page)}.`, page.width, indent)]),
  ].join('\n');
}

/** The reasons name the first principal. */
function reasonLines({ principals, reasons }: WhoCanGroup, page: ReportStyle, account: string): readonly string[] {
  const [first = ''] = principals;
  const of = principals.length === 1 ? 'Why' : `Why (${nameOf(first, account)})`;
  return reasons.map(({ text }) => wrap(`${of}: ${text}.`, page.width, `${indent}  `));
}

function decidedByLines({ decidedBy }: WhoCanGroup, page: ReportStyle, account: string): readonly string[] {
  return decidedBy.map(({ principals, by }) =>
    wrap(`Decided by (${names(principals, page, account)}): ${list(by)}.`, page.width, `${indent}  `),
  );
}

/** The most names to show, unless the user asks for all. */
const mostNames = 10;

/** `account`: the account whose names need no account ID. */
function names(arns: readonly string[], page: ReportStyle, account: string): string {
  return shortNames(arns, mostNames, page, (arn) => nameOf(arn, account));
}

/** Principals of several accounts can have the same names. */
function nameOf(arn: string, home: string): string {
  const account = accountOf(arn);
  if (isRootArn(arn)) return `the root user of account ${account}`;
  return account === home ? shortName(arn) : `${shortName(arn)} of account ${account}`;
}

function unexpectedSection(
  { expected, targets, notRead, verdict, doubts = [] }: WhoCanReport,
  page: ReportStyle,
): readonly string[] {
  if (expected === undefined) return [];
  const lines = targets.flatMap(({ unexpected, sources, account }) =>
    (['can', 'may'] as const).flatMap((standing) => {
      const arns = unexpected?.[standing] ?? [];
      const on = targets.length === 1 ? '' : ` (${names(sources, page, account)})`;
      return arns.length === 0
        ? []
        : [
            `  ${signed(page, standing === 'can' ? bad : doubtful, wrap(`${names(arns, page, account)} ${standing === 'can' ? 'can' : 'may be able to'}${on}`, page.width, indent).trimStart())}`,
          ];
    }),
  );
  const whom = expected.length === 0 ? 'nobody' : list(expected);
  const isPartial = notRead.length > 0 || (verdict === 'undetermined' && doubts.length === 0);
  return [
    lines.length === 0
      ? wrap(
          `${isPartial ? 'Nobody' : 'As expected: nobody'} ${expected.length === 0 ? 'can' : `else can (expected: ${whom})`}${isPartial ? ', but not everybody was checked' : ''}.`,
          page.width,
          '',
        )
      : section(`Unexpected (expected: ${whom})`, lines, page),
  ];
}

function notReadSections(report: WhoCanReport, page: ReportStyle): readonly string[] {
  const { doubts = [], assumptions, notRead, notChecked = [], warnings } = report;
  const titled = [
    { title: 'Not certain', of: doubts },
    { title: 'Assumptions', of: assumptions },
    { title: 'Not read', of: notRead },
    { title: 'Not checked', of: notChecked },
    { title: 'Notes', of: warnings },
  ];
  return titled.flatMap(({ title, of }) => {
    const lines = of.map(({ text }) => wrap(sentence(withoutStop(text)), page.width, '  '));
    return lines.length === 0 ? [] : [section(title, lines, page)];
  });
}

function totals({ asked, serviceLinked, targets }: WhoCanReport, page: ReportStyle): string {
  const linked = serviceLinked === 0 ? '' : ` ${counted(serviceLinked, 'service-linked role')} not checked.`;
  const hasWhy = targets.some(({ groups }) => groups.some(({ standing }) => standing !== 'cannot'));
  return wrap(
    `${counted(asked, 'principal')} checked.${linked}${hasWhy && !page.verbose ? ' Every reason: --verbose' : ''}`,
    page.width,
    '',
  );
}
