import type { Evidence } from '../schema.ts';
import { evidenceFile } from './evidence-file.ts';
import type { InputReader } from './reader.ts';

/** The formats of evidence. The first reader that recognizes an input reads it. */
export const evidenceReaders: readonly InputReader<Evidence>[] = [evidenceFile];
