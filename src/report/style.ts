import { Chalk, type ChalkInstance } from 'chalk';

/** How a report is to be drawn. */
export interface Style {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
}

export interface ReportStyle extends Style {
  /** What changes that mend are shown as. */
  readonly remedyFormat: RemedyFormat;
}

export const remedyFormats = ['aws-cli', 'terraform'] as const;
export type RemedyFormat = (typeof remedyFormats)[number];

/** Colours by what they mean. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubtful: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

export function paintFor({ color }: Pick<Style, 'color'>): Paint {
  const chalk: ChalkInstance = new Chalk({ level: color ? 1 : 0 });
  return { good: chalk.green, bad: chalk.red, doubtful: chalk.yellow, strong: chalk.bold, faint: chalk.dim };
}

/** Text in lines of at most `width` columns, indented by `indent`; a word that is longer stands alone. */
export function wrap(text: string, width: number, indent: string): string {
  const room = Math.max(20, width - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((one) => `${indent}${one}`).join('\n');
}
