import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

export interface Block {
  /** The heading above the block. */
  readonly section: string;
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a Markdown file, in order. */
export function blocksOf(url: URL): readonly Block[] {
  const sections = readFileSync(url, 'utf8').split(/^## /m);
  return sections.flatMap((markdown) => {
    const section = markdown.split('\n')[0] ?? '';
    const blocks = [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
    return blocks.map(([, language = '', text = '']) => ({ section, language, text }));
  });
}

const root = new URL('../', import.meta.url);

/** The pages for users: the README and the pages in docs. */
export const userPages: readonly string[] = [
  'README.md',
  ...readdirSync(new URL('docs', root))
    .filter((name) => name.endsWith('.md'))
    .toSorted()
    .map((name) => `docs/${name}`),
];

/** The pages for people who work on the program. */
export const ownPages: readonly string[] = ['CONTRIBUTING.md', 'SECURITY.md'];

export function pageUrl(page: string): URL {
  return new URL(page, root);
}

/**
 * Pages, or sections of a page, whose commands run against the emulator. All other commands read
 * files.
 */
const onAws: Readonly<Record<string, readonly string[] | 'all'>> = {
  'README.md': ['On AWS'],
  'docs/live.md': 'all',
  'docs/evidence.md': 'all',
};

/**
 * The program's commands in the shell blocks of a page, each once: those that read from AWS, or
 * those that read files.
 */
export function commandsOf(page: string, where: 'on AWS' | 'on files'): readonly string[] {
  const live = onAws[page] ?? [];
  const commands = blocksOf(pageUrl(page))
    .filter(({ language }) => language === 'sh')
    .filter(({ section }) => (live === 'all' || live.includes(section)) === (where === 'on AWS'))
    .flatMap(({ text }) => text.trim().split('\n'))
    .filter((line) => line.startsWith('aurora-kms-check '));
  return [...new Set(commands)];
}

/** A console block: the command after `$`, and what it prints. */
export function transcriptOf({ text }: Block): { readonly command: string; readonly output: string } {
  const [first = '', ...rest] = text.split('\n');
  return { command: first.replace(/^\$ /, ''), output: rest.join('\n') };
}

/**
 * Replaces the outputs in a Markdown file, which updates its transcripts. Read the diff before you
 * commit it.
 */
export function rewrite(url: URL, outputs: ReadonlyMap<string, string>): void {
  const markdown = readFileSync(url, 'utf8');
  const written = markdown.replace(
    /^```(console)\n\$ ([^\n]*)\n(.*?)^```$/gms,
    (_, language: string, command: string) => {
      return `\`\`\`${language}\n$ ${command}\n${outputs.get(command) ?? ''}\`\`\``;
    },
  );
  writeFileSync(url, written);
}
