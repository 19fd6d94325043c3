import { shortName } from '../../base/arn.ts';
import { distinctNames, namesSeenFrom, someNames } from '../../base/names.ts';
import { sentence, withoutStop } from '../../base/wording.ts';
import type { AuditedKey } from '../../contract/audit-report.ts';
import type { ReportedActionImpact, ReportedKeyImpact } from '../../contract/key-impact-report.ts';
import type { WhoCanTarget } from '../../contract/who-can-report.ts';
import { keyVerdicts } from '../row.ts';
import type { PageCell, PageTable } from './page-content.ts';
import { marks } from './page-words.ts';

/* The tables before the table of all answers. Each belongs to one command. */

/** The most lines of such a table. The others are counted. */
const mostLines = 200;
const mostNames = 5;

function cell(text: string, color?: PageCell['color']): PageCell {
  return { lines: [text], ...(color === undefined ? {} : { color }) };
}

/** `isOpen`: whether there may be further names. */
/** `home`: the account whose names need no account ID. */
function namesText(names: readonly string[], home: string, isOpen = false): string {
  if (names.length === 0) return isOpen ? 'not known' : 'nobody';
  return someNames(names, mostNames, namesSeenFrom(home));
}

function keyText({ key, keyAlias }: { readonly key: string | null; readonly keyAlias: string | null }): string {
  return keyAlias ?? (key === null ? 'no known key' : shortName(key));
}

/** The keys, with keys under which nobody can restore something first. */
export function keyTable(keys: readonly AuditedKey[]): PageTable {
  const worst = keys.toSorted((one, other) => other.byNobody - one.byNobody || other.undecided - one.undecided);
  return {
    id: 'keys',
    title: 'Backups by key',
    columns: ['Key', 'Account', 'Region', 'Backups', 'Restorable', 'By nobody', 'Undecided', 'Who can restore'],
    rows: worst
      .slice(0, mostLines)
      .map((one) => [
        cell(keyText(one)),
        cell(one.account),
        cell(one.region),
        cell(String(one.backups)),
        cell(String(one.restorable)),
        one.byNobody === 0 ? cell('0') : cell(`✗ ${one.byNobody}`, 'bad'),
        one.undecided === 0 ? cell('0') : cell(`? ${one.undecided}`, 'doubtful'),
        cell(namesText(one.holders, one.account, one.undecided > 0)),
      ]),
    rowsLeftOut: Math.max(0, worst.length - mostLines),
  };
}

/** The targets, and who can. Targets that nobody can restore come first. */
export function targetTable(targets: readonly WhoCanTarget[]): PageTable {
  const rank = ({ summary: { can, may } }: WhoCanTarget): number => (can > 0 ? 2 : may > 0 ? 1 : 0);
  const worst = targets.toSorted((one, other) => rank(one) - rank(other));
  const operations = new Set(targets.map(({ operation }) => operation));
  return {
    id: 'targets',
    title: `Who can ${operations.size === 1 ? [...operations].join('') : 'do what'}`,
    columns: [
      'Backup or database',
      ...(operations.size === 1 ? [] : ['Operation']),
      'Encrypted with key',
      'Can',
      'Who can',
      'Perhaps',
      'Cannot',
    ],
    rows: worst.slice(0, mostLines).map((one) => {
      const { sources, region, operation, summary, groups } = one;
      const able = groups.flatMap(({ standing, principals }) => (standing === 'can' ? principals : []));
      return [
        { lines: sources.length === 0 ? [region] : distinctNames(sources) },
        ...(operations.size === 1 ? [] : [cell(operation)]),
        cell(keyText(one)),
        canCell(one),
        cell(namesText(able, one.account, summary.may > 0)),
        summary.may === 0 ? cell('nobody') : cell(`? ${summary.may}`, 'doubtful'),
        cell(String(summary.nearly + summary.cannot)),
      ];
    }),
    rowsLeftOut: Math.max(0, worst.length - mostLines),
  };
}

