import { defaultMaxAge } from '../evidence/age.ts';
import { demoEvidence, demoPrincipal } from '../evidence/demo.ts';
import type { EvidenceFile } from '../evidence/load.ts';
import type { Evidence } from '../evidence/schema.ts';
import type { DemoName } from './options/values.ts';

/** The evidence that answers. */
export interface HeldEvidence {
  readonly evidence: Evidence;
  /** The files whose policies were not checked yet. */
  readonly files: readonly EvidenceFile[];
}

/** The flags that name evidence, and how old it may be. */
export interface EvidenceFlags {
  readonly demo?: DemoName;
  readonly evidence?: readonly string[];
  /** In hours. */
  readonly maxAge?: number;
}

/** An embedded example, with its principal. */
export async function exampleCalled(name: DemoName): Promise<Evidence> {
  return name === 'estate'
    ? (await import('../evidence/demo-estate.ts')).estateEvidence
    : { ...demoEvidence, caller: { Arn: demoPrincipal } };
}

/**
 * The embedded evidence, or the evidence of files. Undefined: AWS has to be read. @throws Failure
 */
export async function heldEvidence({ demo, evidence: paths }: EvidenceFlags): Promise<HeldEvidence | undefined> {
  if (demo !== undefined) return { evidence: await exampleCalled(demo), files: [] };
  if (paths === undefined) return undefined;
  const { readWithoutPolicies } = await import('../evidence/read.ts');
  return readWithoutPolicies(paths);
}

/**
 * The same for callers that go through the evidence account by account, because files may be larger
 * than memory.
 */
export async function evidenceByAccount({ demo, evidence: paths }: EvidenceFlags): Promise<HeldEvidence | undefined> {
  if (demo !== undefined || paths === undefined) return heldEvidence({ ...(demo === undefined ? {} : { demo }) });
  const { readByAccount } = await import('../evidence/by-account.ts');
  collectGarbageEarly();
  return readByAccount(paths);
}

/**
 * Makes V8 collect garbage when twice as much memory is in use as after the last collection. By
 * default, V8 waits until up to four times as much is in use, and most of the memory of a large
 * audit would be garbage. To collect even earlier would take too much time. This is no limit: an
 * answer that needs more memory gets it.
 */
function collectGarbageEarly(): void {
  process.getBuiltinModule('node:v8').setFlagsFromString('--heap-growing-percent=100');
}

/**
 * The oldest age without a warning. Evidence that was written by hand needs no date, unless the
 * user asks for its age.
 */
export function oldestAllowed(
  { demo, maxAge }: EvidenceFlags,
  { collectedAt }: Evidence,
): Pick<EvidenceFlags, 'maxAge'> {
  return demo !== undefined || (maxAge === undefined && collectedAt === undefined)
    ? {}
    : { maxAge: maxAge ?? defaultMaxAge };
}

/**
 * The time of a question, as ISO text. For a demo, this is when it was read, so that its dates
 * never pass.
 */
export function timeOfAsking(
  { demo }: EvidenceFlags,
  { collectedAt }: Evidence,
  { now }: { readonly now: () => Date },
): string {
  return (demo !== undefined && collectedAt !== undefined ? new Date(collectedAt) : now()).toISOString();
}
