import type { ReportedStatement, Verdict } from '../contract/report.ts';

/** How a report is drawn. */
export interface Style {
  readonly paint: Paint;
  /** Columns. */
  readonly width: number;
}

export interface ReportStyle extends Style {
  /** Whether every call and precondition is listed. */
  readonly verbose: boolean;
  /** Whether a sweep lists every name. */
  readonly listAll: boolean;
  readonly fix: FixView;
  /** Where reports for CI systems point to. Absent: to no file. */
  readonly places?: Places;
  /** Whether a run with this verdict exits with 0 (--fail-on). Absent: not known. */
  readonly exitsZero?: (verdict: Verdict) => boolean;
  /** The most bytes of a report in Markdown. Absent: the limit of a comment. */
  readonly mostBytes?: number;
}

/** A line of a file, counted from 1. */
export interface FileLine {
  /** Relative to the root of the repository, with `/`. */
  readonly file: string;
  readonly line: number;
}

/** `hash`: SHA-256, in hexadecimal. */
export interface HashedFile {
  readonly file: string;
  readonly hash: string;
}

/** The question and the evidence of a run as files of a repository. */
export interface Places {
  /** The name in the repository of the file at a path. */
  readonly called: (path: string) => string;
  /** The line of the deciding statement. Without a statement: the line of the question. */
  readonly of: (statement: ReportedStatement | undefined) => FileLine | undefined;
  /** The evidence files. Absent: the answer does not come from files. */
  readonly evidence?: () => readonly HashedFile[];
}

/**
 * How much of a fix is shown: its steps as sentences; its steps with AWS CLI commands; Terraform
 * configuration; or all alternatives with their commands.
 */
export const fixViews = ['steps', 'aws-cli', 'terraform', 'all'] as const;
export type FixView = (typeof fixViews)[number];

/** Colors by meaning. */
export interface Paint {
  /** Whether painted text contains escape sequences of a terminal. */
  readonly colored: boolean;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubtful: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

export type Color = Exclude<keyof Paint, 'colored'>;

const same = (text: string): string => text;

/** Text without color. The colors are in a separate file, which is loaded on demand. */
export const plain: Paint = { colored: false, good: same, bad: same, doubtful: same, strong: same, faint: same };

/**
 * Wraps text in lines of at most `width` columns, indented by `indent`. A longer word is on a line
 * of its own.
 */
export function wrap(text: string, width: number, indent: string): string {
  const room = Math.max(20, width - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    // A line never consists of the sign of a list alone.
    if (line !== '' && line !== '-' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((one) => `${indent}${one}`).join('\n');
}

/** The place for formats that need a file if the answer comes from no file. */
export const unplaced: FileLine = { file: 'aurora-kms-check.yaml', line: 1 };
