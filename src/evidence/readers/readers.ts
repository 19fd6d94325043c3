import type { Evidence } from '../schema.ts';
import { evidenceFile } from './evidence-file.ts';
import type { Reader } from './reader.ts';

/** The formats that evidence is read from. The first reader that recognizes an input reads it. */
export const evidenceReaders: readonly Reader<Evidence>[] = [evidenceFile];
