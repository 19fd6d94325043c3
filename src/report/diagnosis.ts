import { shortName } from '../base/arn.ts';
import { counted, sentence } from '../base/wording.ts';
import type { Diagnosis } from '../contract/report.ts';
import { type Page, type ReportPage, section } from './page.ts';
import { wrap } from './style.ts';
import { bad, contrary, doubtful, good, type Sign } from './words.ts';

/**
 * The headline and the sections of a diagnosis. `about`: what was checked. Undefined: nothing was
 * checked.
 */
export function diagnosisParts(
  diagnosis: Diagnosis,
  about: string | undefined,
  page: ReportPage,
): { readonly head: string; readonly sections: readonly string[] } {
  const { paint, width } = page;
  const { answer, incident, says, causes, missing, explanations } = diagnosis;
  // If AWS and the check agree, the reason is known, so notes on the text and the event are only
  // counted.
  const isShort = diagnosis.agreement === 'agrees' && !page.verbose;
  const answered = wrap(`${signOf(diagnosis).sign} ${answer}`, width, '  ').slice(2);
  const faint = [about ?? principalOf(incident), originOf(incident)].flatMap((line) =>
    line === '' ? [] : [paint.faint(wrap(line, width, '  '))],
  );
  const lines = (words: Diagnosis['says']) => words.map(({ text }) => wrap(sentence(text), width, '  '));
  const parts: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['Explanation', isExplained(diagnosis) ? lines(explanations) : []],
    [
      'AWS said',
      incident.error === null ? [] : [wrap(errorText(incident.error), width, '  '), ...lines(isShort ? [] : says)],
    ],
    ['Possible causes', lines(causes)],
    ['To find the cause, add', missingLines(missing, page)],
    ['Notes', isExplained(diagnosis) ? [] : lines(explanations)],
    ['Known from the event', isShort ? [] : contextLines(incident.context, page)],
  ];
  const hidden = isShort ? hiddenLines(diagnosis, page) : [];
  return {
    head: [paint.strong(paint[signOf(diagnosis).paint](answered)), ...faint].join('\n'),
    sections: [
      ...parts.filter(([, shown]) => shown.length > 0).map(([title, shown]) => section(title, shown, page)),
      ...hidden,
    ],
  };
}

/** What is hidden, and the flag that shows it. */
function hiddenLines({ incident, says }: Diagnosis, { paint, width }: Page): readonly string[] {
  const keys = Object.keys(incident.context).length;
  const parts = [
    ...(incident.error === null || says.length === 0 ? [] : [`${counted(says.length, 'note')} on the error text`]),
    ...(keys === 0 ? [] : [`${counted(keys, 'condition key')} from the event`]),
  ];
  return parts.length === 0 ? [] : [paint.faint(wrap(`${parts.join(', ')}. Details: --verbose`, width, ''))];
}

function signOf({ agreement, incident }: Diagnosis): Sign {
  switch (agreement) {
    case 'agrees':
    case 'agrees in part':
      return incident.outcome === 'failed' ? bad : good;
    case 'differs':
    case 'not checked':
      return contrary;
    case 'open':
    case 'no check':
      return doubtful;
  }
}

/** If AWS and the check agree, there is nothing to explain. */
function isExplained({ agreement }: Diagnosis): boolean {
  return agreement !== 'agrees' && agreement !== 'no check';
}

function errorText({ code, message }: NonNullable<Diagnosis['incident']['error']>): string {
  return [code ?? '', message].filter((part) => part !== '').join(': ');
}

function principalOf({ principal }: Diagnosis['incident']): string {
  return principal === undefined ? '' : shortName(principal);
}

function originOf({ is, id, at, region }: Diagnosis['incident']): string {
  if (is === 'error text') return '';
  return [[is, id], [at], [region]]
    .map((words) => words.filter((word) => word !== undefined).join(' '))
    .filter((part) => part !== '')
    .join(', ');
}

function missingLines(missing: Diagnosis['missing'], page: Page): readonly string[] {
  const flagWidth = Math.max(...missing.map(({ flag }) => flag.length));
  return missing.map(({ flag, why }) => columns(flag.padEnd(flagWidth), why.text, page));
}

function contextLines(context: Diagnosis['incident']['context'], page: Page): readonly string[] {
  const keyWidth = Math.max(...Object.keys(context).map((key) => key.length));
  return Object.entries(context).map(([key, values]) => columns(key.padEnd(keyWidth), values.join(', '), page));
}

function columns(left: string, right: string, { width }: Page): string {
  return `  ${left}  ${wrap(right, width, ' '.repeat(left.length + 4)).trimStart()}`;
}
