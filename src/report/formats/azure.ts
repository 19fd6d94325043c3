import { numberText } from '../../base/wording.ts';
import { type Case, type CaseReport, drawnAsCases } from '../cases.ts';
import { shortened } from '../ci-escape.ts';
import type { Draws } from '../format.ts';
import type { ShownIn } from '../format-rows.ts';
import { harmless } from '../harmless.ts';
import type { ReportStyle } from '../style.ts';

/** Commands for Azure Pipelines, which shows them as issues of the task. */
export const azure: Draws<ShownIn<'azure'>> = {
  ...drawnAsCases((report, { exitsZero }) => issues(report, exitsZero)),
  noAnswer: (failure) => {
    const { message, next } = harmless(failure);
    return command('task.logissue', { type: 'error' }, next === undefined ? message : `${message}: ${next}`);
  },
};

/** The same limit for each kind as on GitHub. The output has the others. */
const most = 10;
const longest = 4000;

const types = [
  ['fails', 'error'],
  ['undetermined', 'warning'],
] as const;

/** If the task continues although something is wrong, its result says so. */
function issues({ cases, verdict }: CaseReport, exitsZero: ReportStyle['exitsZero']): string {
  const commands = types.flatMap(([outcome, type]) => {
    const all = cases.filter((one) => one.outcome === outcome);
    const shown = all.length > most ? all.slice(0, most - 1) : all;
    const hidden = all.length - shown.length;
    return [
      ...shown.map((one) => command('task.logissue', { type, ...propertiesOf(one) }, textOf(one))),
      ...(hidden === 0
        ? []
        : [command('task.logissue', { type }, `${numberText(hidden)} more of this kind: see the output of the task`)]),
    ];
  });
  const isLenient = verdict !== 'succeeds' && exitsZero?.(verdict) === true;
  return [...commands, ...(isLenient ? [command('task.complete', { result: 'SucceededWithIssues' }, '')] : [])].join(
    '',
  );
}

function textOf({ says, details }: Case): string {
  return shortened([`${says}.`, ...details].join(' '), longest);
}

function propertiesOf({ place, code }: Case): Readonly<Record<string, string>> {
  return { ...(place === undefined ? {} : { sourcepath: place.file, linenumber: String(place.line) }), code };
}

function command(name: string, properties: Readonly<Record<string, string>>, text: string): string {
  const all = Object.entries(properties).map(([key, value]) => `${key}=${propertyValue(value)};`);
  return `##vso[${name} ${all.join('')}]${data(text)}\n`;
}

/** Escapes a text as the agent of Azure reads it. */
function data(text: string): string {
  return text.replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function propertyValue(text: string): string {
  return data(text).replaceAll(';', '%3B').replaceAll(']', '%5D');
}
