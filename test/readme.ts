import { readFileSync, writeFileSync } from 'node:fs';

export interface Block {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a Markdown file, in order. */
export function blocksOf(url: URL): readonly Block[] {
  const markdown = readFileSync(url, 'utf8');
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({ language, text }));
}

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
