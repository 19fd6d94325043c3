import { awsManagedKey } from './aws-managed-key.ts';
import type { KindOf } from './finding.ts';
import { nobodyCanRestore } from './nobody-can-restore.ts';
import { notRead } from './not-read.ts';

/** The one table of findings, in the order in which those of one severity are shown. */
export const findingRows = [notRead, nobodyCanRestore, awsManagedKey] as const;

type FoundByTable = ReturnType<(typeof findingRows)[number]['find']>[number];

/** What was found, with what its sentence says by its code. */
export type AnyFinding = FoundByTable;

/** A code of the table. */
export type FindingKind = KindOf<AnyFinding>;
