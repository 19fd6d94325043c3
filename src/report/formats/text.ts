/*
 * src/report/formats/ the output formats, one file for each.
 */

import { drawAudit } from '../audit.ts';
import { drawOperations } from '../catalogue.ts';
import { drawDiff } from '../diff.ts';
import { drawFailure } from '../failure.ts';
import type { Draws } from '../format.ts';
import type { ShownIn } from '../format-rows.ts';
import { drawInventory } from '../inventory.ts';
import { drawKeyImpact } from '../key-impact.ts';
import { drawOperationList } from '../operation-list.ts';
import { drawPreflight } from '../preflight.ts';
import { drawCheck } from '../text.ts';
import { drawWhoCan } from '../who-can.ts';

/** The format for people, in a terminal or elsewhere. */
export const text: Draws<ShownIn<'text'>> = {
  check: drawCheck,
  diff: drawDiff,
  preflight: drawPreflight,
  whoCan: drawWhoCan,
  audit: drawAudit,
  keyImpact: drawKeyImpact,
  inventory: drawInventory,
  operations: drawOperations,
  operationList: drawOperationList,
  failure: drawFailure,
  noAnswer: drawFailure,
};
