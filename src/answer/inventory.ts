import type { InventoryReport } from '../contract/inventory-report.ts';
import { type DatedEvidence, inventoryOf } from '../evidence/inventory.ts';
import type { Evidence } from '../evidence/schema.ts';
import { inventoryReport } from '../explain/inventory.ts';

/**
 * What evidence holds and what it lacks, before anything is asked of it.
 * `files`: where the evidence comes from. `now`: an ISO time.
 */
export function takeInventory(evidence: Evidence, files: readonly DatedEvidence[], now: string): InventoryReport {
  return inventoryReport(inventoryOf(evidence, files, now));
}
