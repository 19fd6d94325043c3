import { shortName } from '../base/arn.ts';
import { counted, numberText } from '../base/wording.ts';
import type { InventoryReport, MissingReport } from '../contract/inventory-report.ts';
import type { Count, HeldAccount, Inventory, Lack, MissingEvidence } from '../evidence/inventory.ts';
import { keyPhrase } from './names.ts';
import { warningText } from './policy-warnings.ts';

/* The words for what evidence has and lacks. */

export function inventoryReport({ files, accounts, missing, gaps, warnings }: Inventory): InventoryReport {
  return {
    files,
    accounts: accounts.map(({ account, iam, organization, regions }) => ({
      account,
      iam: iam.map(countText),
      organization: organizationText(organization),
      regions: regions.map(({ region, holds }) => ({ region, holds: holds.map(countText) })),
    })),
    missing: missing.map(missingReport),
    gaps,
    warnings: warnings.map((warning) => ({ code: warning.code, path: warning.path, text: warningText(warning) })),
  };
}

function countText({ noun, count }: Count): string {
  return noun.endsWith('y') && noun !== 'key' && count !== 1
    ? `${numberText(count)} ${noun.slice(0, -1)}ies`
    : counted(count, noun);
}

function organizationText({ id, levels }: HeldAccount['organization']): string {
  if (id === null) return 'none';
  if (id === undefined) return 'not known';
  return levels === undefined ? id : `${id}, ${counted(levels, 'level')}`;
}

const effects: Readonly<Record<MissingEvidence['effect'], MissingReport['effect']>> = {
  undetermined: 'undetermined',
  assumed: 'assumed',
  skipped: 'not looked at',
  refused: 'refused',
};

function missingReport({ lack, account, region, operations, effect, command }: MissingEvidence): MissingReport {
  return {
    account,
    ...(region === undefined ? {} : { region }),
    what: lackText(lack),
    operations,
    effect: effects[effect],
    ...(command === undefined ? {} : { command }),
  };
}

function lackText(lack: Lack): string {
  switch (lack.code) {
    case 'iam-not-held':
      return 'users, groups, roles and their policies';
    case 'principals-not-held':
      return `${lack.noun}s`;
    case 'policy-not-held':
      return `a policy of ${shortName(lack.principal)}: ${shortName(lack.policy)} (${lack.why})`;
    case 'control-policies-not-held':
      return 'SCPs and RCPs of the organization';
    case 'regions-not-held':
      return 'all RDS and KMS data';
    case 'list-not-held':
      return `list ${lack.list}`;
    case 'sharing-not-held':
      return `who snapshots are shared with (${lack.list})`;
    case 'key-not-held':
      return `${keyPhrase(shortName(lack.key))}${lack.owner === undefined ? '' : ` of account ${lack.owner ?? 'unknown'}`}`;
    case 'part-of-key-not-held':
      return `${lack.part} of ${shortName(lack.key)}`;
  }
}
