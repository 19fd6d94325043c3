import { numberText } from '../../base/wording.ts';
import { type Case, type CaseReport, drawnAsCases } from '../cases.ts';
import { shortened } from '../ci-escape.ts';
import type { Draws } from '../format.ts';
import type { ShownIn } from '../format-rows.ts';
import { harmless } from '../harmless.ts';

/** Commands for GitHub Actions, which shows them as annotations. */
export const github: Draws<ShownIn<'github'>> = {
  ...drawnAsCases(annotations),
  noAnswer: (failure) => {
    const { message, next } = harmless(failure);
    return annotation('error', { title: 'aurora-kms-check' }, next === undefined ? message : `${message}\n${next}`);
  },
};

/**
 * GitHub shows at most this many annotations of each kind for a step, and silently drops the
 * others.
 */
const most = 10;
const longest = 4000;

const kinds = [
  ['fails', 'error'],
  ['undetermined', 'warning'],
  ['exception', 'notice'],
  ['noted', 'notice'],
] as const;

function annotations({ cases, suite }: CaseReport): string {
  return kinds
    .flatMap(([outcome, kind]) => {
      const all = cases.filter((one) => one.outcome === outcome);
      const shown = all.length > most ? all.slice(0, most - 1) : all;
      const hidden = all.length - shown.length;
      return [
        ...shown.map((one) => annotation(kind, propertiesOf(one), textOf(one))),
        ...(hidden === 0
          ? []
          : [
              annotation(kind, { title: suite }, `${numberText(hidden)} more of this kind: see the output of the step`),
            ]),
      ];
    })
    .join('');
}

function textOf({ says, details }: Case): string {
  return shortened([says, ...details].join('\n'), longest);
}

function propertiesOf({ name, place }: Case): Readonly<Record<string, string>> {
  return {
    ...(place === undefined ? {} : { file: place.file, line: String(place.line) }),
    title: shortened(name, 255),
  };
}

function annotation(kind: string, properties: Readonly<Record<string, string>>, text: string): string {
  const all = Object.entries(properties).map(([name, value]) => `${name}=${propertyValue(value)}`);
  return `::${kind} ${all.join(',')}::${data(text)}\n`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function propertyValue(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
