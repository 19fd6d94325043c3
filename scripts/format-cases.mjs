/*
 * Formats the tables of cases so that a case is easy to read: a value that fits in 120 columns is
 * on one line, except for closing brackets. `--check` changes nothing and fails if a file has
 * another format.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const width = 120;
const root = new URL('../test/cases/', import.meta.url);
/** Plans stay as Terraform printed them. */
const tables = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.json') && !/^plan[\\/]plans[\\/]/.test(name),
);

/** JSON in one line. */
function inline(value) {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${inline(one)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

const isPlain = (value) => value === null || typeof value !== 'object';

/** As many items on each line as fit. `used`: columns that are already taken on the first line. */
function filled(items, indent, used) {
  const lines = [''];
  for (const item of items) {
    const line = lines.at(-1);
    const room = width - (lines.length === 1 ? used : indent.length) - 2;
    const joined = line === '' ? item : `${line} ${item}`;
    if (line !== '' && (joined.includes('\n') || joined.length > room)) lines.push(item);
    else lines[lines.length - 1] = joined;
  }
  return lines.join(`\n${indent}`);
}

/**
 * Whether a reader takes in the value at once: one line, a list of texts, or a few such values
 * nested in each other.
 */
function isShort(value, indent, used, depth = 0) {
  if (isPlain(value) || used + inline(value).length + 1 <= width) return true;
  if (Array.isArray(value) && value.every(isPlain)) return true;
  const inner = `${indent}  `;
  const entries = Array.isArray(value) ? value.map((one) => ['', one]) : Object.entries(value);
  return depth < 4 && entries.every(([key, one]) => isShort(one, inner, inner.length + key.length + 4, depth + 1));
}

/** Lists with each item on a line of its own, even if several items would fit on a line. */
const lists = new Set(
  'names places evidence cases tests cells questions preconditions groups requests shapes answers'.split(' '),
);

/** JSON on as many lines as needed. `used`: columns that are already taken on the first line. */
function written(value, indent, used, isList = false) {
  const line = inline(value);
  if (isPlain(value) || (!isList && used + line.length + 1 <= width)) return line;
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{ ', ' }'];
  const isHugged = !isList && isShort(value, indent, used);
  const entries = Array.isArray(value) ? value.map((one) => ['', one]) : Object.entries(value);
  const items = entries.map(([key, one], at) => {
    const start = Array.isArray(value) ? '' : `${JSON.stringify(key)}: `;
    const column = isHugged && at === 0 ? used + open.length : inner.length;
    const text = written(one, inner, column + start.length, indent === '' && lists.has(key));
    return `${start}${text}${at === entries.length - 1 ? '' : ','}`;
  });
  if (isHugged) return open + filled(items, inner, used + open.length) + close;
  return `${open.trim()}\n${items.map((item) => inner + item).join('\n')}\n${indent}${close.trim()}`;
}

const isCheck = process.argv.includes('--check');
for (const name of tables) {
  const file = new URL(name, root);
  const text = readFileSync(file, 'utf8');
  const should = `${written(JSON.parse(text), '', 0)}\n`;
  if (should === text) continue;
  if (isCheck) {
    process.exitCode = 1;
    process.stderr.write(`test/cases/${name} is not formatted: npm run format\n`);
  } else writeFileSync(file, should);
}
