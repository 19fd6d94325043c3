import { type BulkTarget, type Cell, decideInBulk, principalsNamed } from '../../src/bulk/bulk.ts';
import type { SignaturePart } from '../../src/bulk/parts.ts';
import type { Unfolded } from '../../src/bulk/unfold.ts';
import { decideAnyRequest } from '../../src/check/any-request.ts';
import { type Evaluated, evaluator } from '../../src/check/evaluate.ts';
import { nearMissesOf } from '../../src/check/near-misses.ts';
import { type Directory, directoryOf } from '../../src/evidence/directory.ts';
import { findPrincipal } from '../../src/evidence/principals.ts';
import { everySource } from '../../src/evidence/sources.ts';
import { findOperation } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { statementKey } from '../../src/policy/statement-ref.ts';
import { factKey } from '../../src/policy/truth.ts';
import { chanceOf, Dice, type Estate } from './estates.ts';

/* Compares the members of classes with single checks. */

const now = '2026-11-26T12:00:00Z';
const settings = { context: {}, strict: false, evaluatedAt: now } as const;

const asked: readonly { readonly api: string; readonly parameters?: BulkTarget['parameters'] }[] = [
  { api: 'RestoreDBClusterFromSnapshot' },
  { api: 'RestoreDBClusterFromSnapshot', parameters: { kmsKeyId: 'arn:aws:kms:us-east-1:444455556666:key/k1' } },
  { api: 'CopyDBClusterSnapshot', parameters: { copyTags: true } },
  { api: 'CreateDBClusterSnapshot' },
  { api: 'ModifyDBClusterSnapshotAttribute', parameters: { with: ['444455556666'] } },
  { api: 'DeleteDBCluster', parameters: { skipFinalSnapshot: true } },
  { api: 'restore-job' },
  { api: 'copy-job', parameters: { kmsKeyId: 'arn:aws:kms:us-east-1:444455556666:key/k1' } },
];

function operation(api: string): Operation {
  const found = findOperation(api);
  if (found === undefined) throw new Error(`no operation ${api}`);
  return found;
}

/** Two operations on all sources of the estate. */
export function targetsIn({ evidence }: Estate, seed: number): readonly BulkTarget[] {
  const dice = new Dice(chanceOf(seed + 1));
  const sources = everySource(evidence);
  const first = dice.chance(asked.length);
  return [asked[first], asked[(first + 1 + dice.chance(asked.length - 1)) % asked.length]].flatMap((one) => {
    if (one === undefined) return [];
    const found = operation(one.api);
    return sources
      .filter(({ type }) => found.reads?.types.some((taken) => taken === type) === true)
      .map((source) => ({ operation: found, source, region: source.region, parameters: one.parameters ?? {} }));
  });
}

/**
 * The parts of a result that a class must share with its members, as text. `as`: the names of the
 * member.
 */
export function outlineOf({ verdict, calls, preconditions }: Evaluated, as: Unfolded | undefined): unknown {
  const said = as ?? { statement: same, decidedBy: same, fact: same };
  return {
    verdict,
    calls: calls.map((call) => ({
      row: [call.row.kind, call.row.action, call.row.on],
      decision: call.decision.decision,
      denial: 'denial' in call.decision ? call.decision.denial : undefined,
      by: call.decision.decidedBy.map((by) => {
        const own = said.decidedBy(by);
        return 'grant' in own ? own : [statementKey(own), own.sid, own.effect];
      }),
      dependsOn: call.decision.dependsOn.map((fact) => factKey(said.fact(fact))),
      lacking: call.decision.lacking,
      nearMisses:
        call.decision.decision === 'denied'
          ? nearMissesOf(call).map((near) => {
              const statement = said.statement(near.statement);
              return [statementKey(statement), statement.sid, near.miss.code];
            })
          : [],
      assumptions: call.assumptions,
    })),
    preconditions: preconditions.map(({ row, status, reason }) => [row.code, status, reason.code]),
  };
}

function same<T>(one: T): T {
  return one;
}

export interface Tally {
  pairs: number;
  cells: number;
  members: number;
  readonly verdicts: Record<string, number>;
}

export interface Difference {
  readonly principal: string;
  readonly target: string;
  readonly operation: string;
  readonly ofClass: unknown;
  readonly alone: unknown;
}

/**
 * The first member of a class whose answer differs from the answer of its class, and the compared
 * results.
 */
export function differenceIn(
  estate: Estate,
  seed: number,
  tally: Tally,
  without: ReadonlySet<SignaturePart> = new Set(),
): Difference | undefined {
  const directory = directoryOf(estate.evidence);
  const targets = targetsIn(estate, seed);
  // A source that is not shared fails for principals of other accounts, so a sample is enough.
  const targetsOf = (account: string): readonly BulkTarget[] =>
    targets.filter(
      ({ source }) => source?.account === account || source?.identifier === 'app-1' || source?.identifier === 'app',
    );
  // Checks that cover every request take the longest, so only some estates have them.
  const any = seed % 4 === 3 ? anyRequests(directory) : undefined;
  // Without assumptions, more depends on unknown facts.
  const given = { ...settings, strict: seed % 4 === 2 };
  const session = any === undefined ? given : ({ ...given, anyRequest: true } as const);
  for (const cell of decideInBulk(
    directory,
    session,
    { principals: principalsNamed(estate.principals), targets, targetsOf },
    without,
  )) {
    tally.cells += 1;
    tally.members += cell.principals.members.length * cell.targets.members.length;
    for (const [principal, target] of pairsOf(cell)) {
      tally.pairs += 1;
      const alone = cell.of(principal, target);
      tally.verdicts[alone.verdict] = (tally.verdicts[alone.verdict] ?? 0) + 1;
      const found = [
        outlineOf(cell.evaluated(), cell.unfolded(principal)),
        any === undefined || cell.anyRequest().isDenied,
      ];
      const own = [outlineOf(alone, undefined), any?.(principal, target) ?? true];
      if (JSON.stringify(found) !== JSON.stringify(own))
        return {
          principal,
          target: target.source?.arn ?? '',
          operation: target.operation.api,
          ofClass: found,
          alone: own,
        };
    }
  }
  return undefined;
}

/** Whether policies deny every request of a principal on a target. */
function anyRequests(directory: Directory): (principal: string, target: BulkTarget) => boolean {
  const strictly = evaluator(directory, { ...settings, strict: true });
  return (arn, target) =>
    decideAnyRequest(directory, strictly, {
      asking: { ...target, principal: findPrincipal(directory, arn) },
      source: target.source,
      all: false,
    }).isDenied;
}

/** Every member of small classes. For other classes, one member that is not the representative. */
function pairsOf({ principals, targets }: Cell): readonly (readonly [string, BulkTarget])[] {
  const some = <T>(members: readonly T[]): readonly T[] => (members.length < 5 ? members : members.slice(-1));
  return some(principals.members).flatMap((principal) =>
    some(targets.members).map((target) => [principal, target] as const),
  );
}
