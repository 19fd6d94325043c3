import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { Failure } from '../base/failure.ts';
import { type At, type Field, faultAt, type Tree } from './tree.ts';

/*
 * Reads YAML and JSON with one parser that keeps every scalar as a text, so that `012345678901`
 * stays an account ID. Only this file imports the parser, and the file is loaded only when
 * expectations are read.
 */

/** Expectations and the exceptions of an audit have the same syntax. */
const example =
  'for an example, see `aurora-kms-check preflight --help` for expectations, and docs/audit.md for exceptions';

/** The maximum size of a file, in bytes. */
const longest = 1_000_000;
/**
 * The maximum number of levels. Expectations need eight levels, and a policy in an expectation
 * needs a few more.
 */
const deepest = 60;
/**
 * The maximum number of lines, strings, lists and fields in a file, as the lexer counts them. The
 * parser needs several times as long as the lexer for each of them. 1 MB of short expectations has
 * at most 310,000.
 */
const mostParts = 350_000;

/**
 * The tree of a file. Undefined: the file is empty.
 * @throws Failure with line and column of the first fault
 */
export function parseTree(file: string, text: string): Tree | undefined {
  const plain = text.replace(/^\uFEFF/, '');
  if (Buffer.byteLength(plain) > longest)
    throw new Failure(
      'input',
      `${file}: the file is larger than 1 MB, the maximum`,
      'split the file, and name all files',
    );
  const lines = new LineCounter();
  const placeOf = (offset: number): At => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  refuseShape(file, plain);
  const parsed = parsedBy(plain, file, lines);
  const [error] = [...parsed.errors].toSorted((one, other) => one.pos[0] - other.pos[0]);
  if (error !== undefined) {
    const open = endIsMissing(error.message) ? openBefore(plain, error.pos[0]) : undefined;
    if (open !== undefined) throw faultAt(placeOf(open.offset), ...missingEnd(open.mark));
    throw faultAt(placeOf(error.pos[0]), ...complaintOf(error.code, error.message));
  }
  const { contents } = parsed;
  return contents === null ? undefined : treeOf(contents, placeOf);
}

function parsedBy(text: string, file: string, lineCounter: LineCounter) {
  try {
    return parseDocument(text, {
      schema: 'failsafe',
      lineCounter,
      prettyErrors: false,
      logLevel: 'error',
      // The parser compares each key with every other key. fieldsOf() below does not.
      uniqueKeys: false,
    });
  } catch (error) {
    throw new Failure(
      'input',
      `${file}: not valid YAML: ${error instanceof Error ? error.message : 'unreadable'}`,
      'check the syntax, and whether the file is complete',
      error,
    );
  }
}

const quoteNext = 'put the string in quotes: "*"';

function complaintOf(code: string, message: string): readonly [what: string, next: string] {
  switch (code) {
    case 'BAD_ALIAS':
      return ['YAML reads a string that begins with `*` as an alias', quoteNext];
    case 'MULTIPLE_DOCS':
      return ['the file has a second YAML document', 'put each document in its own file'];
    case 'TAB_AS_INDENT':
      return ['a tab indents this line, which YAML does not allow', 'indent with spaces'];
    case 'BLOCK_AS_IMPLICIT_KEY':
      return [
        'not valid YAML: a field begins inside the value of another field',
        'begin each field on its own line, indented like its neighbors',
      ];
    default:
      // Some messages of the parser quote the whole file.
      return [`not valid YAML: ${shortened(message)}`, example];
  }
}

/** Whether the parser says that a bracket or a quote is not closed. */
function endIsMissing(message: string): boolean {
  return message.startsWith('Flow ') || message.startsWith('Missing closing ');
}

/** Where a bracket or a quote begins, and which one. */
interface Open {
  readonly offset: number;
  readonly mark: string;
}

/**
 * The bracket or quote that is still open at `end`. The parser complains where it misses the end,
 * which is often on a later line.
 */
