/*
 * src/operations/ the catalog: what each RDS operation needs from IAM and KMS. Each family of
 * operations has one file, parameters and source flags are tables, and the table of AWS actions is
 * generated. All of it is data with basis and source.
 */

import { backupJobs } from './backup-jobs.ts';
import { backupStarts } from './backup-starts.ts';
import { copies } from './copies.ts';
import { databases } from './databases.ts';
import { exports } from './exports.ts';
import { lifecycle } from './lifecycle.ts';
import { modifications } from './modifications.ts';
import type { Operation } from './operation.ts';
import { promotions } from './promotions.ts';
import { replications } from './replications.ts';
import { restores } from './restores.ts';
import { sharing } from './sharing.ts';
import { snapshots } from './snapshots.ts';
import type { SourceFlag } from './source-flags.ts';

/**
 * Every operation that can be checked, in the order of help. Operations that share a command are
 * next to each other. If no flag says which one is meant, it is the first.
 */
export const catalogue: readonly Operation[] = [
  ...snapshots,
  ...restores,
  ...copies,
  ...sharing,
  ...exports,
  ...databases,
  ...replications,
  ...modifications,
  ...promotions,
  ...lifecycle,
  ...backupJobs,
  ...backupStarts,
];

/** The name of an API as the AWS CLI writes it: `restore-db-cluster-from-snapshot`. */
export function kebab(api: string): string {
  return api
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

/** The first operation that calls each API, by the API's name in either spelling. */
const firstOfApi: ReadonlyMap<string, Operation> = new Map(
  catalogue.toReversed().flatMap((operation) => [
    [kebab(operation.api), operation],
    [operation.api, operation],
  ]),
);

/**
 * The operations with a name: a command, one of its other names, or an API in either spelling. For
 * an API, these are the operations of the first command that calls it, and those of other commands
 * with a different source flag.
 */
export function operationsNamed(name: string): readonly Operation[] {
  const byCommand = catalogue.filter(({ command }) => command === name);
  if (byCommand.length > 0) return byCommand;
  const [aliased] = catalogue.filter(({ aliases }) => aliases.includes(name));
  if (aliased !== undefined) return catalogue.filter(({ command }) => command === aliased.command);
  const first = firstOfApi.get(name);
  if (first === undefined) return [];
  const ofFirst = catalogue.filter(({ api, command }) => api === first.api && command === first.command);
  const flags = new Set(ofFirst.map(({ reads }) => reads?.flag));
  const others = catalogue.filter(
    ({ api, command, reads, runsAsRole, isByNameOnly }) =>
      api === first.api &&
      command !== first.command &&
      runsAsRole !== true &&
      isByNameOnly === true &&
      reads !== undefined &&
      first.reads !== undefined &&
      !flags.has(reads.flag),
  );
  return [...ofFirst, ...others];
}

/**
 * The operation with a name. If several share the name: the operation whose source the flag names.
 */
export function findOperation(name: string, flag?: SourceFlag): Operation | undefined {
  const found = operationsNamed(name);
  return flag === undefined ? found[0] : found.find(({ reads }) => reads?.flag === flag);
}
