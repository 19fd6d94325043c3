import { defaultMaxAge } from '../evidence/age.ts';
import { demoEvidence, demoPrincipal } from '../evidence/demo.ts';
import type { EvidenceFile } from '../evidence/load.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { DemoName } from './options/values.ts';

/** The evidence to answer from. */
export interface HeldEvidence {
  readonly evidence: Evidence;
  /** Those whose policies nobody has looked into. */
  readonly files: readonly EvidenceFile[];
}

/** The flags that name evidence, and how old it may be. */
export interface EvidenceFlags {
  readonly demo?: DemoName;
  readonly evidence?: readonly string[];
  /** Hours. */
  readonly maxAge?: number;
}

/** An embedded example, with who asks. */
export async function exampleCalled(name: DemoName): Promise<Evidence> {
  return name === 'estate'
    ? (await import('../evidence/demo-estate.ts')).estateEvidence
    : { ...demoEvidence, caller: { Arn: demoPrincipal } };
}

/** The embedded evidence, or that of files. Undefined: AWS is to be asked. @throws Failure */
export async function heldEvidence({ demo, evidence: paths }: EvidenceFlags): Promise<HeldEvidence | undefined> {
  if (demo !== undefined) return { evidence: await exampleCalled(demo), files: [] };
  if (paths === undefined) return undefined;
  const { readWithoutPolicies } = await import('../evidence/read.ts');
  return readWithoutPolicies(paths);
}

/**
 * The same for callers that go through the evidence account by account: files may be larger than
 * memory.
 */
export async function evidenceByAccount({ demo, evidence: paths }: EvidenceFlags): Promise<HeldEvidence | undefined> {
  if (demo !== undefined || paths === undefined) return heldEvidence({ ...(demo === undefined ? {} : { demo }) });
  const { readByAccount } = await import('../evidence/by-account.ts');
  collectGarbageEarly();
  return readByAccount(paths);
}

/**
 * V8 collects garbage when twice as much memory is in use as after the last time. By itself, it
 * waits until there is up to four times as much, and most of the memory of a large audit would be
 * garbage. To collect still earlier takes more time than it is worth. That is no limit: an answer
 * that needs more memory gets it.
 */
function collectGarbageEarly(): void {
  process.getBuiltinModule('node:v8').setFlagsFromString('--heap-growing-percent=100');
}

/** Evidence that was written by hand does not need a date, unless the user asks for its age. */
export function oldestAllowed(
  { demo, maxAge }: EvidenceFlags,
  { collectedAt }: Evidence,
): Pick<EvidenceFlags, 'maxAge'> {
  return demo !== undefined || (maxAge === undefined && collectedAt === undefined)
    ? {}
    : { maxAge: maxAge ?? defaultMaxAge };
}

/** The time of a question, as ISO text. A demo is asked when it was read, so that its dates never pass. */
export function timeOfAsking(
  { demo }: EvidenceFlags,
  { collectedAt }: Evidence,
  { now }: { readonly now: () => Date },
): string {
  return (demo !== undefined && collectedAt !== undefined ? new Date(collectedAt) : now()).toISOString();
}
