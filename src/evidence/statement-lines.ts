/** The identity of a statement: its name in a report. */
export interface WantedStatement {
  /** The name or ARN of the policy. For a key policy: the ARN of the key. */
  readonly name: string;
  readonly statement: number;
  readonly sid?: string | undefined;
  readonly effect: string;
}

/** An object or a list of JSON that is being read. */
interface Open {
  readonly isList: boolean;
  readonly line: number;
  /** The name of the member that is being read. */
  key: string;
  index: number;
  /** The texts directly in the object, by name. */
  readonly texts: Map<string, string>;
}

interface Found {
  readonly line: number;
  readonly isNamed: boolean;
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:\n]/g;

/**
 * The line, counted from 1, of a statement in the text of an evidence file. Undefined: the text
 * does not contain the statement, contains several that cannot be distinguished, or contains the
 * policy as JSON text.
 */
export function statementLine(json: string, wanted: WantedStatement): number | undefined {
  const open: Open[] = [];
  const found: Found[] = [];
  let line = 1;
  let last = '';
  let isKey = true;
  for (const [text] of json.matchAll(token)) {
    const here = open.at(-1);
    if (text === '\n') line += 1;
    else if (text === '{' || text === '[') {
      open.push({ isList: text === '[', line, key: '', index: 0, texts: new Map() });
      isKey = text === '{';
    } else if (text === '}' || text === ']') {
      open.pop();
      if (here?.isList === false && isWanted(here, open, wanted))
        found.push({ line: here.line, isNamed: isOf(open, wanted.name) });
      // The owner of a policy may be named in another object next to it (KeyMetadata).
      const outer = open.at(-1);
      if (here?.isList === false && outer?.isList === false)
        for (const [name, one] of here.texts) if (!name.includes('/')) outer.texts.set(`${outer.key}/${name}`, one);
      isKey = false;
    } else if (text === ':') {
      if (here !== undefined) here.key = last;
      isKey = false;
    } else if (text === ',') {
      if (here !== undefined) here.index += 1;
      isKey = here?.isList === false;
    } else if (isKey) last = textOf(text);
    else if (here?.isList === false) here.texts.set(here.key, textOf(text));
  }
  const named = found.filter(({ isNamed }) => isNamed);
  const among = named.length > 0 ? named : found;
  return among.length === 1 ? among[0]?.line : undefined;
}

function textOf(quoted: string): string {
  // Most texts have no escapes.
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}

function isWanted({ texts }: Open, open: readonly Open[], { statement, sid, effect }: WantedStatement): boolean {
  if (texts.get('Effect') !== effect || (texts.get('Sid') ?? '') !== (sid ?? '')) return false;
  const [outer, list] = [open.at(-2), open.at(-1)];
  if (list?.isList === true) return outer?.key === 'Statement' && list.index === statement;
  return list?.key === 'Statement' && statement === 0;
}

/** Whether the object around a statement has the name of its policy, or of its key. */
function isOf(open: readonly Open[], name: string): boolean {
  const last = name.slice(name.lastIndexOf('/') + 1);
  return open.some(
    ({ texts, key }) => key === name || [...texts.values()].some((text) => text === name || text === last),
  );
}
