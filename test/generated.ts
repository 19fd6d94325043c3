import { readFileSync, writeFileSync } from 'node:fs';
import { readingPolicy } from '../src/collect/permissions.ts';
import type { Mode } from '../src/collect/reads.ts';
import { catalogue } from '../src/operations/catalogue.ts';
import { describe as described } from '../src/report/catalogue.ts';
import { render } from '../src/report/formats.ts';
import { styleOf } from './style.ts';

/*
 * The parts of pages that are generated from tables of the program. Each part is between two
 * comments, such as `<!-- generated: operations -->` and `<!-- end -->`.
 */

const modes: readonly Mode[] = ['check', 'simulate', 'diagnose', 'collect', 'organization'];

/** Each action that some mode needs, and the modes that need it. */
function permissions(): string {
  const needed = modes.map((mode) =>
    readingPolicy(mode, []).Statement.flatMap(({ Action: actions, Resource: on }) =>
      actions.map((action) => ({ action, on: [on].flat() })),
    ),
  );
  const all = new Map(needed.flat().map(({ action, on }) => [action, on]));
  const rows = [...all].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return [
    row(['Action', 'On', ...modes.map((mode) => `\`${mode}\``)]),
    row(['---', '---', ...modes.map(() => '---')]),
    ...rows.map(([action, on]) =>
      row([
        `\`${action}\``,
        on.map((one) => `\`${one}\``).join(', '),
        ...needed.map((actions) => (actions.some((one) => one.action === action) ? 'yes' : '')),
      ]),
    ),
  ].join('');
}

/**
 * The catalog as `operations --output markdown` prints it, with links from the folder of the page.
 */
function operations(): string {
  const printed = render('operations', catalogue.map(described), 'markdown', styleOf());
  return printed.replaceAll('](docs/', '](');
}

const parts: Readonly<Record<string, () => string>> = { operations, permissions };

const part = /^<!-- generated: (\w+) -->\n[^]*?^<!-- end -->$/gm;

/**
 * A page with its generated parts up to date. @throws Error if no generator has the name of a part
 */
export function generated(text: string): string {
  return text.replaceAll(part, (_, name: string) => {
    const make = parts[name];
    if (make === undefined) throw new Error(`nothing generates ${name}`);
    return `<!-- generated: ${name} -->\n\n${make()}\n<!-- end -->`;
  });
}

/** Writes a page with its generated parts up to date. */
export function regenerate(url: URL): void {
  writeFileSync(url, generated(readFileSync(url, 'utf8')));
}