function openBefore(text: string, end: number): Open | undefined {
  const open: Open[] = [];
  let offset = 0;
  let hasEnded = false;
  for (const token of new Lexer().lex(text)) {
    if (offset >= end) break;
    if (marks.includes(token)) {
      hasEnded ||= token === listEnd;
      continue;
    }
    if (token === '[' || token === '{') {
      if (hasEnded) open.splice(0);
      hasEnded = false;
      open.push({ offset, mark: token });
    } else if (token === ']' || token === '}') open.pop();
    else if (/^["']/.test(token) && offset + token.length >= end) open.push({ offset, mark: token.charAt(0) });
    offset += token.length;
  }
  return open.at(-1);
}

function missingEnd(mark: string): readonly [what: string, next: string] {
  if (mark !== '[' && mark !== '{') return [`the string has no closing ${mark}`, `add the closing ${mark}`];
  const end = mark === '[' ? ']' : '}';
  return [
    `\`${mark}\` has no matching \`${end}\``,
    `add \`${end}\`. If there is one, indent the lines between \`${mark}\` and \`${end}\``,
  ];
}

/** The longest message of the parser that is shown in full. */
const longestMessage = 120;

function shortened(message: string): string {
  return message.length > longestMessage ? `${message.slice(0, longestMessage)}...` : message;
}

/**
 * Refuses a file before the parser reads it. The parser needs a stack frame, or more, for each
 * level, and much memory for each part.
 * @throws Failure if there are too many levels or parts
 */
function refuseShape(file: string, text: string): void {
  const refusalAt = (offset: number, what: string): Failure => {
    const before = text.slice(0, offset).split('\n');
    return faultAt(
      { file, line: before.length, column: (before.at(-1) ?? '').length + 1 },
      what,
      'check that this is a file of expectations or exceptions',
    );
  };
  const tooDeep = (at: number): Failure => refusalAt(at, `the file is nested more than ${deepest} levels deep`);
  let parts = 0;
  let flow = 0;
  let block = 0;
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    if (parts > mostParts) throw refusalAt(offset, 'the file has too many lines, strings and lists');
    // Marks that the lexer adds by itself.
    if (marks.includes(token)) {
      parts += 1;
      continue;
    }
    if (separators.includes(token) || /^[\r\n]/.test(token)) parts += 1;
    if (token === '[' || token === '{') flow += 1;
    else if (token === ']' || token === '}') flow -= 1;
    else if (token === '-' || token === '?') block += 1;
    else if (token.startsWith('\n') || token.startsWith('\r')) block = 0;
    else if (/^ +$/.test(token) && token.length > 10 * deepest) throw tooDeep(offset);
    if (flow > deepest || block > deepest) throw tooDeep(offset);
    offset += token.length;
  }
}

const separators = ['[', '{', ',', '-', '?', ':'];
/** `FLOW_END`: the end of what a bracket opened, with or without a closing bracket. */
const listEnd = '\u0018';
/** `DOCUMENT`, `FLOW_END` and `SCALAR`. */
const marks = ['\u0002', listEnd, '\u001f'];

function treeOf(node: Node, placeOf: (offset: number) => At): Tree {
  const at = placeOf(node.range?.[0] ?? 0);
  if (isAlias(node))
    throw faultAt(
      at,
      `YAML aliases such as \`*${node.source}\` are not supported`,
      `if this is a pattern, put the string in quotes: "*${node.source}"`,
    );
  const { anchor, tag } = node;
  if (anchor !== undefined)
    throw faultAt(at, `YAML anchors such as \`&${anchor}\` are not supported`, 'write each entry in full');
  if (tag !== undefined)
    throw faultAt(at, `YAML tags such as \`${tag}\` are not supported`, 'remove the tag: every value is a string');
  if (isSeq(node)) return { is: 'list', at, items: node.items.map((item) => childOf(item, at, placeOf)) };
  if (isMap(node)) return { is: 'map', at, fields: fieldsOf(node.items, at, placeOf) };
  if (isScalar(node)) return { is: 'text', text: typeof node.value === 'string' ? node.value : '', at };
  throw faultAt(at, 'is not a string, a list or fields', example);
}

function childOf(child: unknown, parent: At, placeOf: (offset: number) => At): Tree {
  return isAlias(child) || isSeq(child) || isMap(child) || isScalar(child)
    ? treeOf(child, placeOf)
    : { is: 'text', text: '', at: parent };
}

function fieldsOf(pairs: readonly Pair[], parent: At, placeOf: (offset: number) => At): readonly Field[] {
  const known = new Set<string>();
  return pairs.map((pair) => {
    const field = fieldOf(pair, parent, placeOf);
    const { text, at } = field.key;
    if (known.has(text)) throw faultAt(at, 'the same field appears twice', 'keep one of them');
    known.add(text);
    return field;
  });
}

function fieldOf({ key, value }: Pair, parent: At, placeOf: (offset: number) => At): Field {
  const named = childOf(key, parent, placeOf);
  if (named.is !== 'text') throw faultAt(named.at, 'a field has no name', 'write each field as its name and a colon');
  if (named.text === '<<')
    throw faultAt(named.at, 'YAML merge keys (`<<`) are not supported', 'write the fields in full');
  return { key: { text: named.text, at: named.at }, value: childOf(value, named.at, placeOf) };
}
