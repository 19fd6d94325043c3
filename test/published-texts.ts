import { readFileSync } from 'node:fs';
import * as v from 'valibot';

/*
 * What is shown as AWS's words is AWS's: each text of each expected error stands in a table of
 * published texts, and what AWS does not publish is its code alone.
 */

const table = v.parse(
  v.object({
    texts: v.array(
      v.strictObject({
        code: v.string(),
        text: v.string(),
        source: v.string(),
        /** Which test shows the text: that of cases or that of preconditions. */
        shownBy: v.picklist(['cases', 'preconditions']),
      }),
    ),
  }),
  JSON.parse(readFileSync(new URL('./cases/published-texts.json', import.meta.url), 'utf8')),
);
const published = table.texts.map((one) => {
  const parts = one.text.split(/<[^>]+>/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return { ...one, pattern: new RegExp(`^${parts.join('.+')}$`) };
});

type Shown = { readonly code: string; readonly message: string | null } | null | undefined;

/** Errors whose text AWS does not publish. */
export function unpublished(errors: readonly Shown[]): readonly Shown[] {
  return errors.filter(
    (error) =>
      error?.message != null &&
      !published.some((one) => one.code === error.code && one.pattern.test(error.message ?? '')),
  );
}

/** Published texts that a test should show, and that are in none of its errors. */
export function neverShown(by: 'cases' | 'preconditions', errors: readonly Shown[]): readonly string[] {
  return published
    .filter(({ shownBy, pattern }) => shownBy === by && !errors.some((error) => pattern.test(error?.message ?? '')))
    .map(({ text }) => text);
}
