import { groupBy } from '../../base/group.ts';
import { capital, counted } from '../../base/wording.ts';
import { type Case, type CaseOutcome, outcomesOf } from '../cases.ts';
import { xmlText } from '../ci-escape.ts';
import type { AnsweredRow } from '../row.ts';
import { bannerLines, drawPage, unreadLines } from './page.ts';
import { type PageAnswer, pageContent } from './page-content.ts';
import { pageOf } from './page-head.ts';
import { pageSection } from './page-parts.ts';
import { marks, pageWords } from './page-words.ts';

/*
 * A folder of pages: an index, and a page for each account with a finding. Findings without an
 * account have a page of their own.
 */

export interface FolderPage {
  /** The file name. */
  readonly name: string;
  readonly text: string;
}

export const indexName = 'index.html';

const noAccount = 'other';

export function drawFolder(answer: PageAnswer): readonly FolderPage[] {
  const { report, rows } = answer;
  const casesOfAccount = groupBy(report.cases, ({ account = noAccount }) => account);
  const rowsOfAccount = groupBy(rows, ({ row }) => row.account ?? noAccount);
  const accounts = [...new Set([...casesOfAccount.keys(), ...rowsOfAccount.keys()])].toSorted();
  const parts = accounts.map((account) => {
    const cases = casesOfAccount.get(account) ?? [];
    const counts = outcomesOf(cases);
    const wrong = counts.fails + counts.undetermined + counts.exception;
    return { account, cases, counts, rows: rowsOfAccount.get(account) ?? [], wrong };
  });
  const pages = parts
    .filter(({ wrong }) => wrong > 0)
    .map(({ account, cases, rows: own, counts }): FolderPage => {
      const verdict = counts.fails > 0 ? 'fails' : counts.undetermined > 0 ? 'undetermined' : 'succeeds';
      const part = { ...report, cases, verdict, answer: `${titleOf(account)}: ${countsText(counts)}` } as const;
      return { name: pageName(account), text: drawPage(pageContent({ ...answer, report: part, rows: own }, account)) };
    });
  return [{ name: indexName, text: indexPage(answer, parts) }, ...pages];
}

interface Part {
  readonly cases: readonly Case[];
  readonly rows: readonly AnsweredRow[];
  readonly account: string;
  readonly counts: Readonly<Record<CaseOutcome, number>>;
  readonly wrong: number;
}

/** The account of the worst finding comes first. */
function indexPage(answer: PageAnswer, parts: readonly Part[]): string {
  const content = pageContent({ ...answer, rows: [] });
  const words = pageWords[answer.kind].one;
  const columns = (['fails', 'undetermined', 'exception', 'passes'] as const).filter((outcome) =>
    parts.some(({ counts }) => counts[outcome] > 0),
  );
  const all = answer.report.cases;
  const worstOf = ({ cases }: Part): Case | undefined => cases.find(({ outcome }) => outcome !== 'passes');
  const headOf = (outcome: (typeof columns)[number]): string => `${marks[outcome].sign} ${capital(words[outcome])}`;
  const rank = (part: Part): number => {
    const worst = worstOf(part);
    return worst === undefined ? all.length : all.indexOf(worst);
  };
  const lines = parts
    .toSorted((one, other) => rank(one) - rank(other))
    .map((part) => {
      const { account, counts, wrong } = part;
      const name = xmlText(titleOf(account));
      const cell = wrong === 0 ? name : `<a href="${pageName(account)}">${name}</a>`;
      // An account without data has only rows.
      const says = worstOf(part)?.says ?? part.rows[0]?.reason?.text ?? '';
      return `<tr><th scope="row">${cell}</th>${columns.map((one) => `<td class="short" data-label="${headOf(one)}">${counts[one]}</td>`).join('')}<td data-label="Comes first">${xmlText(says)}</td></tr>`;
    });
  const heads = columns.map((one) => `<th scope="col">${headOf(one)}</th>`).join('');
  return pageOf(`${content.title}: ${content.answer}`, [
    ...bannerLines(content),
    '<main>',
    ...unreadLines(content),
    ...pageSection('accounts', `${counted(parts.length, 'account')}, the worst first`, [
      '<table class="answers">',
      '<caption>Accounts without a finding have no page.</caption>',
      `<thead><tr><th scope="col">Account</th>${heads}<th scope="col">Comes first</th></tr></thead>`,
      '<tbody>',
      ...lines,
      '</tbody>',
      '</table>',
    ]),
    '</main>',
  ]);
}

function titleOf(account: string): string {
  return account === noAccount ? 'What belongs to no account' : `Account ${account}`;
}

function pageName(account: string): string {
  return `account-${account}.html`;
}

function countsText({ fails, undetermined, passes }: Readonly<Record<CaseOutcome, number>>): string {
  return `${fails} ${fails === 1 ? 'fails' : 'fail'}, ${undetermined} undetermined, ${passes} ${passes === 1 ? 'passes' : 'pass'}`;
}
