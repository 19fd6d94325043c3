import type { AnswerKind, Answers, Draws, ReportedFailure } from '../format.ts';
import { type ShownIn, unknownFormat } from '../format-rows.ts';
import { harmless } from '../harmless.ts';
import { failurePage } from '../html/failure-page.ts';
import { drawPage } from '../html/page.ts';
import { pageAnswers } from '../html/page-answers.ts';
import { type PageAnswer, pageContent } from '../html/page-content.ts';
import { drawFolder, type FolderPage, indexName } from '../html/page-folder.ts';
import type { Places } from '../style.ts';

/** One page in one file, for people without a terminal. */
export const html: Draws<ShownIn<'html'>> = {
  check: (answer, { places }) => drawPage(pageContent(pageAnswers.check(answer, places))),
  diff: (answer, { places }) => drawPage(pageContent(pageAnswers.diff(answer, places))),
  preflight: (answer, { places }) => drawPage(pageContent(pageAnswers.preflight(answer, places))),
  whoCan: (answer, { places }) => drawPage(pageContent(pageAnswers.whoCan(answer, places))),
  audit: (answer, { places }) => drawPage(pageContent(pageAnswers.audit(answer, places))),
  keyImpact: (answer, { places }) => drawPage(pageContent(pageAnswers.keyImpact(answer, places))),
  noAnswer: (failure) => failurePage(harmless(failure)),
};

const answers: { readonly [Kind in AnswerKind]?: (answer: Answers[Kind], places: Places | undefined) => PageAnswer } =
  pageAnswers;

/** The pages as a folder: an index, and a page for each account with findings. */
export function htmlFolder<Kind extends AnswerKind>(
  kind: Kind,
  answer: Answers[Kind],
  places: Places | undefined,
): readonly FolderPage[] {
  const page = answers[kind];
  if (page === undefined) throw unknownFormat(kind, 'html');
  return drawFolder(page(answer, places));
}

/** The folder of a run without an answer. */
export function failureFolder(failure: ReportedFailure): readonly FolderPage[] {
  return [{ name: indexName, text: failurePage(harmless(failure)) }];
}
