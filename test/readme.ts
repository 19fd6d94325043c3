import { readFileSync, writeFileSync } from 'node:fs';

export interface Block {
  /** The heading that it stands under. */
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

/** What a shell is shown to be told of the program, in the sections that `of` tells. */
export function commandsOf(url: URL, of: (section: string) => boolean): readonly string[] {
  return blocksOf(url)
    .filter(({ section, language }) => language === 'sh' && of(section))
    .flatMap(({ text }) => text.trim().split('\n'))
    .filter((line) => line.startsWith('aurora-kms-check '));
}

/** Sections whose commands are about files that the reader has. */
export const aboutFiles: readonly string[] = ['After a failure', 'What if'];

/** A console block: the command after `$`, and what it prints. */
export function transcriptOf({ text }: Block): { readonly command: string; readonly output: string } {
  const [first = '', ...rest] = text.split('\n');
  return { command: first.replace(/^\$ /, ''), output: rest.join('\n') };
}

/** Rewrites the outputs in a Markdown file: how its transcripts come to be before they are read and reviewed. */
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
