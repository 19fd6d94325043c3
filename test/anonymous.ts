import { anonymize } from '../src/anonymize/anonymize.ts';
import { isList } from '../src/base/json.ts';
import type { Report } from '../src/contract/report.ts';
import type { Evidence } from '../src/evidence/schema.ts';
import type { CheckQuestion } from './check-case.ts';

/* Runs a case under other names. */

/** The same question about the same evidence, with all names replaced in both. */
export function anonymous(
  evidence: Evidence,
  asked: CheckQuestion,
): { readonly evidence: Evidence; readonly question: CheckQuestion } {
  // The texts of the question are anonymized together with the evidence, so that equal names stay
  // equal.
  const { tags = {}, ...parameters } = asked.parameters ?? {};
  const plain = { ...asked, parameters: { ...parameters, tags: Object.entries(tags) } };
  const texts: string[] = [];
  JSON.stringify(plain, (_, value: unknown) => (isName(value) ? void texts.push(value) : value));
  const [without] = anonymize([{ ...evidence, ...{ question: texts } }]);
  if (without === undefined) throw new Error('nothing came back');
  const renamed: unknown = Reflect.get(without, 'question');
  const others = (isList(renamed) ? renamed : [])[Symbol.iterator]();
  const named: typeof plain = JSON.parse(JSON.stringify(plain), (_, value: unknown): unknown =>
    isName(value) ? others.next().value : value,
  );
  const { tags: renamedTags, ...untagged } = named.parameters;
  return {
    evidence: without,
    question: {
      ...named,
      operation: asked.operation,
      parameters: {
        ...untagged,
        ...(renamedTags.length === 0 ? {} : { tags: Object.fromEntries(renamedTags) }),
      },
    },
  };
}

/** AWS chooses the names of services, so those are not anonymized. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && !value.endsWith('.amazonaws.com');
}

/** The parts of a report without names. */
export function reportWithoutNames({ results }: Report) {
  return results
    .map((result) => ({
      verdict: result.verdict,
      calls: result.calls.map(({ action, decision, denial }) => [action, decision, denial]),
      preconditions: result.preconditions.map(({ name, status }) => [name, status]),
    }))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
