import { list } from '../base/wording.ts';
import { reasonOf } from '../check/call-reason.ts';
import type { Remedy, RemedyChange } from '../contract/report.ts';
import { callText } from '../explain/calls.ts';
import { fixStepText, policyPhrase } from '../explain/fixes.ts';
import { verdictTexts } from '../explain/reasons.ts';
import type { RemainingWay } from '../fix/doers.ts';
import type { Running } from '../fix/effects.ts';
import type { Fix, FixChange } from '../fix/fixes.ts';

/** Fixes as a report tells them, each put into words once. */
export function reportingFixes(): (fix: Fix) => Remedy {
  const known = new Map<Fix, Remedy>();
  return (fix) => {
    const remedy = known.get(fix) ?? remedyOf(fix);
    known.set(fix, remedy);
    return remedy;
  };
}

function remedyOf({ verdict, doubts, changes, gains, powers, powersNotAsked, notAsked, among, running }: Fix): Remedy {
  return {
    verdict,
    doubts: [...verdictTexts(doubts)],
    changes: changes.map(changeOf),
    gains: gains.map(({ operation, ...gain }) => ({ ...gain, operation: operation.command, api: operation.api })),
    powers: powers.map(({ key, ...power }) => ({ ...power, key: key ?? null })),
    powersNotAsked,
    notAsked,
    ...(among === undefined ? {} : { among }),
    running: running.map(runningOf),
  };
}

function changeOf({
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
}: FixChange): RemedyChange {
  return {
    owner,
    account,
    does: list(steps.map(fixStepText)),
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

function remainingOf(way: RemainingWay | undefined): NonNullable<RemedyChange['by']>['remaining'] {
  if (way === undefined) return null;
  return way.way === 'create principal' ? { ...way, creators: [...way.creators] } : way;
}

function runningOf({ key, databases, before, after }: Running): Remedy['running'][number] {
  return {
    key,
    ...(before.key?.alias === undefined ? {} : { alias: before.key.alias }),
    databases,
    before: before.decision.decision,
    after: after.decision.decision,
    why: callText({ call: after, reason: reasonOf(after) }),
  };
}
