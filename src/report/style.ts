/** How a report is to be drawn. */
export interface Style {
  readonly paint: Paint;
  /** Columns. */
  readonly width: number;
}

export interface ReportStyle extends Style {
  /** What changes that mend are shown as. */
  readonly remedyFormat: RemedyFormat;
}

export const remedyFormats = ['aws-cli', 'terraform'] as const;
export type RemedyFormat = (typeof remedyFormats)[number];

/** Colors by what they mean. */
export interface Paint {
  /** Whether painted text holds the sequences of a terminal. */
  readonly colored: boolean;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubtful: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

export type Color = Exclude<keyof Paint, 'colored'>;

const same = (text: string): string => text;

/** Text without color. Colors stand in a file of their own, which is loaded where they are wanted. */
export const plain: Paint = { colored: false, good: same, bad: same, doubtful: same, strong: same, faint: same };

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
