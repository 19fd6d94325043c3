import type { AnswerKind, Draw, Draws } from './format.ts';
import { type FormatName, type ShownIn, unknownFormat } from './format-rows.ts';

/*
 * The code that draws an answer, loaded on demand. A run needs one of a dozen formats, and loading
 * code takes most of the time to start.
 */

const texts: { readonly [Kind in ShownIn<'text'>]: () => Promise<Draw<Kind>> } = {
  check: async () => (await import('./text.ts')).drawCheck,
  diff: async () => (await import('./diff.ts')).drawDiff,
  preflight: async () => (await import('./preflight.ts')).drawPreflight,
  whoCan: async () => (await import('./who-can.ts')).drawWhoCan,
  audit: async () => (await import('./audit.ts')).drawAudit,
  keyImpact: async () => (await import('./key-impact.ts')).drawKeyImpact,
  inventory: async () => (await import('./inventory.ts')).drawInventory,
  operations: async () => (await import('./catalogue.ts')).drawOperations,
  operationList: async () => (await import('./operation-list.ts')).drawOperationList,
  failure: async () => (await import('./failure.ts')).drawFailure,
  noAnswer: async () => (await import('./failure.ts')).drawFailure,
};

const others: { readonly [Name in Exclude<FormatName, 'text'>]: () => Promise<Draws<ShownIn<Name>>> } = {
  markdown: async () => (await import('./formats/markdown.ts')).markdown,
  json: async () => (await import('./formats/json.ts')).json,
  jsonl: async () => (await import('./formats/jsonl.ts')).jsonl,
  csv: async () => (await import('./formats/csv.ts')).csv,
  html: async () => (await import('./formats/html.ts')).html,
  junit: async () => (await import('./formats/junit.ts')).junit,
  'junit-strict': async () => (await import('./formats/junit-strict.ts')).junitStrict,
  sarif: async () => (await import('./formats/sarif.ts')).sarif,
  gitlab: async () => (await import('./formats/gitlab.ts')).gitlab,
  github: async () => (await import('./formats/github.ts')).github,
  azure: async () => (await import('./formats/azure.ts')).azure,
};

const textLoads: { readonly [Kind in AnswerKind]?: () => Promise<Draw<Kind>> } = texts;

const otherLoads: ReadonlyMap<string, () => Promise<Partial<Draws<AnswerKind>>>> = new Map(Object.entries(others));

/**
 * The function that draws this kind of answer in the format with this name.
 * @throws Failure with the names of the formats if this kind of answer has no such format
 */
export async function drawing<Kind extends AnswerKind>(kind: Kind, name: string): Promise<Draw<Kind>> {
  const draw: Draw<Kind> | undefined =
    name === 'text' ? await textLoads[kind]?.() : (await otherLoads.get(name)?.())?.[kind];
  if (draw === undefined) throw unknownFormat(kind, name);
  return draw;
}
