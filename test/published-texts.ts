import { readFileSync } from 'node:fs';
import * as v from 'valibot';

/*
 * The program may only attribute a text to AWS if AWS publishes the text. Each text of an expected
 * error is in a table of published texts. If AWS publishes no text, the program shows only the
 * code.
 */

const table = v.parse(
  v.object({
    texts: v.array(
      v.strictObject({
        code: v.string(),
        text: v.string(),
        source: v.string(),
        /** Which test shows the text: the test of cases or of preconditions. */
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

/** Published texts that a test should show, but that none of its errors has. */
export function neverShown(by: 'cases' | 'preconditions', errors: readonly Shown[]): readonly string[] {
  return published
    .filter(({ shownBy, pattern }) => shownBy === by && !errors.some((error) => pattern.test(error?.message ?? '')))
    .map(({ text }) => text);
}
