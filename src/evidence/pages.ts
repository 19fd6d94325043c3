import { oneLine } from '../base/escape.ts';
import { Failure } from '../base/failure.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import { evidenceFields, type Fields } from './lists.ts';

/*
 * Finds lists that are only a page of a longer list. A list that is present counts as complete, so
 * the program would take what is on the other pages for absent.
 */

/** With these fields, AWS and the AWS CLI say that a list goes on. */
const saysMore = ['IsTruncated', 'Truncated', 'Marker', 'NextMarker', 'NextToken'];

/** @throws Failure if a part of the evidence is one page of an answer of AWS that has more pages */
export function refusePages(from: string, evidence: Json): void {
  const [first, ...others] = pagesIn(evidenceFields, evidence, '');
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new Failure(
    'input',
    `${from}: \`${oneLine(first)}\` says that AWS has more pages, so the lists beside it are not complete${more}`,
    'read all pages: leave out --max-items and --no-paginate of the AWS CLI',
  );
}

/**
 * The paths of the fields. `path`: the path of the object, with a dot at its end. Of the items of
 * lists, only those that hold several answers of AWS are searched, such as keys.
 */
function pagesIn({ lists = {}, objects = {}, each }: Fields, object: Json, path: string): readonly string[] {
  const own = saysMore.filter((name) => isMore(object[name])).map((name) => `${path}${name}`);
  const inner = Object.entries(object).flatMap(([name, value]) => {
    const [list, fields] = [lists[name], each ?? objects[name]];
    if (list?.inParts === true && isList(value))
      return value.flatMap((item, index) => (isJson(item) ? pagesIn(list, item, `${path}${name}[${index}].`) : []));
    return fields !== undefined && isJson(value) ? pagesIn(fields, value, `${path}${name}.`) : [];
  });
  return [...own, ...inner];
}

function isMore(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value !== '');
}
