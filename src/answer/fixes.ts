import { digestOf } from '../base/digest.ts';
import { reasonOf } from '../check/call-reason.ts';
import type { ReportedFix, ReportedFixStep } from '../contract/report.ts';
import { callText } from '../explain/calls.ts';
import { fixStepText, policyPhrase } from '../explain/fixes.ts';
import { verdictText } from '../explain/reasons.ts';
import type { RemainingWay } from '../fix/doers.ts';
import type { Running } from '../fix/effects.ts';
import type { Fix, FixChange } from '../fix/fixes.ts';
import { gainsTogether, powersTogether } from './gains.ts';
import { allInWords, inWords } from './in-words.ts';

/** Puts each fix into words once. Two fixes with the same words become one fix with one ID. */
export function reportingFixes(): (fix: Fix) => ReportedFix {
  const known = new Map<Fix, ReportedFix>();
  return (fix) => {
    const made = known.get(fix) ?? reported(fix);
    known.set(fix, made);
    return made;
  };
}

function reported({ verdict, doubts, changes, gains, powers, powersNotAsked, notAsked, among, unread, running }: Fix) {
  const parts = {
    verdict,
    doubts: allInWords(doubts, verdictText),
    steps: changes.map(stepOf),
    gains: gainsTogether(gains),
    powers: powersTogether(powers),
    powersNotAsked,
    notAsked,
    ...(among === undefined ? {} : { among }),
    ...(unread === undefined ? {} : { unread: { accounts: [...unread.accounts], others: unread.others } }),
    running: running.map(runningOf),
  };
  return { id: `fix-${digestOf(parts)}`, ...parts };
}

function stepOf({
  owner,
  account,
  steps,
  edit,
  other,
  doers,
  askFirst,
  commands,
  script,
  terraform,
}: FixChange): ReportedFixStep {
  return {
    owner,
    account,
    does: allInWords(steps, fixStepText),
    policy:
      edit === undefined
        ? null
        : {
            name: policyPhrase(edit.policy),
            place: edit.policy.place,
            before: edit.before ?? null,
            after: edit.after,
          },
    other: other ?? null,
    by:
      doers === undefined
        ? null
        : {
            actions: [...doers.actions],
            principals: [...doers.principals],
            perhaps: [...doers.perhaps],
            complete: doers.isComplete,
            remaining: remainingOf(doers.remaining),
          },
    askFirst: [...askFirst],
    commands,
    script: script ?? null,
    terraform: terraform ?? null,
  };
}

function remainingOf(way: RemainingWay | undefined): NonNullable<ReportedFixStep['by']>['remaining'] {
  switch (way?.way) {
    case undefined:
      return null;
    case 'give permission':
      return { ...way, actions: [...way.actions], givers: [...way.givers] };
    case 'create principal':
      return { ...way, creators: [...way.creators] };
    case 'AWS Support':
      return way;
  }
}

function runningOf({ key, databases, before, after }: Running): ReportedFix['running'][number] {
  return {
    key,
    ...(before.key?.alias === undefined ? {} : { alias: before.key.alias }),
    databases,
    before: before.decision.decision,
    after: after.decision.decision,
    why: inWords(reasonOf(after), (reason) => callText({ call: after, reason })),
  };
}
