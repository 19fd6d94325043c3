import type { ReportedStatement, Verdict } from '../contract/report.ts';

/** How a report is to be drawn. */
export interface Style {
  readonly paint: Paint;
  /** Columns. */
  readonly width: number;
}

export interface ReportStyle extends Style {
  /** Whether every call and precondition is listed. */
  readonly verbose: boolean;
  /** Whether a sweep names everything. */
  readonly listAll: boolean;
  readonly fix: FixView;
  /** Where reports for CI systems point to. Absent: to no file. */
  readonly places?: Places;
  /** Whether a run with such a verdict exits 0 (--fail-on). Absent: not known. */
  readonly exitsZero?: (verdict: Verdict) => boolean;
  /** Bytes that a report in Markdown may take. Absent: what a comment holds. */
  readonly mostBytes?: number;
}

/** A line of a file, counted from 1. */
export interface FileLine {
  /** As the repository calls it: relative to its root, with `/`. */
  readonly file: string;
  readonly line: number;
}

/** `hash`: SHA-256, in hexadecimal. */
export interface HashedFile {
  readonly file: string;
  readonly hash: string;
}

/** What a run was asked about and answered from, as files of a repository. */
export interface Places {
  /** How the repository calls the file at a path. */
  readonly called: (path: string) => string;
  /** Where the statement that decides stands; without a statement, what was asked about. */
  readonly of: (statement: ReportedStatement | undefined) => FileLine | undefined;
  /** The files of evidence. Absent: the answer does not come from such files. */
  readonly evidence?: () => readonly HashedFile[];
}

/**
 * How much of a fix is shown: its steps in a sentence each; with the commands of the AWS CLI; as
 * Terraform configuration; the alternatives with their commands as well.
 */
export const fixViews = ['steps', 'aws-cli', 'terraform', 'all'] as const;
export type FixView = (typeof fixViews)[number];

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

/**
 * Text without color. Colors stand in a file of their own, which is loaded where they are wanted.
 */
export const plain: Paint = { colored: false, good: same, bad: same, doubtful: same, strong: same, faint: same };

/**
 * Text in lines of at most `width` columns, indented by `indent`; a word that is longer stands
 * alone.
 */
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

/** The place for formats that need a file, if the answer is in no file. */
export const unplaced: FileLine = { file: 'aurora-kms-check.yaml', line: 1 };
