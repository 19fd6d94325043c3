import { awsManagedKey } from './aws-managed-key.ts';
import { buildAndBurn } from './build-and-burn.ts';
import { exposed } from './exposed.ts';
import type { KindOf } from './finding.ts';
import { foreignKey } from './foreign-key.ts';
import { keyAtRisk } from './key-at-risk.ts';
import { keyKillers } from './key-killers.ts';
import { keyLockedOut } from './key-locked-out.ts';
import { keyOpen } from './key-open.ts';
import { nobodyCanRestore } from './nobody-can-restore.ts';
import { notRead } from './not-read.ts';
import { oneIdentityPath } from './one-identity-path.ts';
import { oneWayIn } from './one-way-in.ts';
import { sameDomain } from './same-domain.ts';
import { shareInert } from './share-inert.ts';
import { snapshotNotRestore } from './snapshot-not-restore.ts';
import { stackOwnedKey } from './stack-owned-key.ts';
import { wideRestore } from './wide-restore.ts';

/** The table of all findings, in the order in which findings of one severity are shown. */
export const findingRows = [
  notRead,
  nobodyCanRestore,
  exposed,
  shareInert,
  foreignKey,
  keyLockedOut,
  buildAndBurn,
  stackOwnedKey,
  keyAtRisk,
  oneWayIn,
  sameDomain,
  awsManagedKey,
  keyOpen,
  keyKillers,
  wideRestore,
  snapshotNotRestore,
  oneIdentityPath,
] as const;

type FoundByTable = ReturnType<(typeof findingRows)[number]['find']>[number];

/** A finding of any kind, with the details of its sentence by its code. */
export type AnyFinding = FoundByTable;

/** A code of the table. */
export type FindingKind = KindOf<AnyFinding>;
