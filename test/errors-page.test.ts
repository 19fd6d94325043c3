import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { exitCodeOfFailure } from '../src/cli/exit-code.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');

interface Thrown {
  readonly file: string;
  readonly kind: string;
  readonly message: string;
  readonly hasNext: boolean;
}

/** The arguments of the call whose opening parenthesis is before `start`, as source text. */
function argumentsFrom(text: string, start: number): readonly string[] {
  const open: string[] = [];
  const found = [''];
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at);
    const inside = open.at(-1);
    const inText = inside === "'" || inside === '`';
    if (inside === undefined && char === ')') break;
    if (inside === undefined && char === ',') found.push('');
    else found.push(`${found.pop() ?? ''}${char}`);
    if (char === '\\' && inText) found.push(`${found.pop() ?? ''}${text.charAt(++at)}`);
    else if (inText && char === inside) open.pop();
    else if (inText && !(inside === '`' && char === '{' && text.charAt(at - 1) === '$')) continue;
    else if (char === "'" || char === '`') open.push(char);
    else if ('({['.includes(char)) open.push(char);
    else if (')}]'.includes(char)) open.pop();
  }
  return found.map((one) => one.trim()).filter((one) => one !== '');
}

/** The failures whose kind and message are literals in the source. */
const thrown: readonly Thrown[] = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => {
    const text = readFileSync(join(root, 'src', file), 'utf8');
    return [...text.matchAll(/new Failure\(/g)].flatMap(({ index, 0: call }): readonly Thrown[] => {
      const [kind = '', message = '', next] = argumentsFrom(text, index + call.length);
      if (!/^'\w+'$/.test(kind) || !/^['`]/.test(message)) return [];
      return [{ file, kind: kind.slice(1, -1), message: message.slice(1, -1), hasNext: next !== undefined }];
    });
  });

describe('an error', () => {
  test('is made in many places', () => {
    expect(thrown.length).toBeGreaterThan(80);
  });

  test('has a message without a full stop', () => {
    expect(thrown.filter(({ message }) => message.endsWith('.'))).toEqual([]);
  });

  test('says what to do next, where flags, files or settings are wrong', () => {
    expect(thrown.filter(({ kind, hasNext }) => kind !== 'aws' && !hasNext)).toEqual([]);
  });

  test.each(['input', 'setup', 'aws'] as const)('of kind %s has the exit code that docs/errors.md gives', (kind) => {
    expect(page).toContain(`| \`${kind}\` | ${exitCodeOfFailure(kind)} |`);
    expect(thrown.map((one) => one.kind)).toContain(kind);
  });
});
