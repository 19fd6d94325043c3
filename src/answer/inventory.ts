import type { InventoryReport } from '../contract/inventory-report.ts';
import { type DatedEvidence, inventoryOf } from '../evidence/inventory.ts';
import type { Evidence } from '../evidence/schema.ts';
import { inventoryReport } from '../explain/inventory.ts';

/**
 * What evidence has and what is missing, before any check. `files`: the sources of the evidence.
 * `now`: an ISO time.
 */
export function takeInventory(evidence: Evidence, files: readonly DatedEvidence[], now: string): InventoryReport {
  return inventoryReport(inventoryOf(evidence, files, now));
}
