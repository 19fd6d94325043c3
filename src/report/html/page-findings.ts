import { counted } from '../../base/wording.ts';
import type { CaseOutcome } from '../cases.ts';
import { xmlText } from '../ci-escape.ts';
import type { Color } from '../style.ts';
import type { PageContent, PageFinding, PageGroup } from './page-content.ts';
import { badge, leftOutLine, pageSection } from './page-parts.ts';
import { marks, type PageWords } from './page-words.ts';

/* The findings of a page. Similar findings are folded into one line. */

export function findingLines({ findings, findingsLeftOut, words }: PageContent): readonly string[] {
  if (findings.length === 0) return [];
  return pageSection('findings', words.findings, [
    ...findings.flatMap((group) => groupLines(group, words)),
    ...leftOutLine(findingsLeftOut, 'more finding'),
  ]);
}

/** The most critical findings of one kind that are shown without folding. */
const mostOpen = 10;

function groupLines({ title, findings }: PageGroup, words: PageWords): readonly string[] {
  const members = findings.flatMap((one) => findingOf(one, words));
  if (title === undefined) return members;
  const [{ outcome, severity }] = findings;
  // The worst findings are not hidden, unless they would hide the rest.
  const isOpen = severity === 'critical' && findings.length <= mostOpen;
  return [
    `<details class="group"${isOpen ? ' open' : ''}><summary>${findingBadges(outcome, severity, words)}${xmlText(title)} <span class="faint">(${counted(findings.length, 'finding')})</span></summary>`,
    ...members,
    '</details>',
  ];
}

function findingOf({ outcome, severity, says, details }: PageFinding, words: PageWords): readonly string[] {
  return [
    `<details class="finding"><summary>${findingBadges(outcome, severity, words)}${xmlText(says)}</summary>`,
    details.length === 0
      ? '<p>Nothing more is known.</p>'
      : `<ul>${details.map((text) => `<li>${xmlText(text)}</li>`).join('')}</ul>`,
    '</details>',
  ];
}

const severities: ReadonlyMap<string, { readonly sign: string; readonly color: Color }> = new Map([
  ['critical', marks.fails],
  ['high', marks.fails],
  ['medium', { sign: '!', color: 'doubtful' }],
  ['note', marks.noted],
]);

/** A finding with a severity holds, unless its badge says otherwise. */
function findingBadges(outcome: CaseOutcome, severity: string | undefined, words: PageWords): string {
  if (severity === undefined) return badge(outcome, words.one);
  const { sign, color } = severities.get(severity) ?? marks[outcome];
  if (outcome === 'fails' || outcome === 'noted')
    return `<span class="badge ${color}">${sign} ${xmlText(severity)}</span>`;
  return `${badge(outcome, words.one)}<span class="badge ${marks[outcome].color}">${xmlText(severity)}</span>`;
}