function canCell({ summary: { can, may } }: WhoCanTarget): PageCell {
  if (can > 0) return cell(`✓ ${can}`, 'good');
  return may > 0 ? cell('? perhaps somebody', 'doubtful') : cell('✗ nobody', 'bad');
}

/** What each action does to each key, and whether it can be undone. The worst comes first. */
export function actionTable(keys: readonly ReportedKeyImpact[]): PageTable {
  const all = keys.flatMap((key) => key.actions.map((action) => ({ key, action })));
  const worst = all.toSorted((one, other) => finality(one.action) - finality(other.action));
  return {
    id: 'actions',
    title: 'What each action does, and whether it can be undone',
    columns: ['Action', ...(keys.length === 1 ? [] : ['Key']), 'Can it be undone?', 'What happens', 'Who can do it'],
    rows: worst
      .slice(0, mostLines)
      .map(({ key, action }) => [
        { lines: [action.title, `kms:${action.api}`] },
        ...(keys.length === 1 ? [] : [cell(keyText(key))]),
        undoCell(action),
        happensCell(action),
        cell(action.verdict === null ? '' : holdersText(action, key.account)),
      ]),
    rowsLeftOut: Math.max(0, worst.length - mostLines),
  };
}

/** 0: nobody can undo it. */
function finality({ verdict, inTheEnd, effects }: ReportedActionImpact): number {
  if (verdict === null) return 4;
  if (inTheEnd !== null) return 0;
  if (verdict === 'breaks' && effects.some(({ repair }) => inPart.has(repair))) return 1;
  return verdict === 'breaks' ? 2 : 3;
}

/** Repairs that do not restore everything. */
const inPart: ReadonlySet<string> = new Set(['start-within-seven-days', 'restore-a-backup', 'unknown']);

function undoCell(action: ReportedActionImpact): PageCell {
  const { verdict, inTheEnd, effects } = action;
  if (verdict === null) return cell('– does not apply');
  const undos = [...new Set(effects.map(({ undo }) => undo))];
  const more = undos.map((undo) => withoutStop(undo)).map(sentence);
  switch (finality(action)) {
    case 0:
      return { color: 'bad', lines: ['✗ cannot be undone in the end', ...(inTheEnd === null ? [] : [inTheEnd.undo])] };
    case 1:
      return { color: 'doubtful', lines: ['◐ can be undone in part, or for some days', ...more] };
    default:
      if (effects.length === 0) return cell('– nothing to undo was found');
      return { color: 'good', lines: ['✓ can be undone', ...more] };
  }
}

function happensCell({ verdict, refused, says, effects, change, inTheEnd }: ReportedActionImpact): PageCell {
  const refusal = refused === null ? [] : [sentence(withoutStop(refused.text))];
  if (verdict === null) return { lines: refusal };
  const { sign, color } = marks[outcomes[keyVerdicts[verdict]]];
  return {
    color,
    lines: [
      `${sign} ${withoutStop(says)}`,
      ...refusal,
      ...(inTheEnd === null ? [] : [inTheEnd.text]),
      ...(change?.says.map(({ text }) => sentence(withoutStop(text))) ?? []),
      ...effects.map(({ loss }) => sentence(withoutStop(loss.text))),
    ],
  };
}

const outcomes = { succeeds: 'passes', fails: 'fails', undetermined: 'undetermined' } as const;

function holdersText({ holders }: ReportedActionImpact, home: string): string {
  const doing = holders.filter(({ isUndo }) => !isUndo);
  const can = [...new Set(doing.flatMap((one) => one.can))];
  const may = [...new Set(doing.flatMap((one) => one.may))].filter((arn) => !can.includes(arn));
  if (can.length === 0) return may.length === 0 ? 'nobody who was read' : `perhaps ${namesText(may, home)}`;
  return `${namesText(can, home)}${may.length === 0 ? '' : `; perhaps ${namesText(may, home)}`}`;
}
