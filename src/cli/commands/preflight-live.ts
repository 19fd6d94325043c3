import { placeOf } from '../../base/arn.ts';
import { Failure } from '../../base/failure.ts';
import { sweptTypes } from '../../check/bind.ts';
import type { PlacedQuestion } from '../../collect/collect-all.ts';
import type { ToRead } from '../../collect/reading.ts';
import type { LiveOptions } from '../../collect/settings.ts';
import type { Evidence } from '../../evidence/schema.ts';
import type { SourceType } from '../../evidence/sources.ts';
import type { Operation } from '../../operations/operation.ts';
import { rolesPassed } from '../../operations/request-parameters.ts';
import type { NamedPlan } from '../../plan/planned-state.ts';
import type { Expectation, SourceItem } from '../../preflight/expectation.ts';

/** What needs data from AWS: expectations of files, and plans. */
export interface AskedOfAws {
  readonly expectations: readonly Expectation[];
  readonly plans: readonly NamedPlan[];
}

/** What was read, and the Region of expectations that name none. */
export interface ReadForExpectations {
  readonly evidence: Evidence;
  readonly region: string | undefined;
}

/**
 * Reads from AWS once what expectations need: the named principals and sources, or the complete
 * account if patterns have to be resolved.
 * @throws Failure if the credentials fail, no Region is known, or AWS cannot be reached
 */
export async function readExpected(
  { expectations, plans }: AskedOfAws,
  options: LiveOptions,
): Promise<ReadForExpectations> {
  if (plans.length > 0) return await readForPlans({ expectations, plans }, options);
  const region = await usualRegion(expectations, options);
  if (expectations.length === 0 || !expectations.every(isNamedWhole))
    return { evidence: await readAll(expectations, region, options), region };
  const { collectAll } = await import('../../collect/collect-all.ts');
  const questions = expectations.flatMap((one) => questionsFor(one, region));
  try {
    const { evidence } = await collectAll(questions, { ...options, ...(region === undefined ? {} : { region }) });
    return { evidence, region };
  } catch (error) {
    // Something that is named does not exist, so everything is read to find the nearest names.
    if (!(error instanceof Failure) || error.kind !== 'input') throw error;
    return { evidence: await readAll(expectations, region, options), region };
  }
}

/**
 * A plan may be about any principal, key and database of the account, in the Regions that it names.
 */
async function readForPlans({ expectations, plans }: AskedOfAws, options: LiveOptions): Promise<ReadForExpectations> {
  const { regionsIn } = await import('../../plan/places.ts');
  const planned = plans.flatMap(({ plan }) => regionsIn(plan));
  const [first] = planned;
  const region = await usualRegion([], options).catch((error: unknown) => {
    // If nobody sets a Region, the Region of the plan is used.
    if (first === undefined || !(error instanceof Failure) || error.kind !== 'setup') throw error;
    return first;
  });
  const placed = region === undefined ? options : { ...options, region };
  const regions = new Set([region ?? [], planned, expectations.flatMap(regionsOf)].flat());
  return { evidence: await collected([...regions], true, placed), region };
}

/** Whether everybody and every key is named, so that no list of principals or keys is needed. */
function isNamedWhole({ isOnly, who, source }: Expectation): boolean {
  const namesKeys = source?.field !== 'key' || source.items.every(({ is }) => is === 'name');
  return namesKeys && !isOnly && who.every(({ is, tags }) => (is === 'name' || is === 'caller') && tags.length === 0);
}

/** The Region of the settings, if an expectation names none. */
async function usualRegion(expectations: readonly Expectation[], options: LiveOptions): Promise<string | undefined> {
  if (expectations.length > 0 && expectations.every(({ regions }) => regions.length > 0)) return undefined;
  const { settingsFrom } = await import('../../collect/settings.ts');
  const { region, requestHandler } = await settingsFrom(options);
  requestHandler.destroy();
  return region;
}

async function readAll(
  expectations: readonly Expectation[],
  usual: string | undefined,
  options: LiveOptions,
): Promise<Evidence> {
  const regions = [...new Set([...(usual === undefined ? [] : [usual]), ...expectations.flatMap(regionsOf)])];
  const allKeys = expectations.some(
    ({ source, parameters }) => source?.field === 'key' || parameters.kmsKeyId !== undefined,
  );
  return await collected(regions, allKeys, options);
}

async function collected(regions: readonly string[], allKeys: boolean, options: LiveOptions): Promise<Evidence> {
  const { collectAccounts } = await import('../../collect/accounts.ts');
  const [own] = await collectAccounts({ regions, allRegions: false, allKeys, roleArns: [] }, options);
  if (own === undefined) throw new Failure('aws', 'nothing could be read', 'check the credentials');
  return own.evidence;
}

function regionsOf({ regions, source }: Expectation): readonly string[] {
  const ofSources = (source?.items ?? []).flatMap((item) => regionOf(item) ?? []);
  return [...regions.map(({ text }) => text), ...ofSources];
}

function regionOf(item: SourceItem): string | undefined {
  return item.is === 'newest' ? item.region : placeOf(item.said.text)?.region;
}

function questionsFor(expectation: Expectation, usual: string | undefined): readonly PlacedQuestion[] {
  const { who, regions, source, asked } = expectation;
  const operations = asked.flatMap((one) => ('operations' in one ? one.operations : []));
  const items: readonly (SourceItem | undefined)[] =
    source === undefined || source.field === 'key' ? [undefined] : source.items;
  const places = regions.length > 0 ? regions.map(({ text }) => text) : usual === undefined ? [] : [usual];
  return who.flatMap(({ said, is }) =>
    places.flatMap((region) =>
      items.map((item): PlacedQuestion => {
        const toRead = toReadFor(expectation, operations, item);
        return { region, toRead: is === 'caller' ? toRead : { ...toRead, principal: said.text } };
      }),
    ),
  );
}

function toReadFor(
  { parameters, source, isOnly }: Expectation,
  operations: readonly Operation[],
  item: SourceItem | undefined,
): ToRead {
  const { kmsKeyId, masterUserSecretKmsKeyId } = parameters;
  const isNamed = item?.is === 'name' && source?.field !== 'backups-of';
  const types: readonly SourceType[] =
    item === undefined
      ? []
      : operations.flatMap((one) =>
          isNamed || source?.field === 'backups-of' ? (one.reads?.types ?? []) : sweptTypes(one),
        );
  const from = item === undefined ? undefined : regionOf(item);
  const crosses = operations.some((one) => one.parameters.includes('source-region'));
  const keys = source?.field === 'key' ? source.items.map(({ said }) => said.text) : [];
  return {
    types: [...new Set(types)],
    crosses,
    otherPrincipals: rolesPassed(parameters),
    kmsKeyIds: [kmsKeyId, masterUserSecretKmsKeyId, ...keys].filter((key) => key !== undefined),
    sharing: isOnly || operations.some(({ followedBy }) => followedBy !== undefined),
    quotas: true,
    ...(isNamed ? { target: item.said.text } : {}),
    ...(from !== undefined && crosses && item?.is === 'newest' ? { sourceRegion: from } : {}),
  };
}
