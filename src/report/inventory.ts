import { shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { ageText, counted, numberText, someOf, withoutStop } from '../base/wording.ts';
import type { InventoryReport, MissingReport, WarningReport } from '../contract/inventory-report.ts';
import type { Draw } from './format.ts';
import { safe } from './safe.ts';
import { type ReportStyle, type Style, wrap } from './style.ts';
import { type Row, tableText } from './table.ts';

export const drawInventory: Draw<'inventory'> = safe(({ inventory, maxAge }, style) =>
  inventoryText(inventory, style, maxAge),
);

/** What the evidence has, what it lacks for which operation, and its age. `maxAge`: in hours. */
export function inventoryText(
  { files, accounts, missing, gaps, warnings }: InventoryReport,
  style: Pick<ReportStyle, 'paint' | 'width' | 'verbose'>,
  maxAge: number,
): string {
  const { paint, width } = style;
  const complete = missing.length === 0 && accounts.length > 0;
  const held = `evidence of ${counted(accounts.length, 'account')}`;
  const headline = complete
    ? `✓ ${held}: nothing is missing`
    : accounts.length === 0
      ? '? the evidence has no account'
      : `? ${held}: ${counted(missing.length, 'fact')} missing`;
  const nameWidth = Math.max(...files.map(({ from }) => from.length));
  const dates = files.map(({ from, collectedAt, ageInHours: age }) => {
    const old = age !== undefined && age > maxAge ? `, older than ${ageText(maxAge)}` : '';
    const read =
      age === undefined
        ? `read at \`${collectedAt ?? ''}\`, which is not a time`
        : age < 0
          ? `read in the future (${collectedAt ?? ''})`
          : `read ${ageText(age)} ago (${collectedAt ?? ''})${old}`;
    return `  ${from.padEnd(nameWidth)}  ${collectedAt === undefined ? 'has no date (collectedAt)' : read}`;
  });
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [[paint.strong(title), ...lines].join('\n')];
  const sections = [
    paint.strong(paint[complete ? 'good' : 'doubtful'](headline)),
    ...section('Files', dates),
    ...accounts.flatMap(({ account, iam, organization, regions }) => {
      const rows = [
        ['IAM', iam.length === 0 ? 'not known' : iam.join(', ')],
        ['organization', organization],
        ...regions.map(({ region, holds }) => [region, holds.length === 0 ? 'nothing' : holds.join(', ')]),
      ] as const;
      const labelWidth = Math.max(...rows.map(([label = '']) => label.length));
      return section(
        `Account ${account}`,
        rows.map(([label = '', text = '']) => {
          const indent = ' '.repeat(labelWidth + 4);
          return `  ${label.padEnd(labelWidth)}  ${wrap(text, width, indent).trimStart()}`;
        }),
      );
    }),
    ...section('Missing', missingLines(missing, accounts.length, style)),
    ...section(
      'Not read',
      gaps.map(({ what, resource, account, reason }) => {
        const on = resource === undefined ? '' : ` on ${shortName(resource)}`;
        return wrap(`${what}${on}${account === undefined ? '' : ` (account ${account})`}: ${reason}`, width, '  ');
      }),
    ),
    ...section('Notes on policies', warningLines(warnings, style)),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** The most warnings of one code to show. */
const most = 10;

function warningLines(warnings: readonly WarningReport[], { width }: Style): readonly string[] {
  return [...groupBy(warnings, ({ code }) => code).values()].flatMap((group) => [
    ...group.slice(0, most).map(({ path, text }) => wrap(`${path} ${withoutStop(text)}.`, width, '  ')),
    ...(group.length > most
      ? [`  and ${numberText(group.length - most)} more like this (--output json lists all)`]
      : []),
  ]);
}

/** The words for the operations that need the missing data. */
const effects: Readonly<Record<MissingReport['effect'], string>> = {
  undetermined: 'may be undetermined:',
  assumed: 'assumed by',
  'not looked at': 'skipped by',
  refused: 'needed by',
};

/** `accounts`: how many accounts the evidence has. */
function missingLines(
  missing: readonly MissingReport[],
  accounts: number,
  style: Pick<ReportStyle, 'paint' | 'width' | 'verbose'>,
): readonly string[] {
  if (missing.length > 0 && !style.verbose) return missingTable(missing, accounts, style);
  return missing.map((one) => missingText(one, style));
}

const mostNames = 3;

/** Data that is missing for the same reason in several places shares a row. */
function missingTable(missing: readonly MissingReport[], accounts: number, { paint, width }: Style): readonly string[] {
  const groups = groupBy(missing, ({ what, effect, operations }) => JSON.stringify([what, effect, operations]));
  const rows = [...groups.values()].map((alike): Row => {
    const [{ what, effect, operations }] = alike;
    const places = alike.map(({ account, region }) =>
      [...(region === undefined ? [] : [region]), ...(accounts > 1 ? [account] : [])].join(' of '),
    );
    const hindered = operations === 'all' ? 'every operation' : someOf(operations, mostNames);
    return {
      cells: [what, someOf(places, mostNames)],
      last: `${effects[effect]} ${hindered}`,
      below: [],
      paint: (text) => text,
    };
  });
  return [
    tableText(['WHAT', 'WHERE', 'EFFECT'], rows, { paint, width }),
    paint.faint('  Commands that read what is missing: --verbose'),
  ];
}

function missingText({ what, account, region, operations, effect, command }: MissingReport, style: Style): string {
  const where = `${region === undefined ? '' : `${region}, `}account ${account}`;
  const hindered = operations === 'all' ? 'every operation' : operations.join(', ');
  return [
    wrap(`${what} (${where})`, style.width, '  '),
    style.paint.faint(wrap(`${effects[effect]} ${hindered}`, style.width, '    ')),
    // The command is not wrapped, so that it can be copied.
    ...(command === undefined ? [] : [`    ${command}`]),
  ].join('\n');
}
