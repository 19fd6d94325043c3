import { parseSync, Visitor } from 'oxc-parser';

/**
 * Code in which no object literal of several parts begins with a copy: `{ ...one, name }` becomes
 * `{ ...null, ...one, name }`, which means the same. Node 20 takes 4 microseconds or more for the first
 * form, and about 1 for the second. The program makes tens of thousands of such copies: checking a plan
 * took 6 to 18% longer. Later versions of Node take about 1 microsecond or less for either form.
 */
export function withQuickCopies(code) {
  const at = [];
  const visitor = new Visitor({
    ObjectExpression({ properties: [first, ...others] }) {
      if (first?.type === 'SpreadElement' && others.length > 0) at.push(first.start);
    },
  });
  const { program, errors } = parseSync('bundle.js', code);
  if (errors.length > 0) throw new Error(`the bundle cannot be parsed: ${errors[0].message}`);
  visitor.visit(program);
  const starts = [0, ...at.toSorted((one, other) => one - other)];
  return starts.map((start, index) => code.slice(start, starts[index + 1])).join('...null,');
}
