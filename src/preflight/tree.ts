import { Failure } from '../base/failure.ts';

/* A file of expectations as a tree. Every scalar is a text with its place in the file. */

/** A place in a file. Lines and columns count from 1. */
export interface At {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A text and its place in the file. */
export interface Said {
  readonly text: string;
  readonly at: At;
}

export type Tree =
  | ({ readonly is: 'text' } & Said)
  | { readonly is: 'list'; readonly at: At; readonly items: readonly Tree[] }
  | { readonly is: 'map'; readonly at: At; readonly fields: readonly Field[] };

export interface Field {
  readonly key: Said;
  readonly value: Tree;
}

/** The failure for a fault at a place in a file. `what`: what is wrong. `next`: what to do. */
export function faultAt({ file, line, column }: At, what: string, next: string): Failure {
  return new Failure('input', `${file}:${line}:${column}: ${what}`, next);
}
