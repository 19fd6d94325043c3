/*
 * src/operations/ the catalogue: what each RDS operation asks of IAM and KMS. One file a family
 * of operations, parameters and source flags as tables, the AWS actions as a generated table.
 * All of it is data with basis and source.
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
 * Every operation that can be checked, in the order in which help shows them. Those that share a
 * command stand together; the first of them is meant where no flag says which.
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

/** `restore-db-cluster-from-snapshot`: the name of an API as the AWS CLI writes it. */
export function kebab(api: string): string {
  return api
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

/** By the name of an API in either spelling: the first operation that calls it. */
const firstOfApi: ReadonlyMap<string, Operation> = new Map(
  catalogue.toReversed().flatMap((operation) => [
    [kebab(operation.api), operation],
    [operation.api, operation],
  ]),
);

/**
 * The operations behind a name: a command, one of its other names, or an API in either spelling. Of
 * an API, those of the first command that calls it, and those of other commands that another flag
 * tells from them.
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

/** The operation behind a name, where several share it the one that reads what the flag names. */
export function findOperation(name: string, flag?: SourceFlag): Operation | undefined {
  const found = operationsNamed(name);
  return flag === undefined ? found[0] : found.find(({ reads }) => reads?.flag === flag);
}
