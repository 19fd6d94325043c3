import { dnsSuffixOf, partitions } from './partition.ts';

const suffixes = [...new Set(partitions.map(({ dnsSuffix }) => dnsSuffix))];

/**
 * The service in the name of a service principal or in the `eventSource` of CloudTrail: `rds` of
 * `rds.amazonaws.com`, `export.rds` of `export.rds.amazonaws.com`. Undefined: the text ends with
 * the domain of no partition.
 */
export function serviceIn(text: string): string | undefined {
  if (!/^[a-z0-9.-]+$/.test(text)) return undefined;
  const suffix = suffixes.find((one) => text.endsWith(`.${one}`));
  const service = suffix === undefined ? '' : text.slice(0, -suffix.length - 1);
  return service === '' ? undefined : service;
}

/**
 * The value of kms:ViaService for calls that a service makes with the caller's credentials. The
 * suffix is `.amazonaws.com` in every partition (iam-evaluation 6.32).
 */
export function viaService(service: string, region: string): string {
  return `${service}.${region}.amazonaws.com`;
}

/**
 * The service before the first colon: `kms` of the action `kms:CreateGrant`, `rds` of
 * `rds:orders-2026-11-01-03-10`, a snapshot that RDS made by itself. Undefined: there is no colon.
 */
export function servicePrefix(text: string): string | undefined {
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : text.slice(0, colon);
}

/**
 * The names under which a service offers itself to VPC endpoints in a Region: the domain backwards.
 * Some services of China keep the name that they have elsewhere, so both are possible.
 */
export function endpointServices(service: string, region: string): readonly string[] {
  const domains = new Set(['amazonaws.com', dnsSuffixOf(region)]);
  return [...domains].map((domain) => [...domain.split('.').toReversed(), region, service].join('.'));
}
