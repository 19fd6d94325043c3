import { rankOf } from '../audit/impact-table.ts';
import {
  type ActionImpact,
  deletionEnd,
  type ImpactGroup,
  type KeyImpact,
  type KeyImpactQuestion,
  keyImpact,
  noteRules,
  worstVerdict,
} from '../audit/key-impact.ts';
import { type PolicyChange, policyEffects } from '../audit/new-policy.ts';
import { accountOf, placeOf } from '../base/arn.ts';
import { citedRule } from '../base/rules.ts';
import type {
  KeyImpactReport,
  ReportedActionImpact,
  ReportedEffect,
  ReportedKeyImpact,
  ReportedPolicyChange,
} from '../contract/key-impact-report.ts';
import type { ReportedText } from '../contract/worded.ts';
import { ageWarning } from '../evidence/age.ts';
import { directoryOf } from '../evidence/directory.ts';
import type { HypotheticalChange } from '../evidence/hypothesis.ts';
import { aliasOf } from '../evidence/lookup.ts';
import type { Evidence } from '../evidence/schema.ts';
import { ageWarningText } from '../explain/evidence-age.ts';
import { hypothesisText } from '../explain/hypotheses.ts';
import {
  actionText,
  actionTitle,
  dependentsText,
  finalText,
  impactUnreadText,
  keyImpactText,
  keyNoteText,
  lastUseUnread,
  lossText,
  namedDependentsText,
  notLookedAt,
  pointerText,
  policyEffectText,
  refusalText,
  severalKeysText,
  undoText,
} from '../explain/key-impact.ts';
import { lackText } from '../explain/preflight.ts';
import { verdictChange } from './diff.ts';
import { allInWords, inWords } from './in-words.ts';
import type { PlannedForKeys } from './plan.ts';

/** The question to `key-impact`. */
export interface KeyImpactAsked extends KeyImpactQuestion {
  readonly assumed?: readonly HypotheticalChange[];
  /**
   * The plans that are applied to the evidence, and what they do to the keys. Absent: no plan was
   * given.
   */
  readonly applied?: PlannedForKeys;
  /** In hours. The report warns about older evidence. Absent: the age does not matter. */
  readonly maxAge?: number;
}

/**
 * A report on the resources that depend on keys, and on what happens to them if a key is taken out
 * of use. `version`: the version of the tool.
 */
export function keyImpactReport(evidence: Evidence, asked: KeyImpactAsked, version: string): KeyImpactReport {
  const { keys, actions, assumed, evaluatedAt, applied } = asked;
  const doubts = applied?.doubts ?? [];
  const directory = directoryOf(evidence);
  const found = keys.map((arn) => reportedKey(keyImpact(directory, arn, asked)));
  const isUseUnread = keys.some((arn) => directory.key(arn)?.LastUsage === undefined);
  return {
    keyImpactVersion: 1,
    tool: { name: 'aurora-kms-check', version },
    evaluatedAt,
    evidenceAt: evidence.collectedAt ?? null,
    ...(assumed === undefined || assumed.length === 0 ? {} : { assumed: allInWords(assumed, hypothesisText) }),
    ...(applied === undefined ? {} : { plans: applied.plans, planned: applied.planned }),
    ...(doubts.length === 0 ? {} : { doubts: [...doubts] }),
    actions: [...actions],
    keys: found,
    notLookedAt: [...notLookedAt, ...(isUseUnread ? [lastUseUnread] : [])],
    warnings: ageOf(evidence, asked),
    answer: answerOf(found),
    verdict: worstVerdict([...found.map(({ verdict }) => verdict), ...doubts.map(() => 'cannot tell' as const)]),
  };
}

function ageOf({ collectedAt }: Evidence, { maxAge, evaluatedAt }: KeyImpactAsked): ReportedText[] {
  const warning = maxAge === undefined ? undefined : ageWarning(collectedAt, evaluatedAt, maxAge);
  return warning === undefined ? [] : [inWords(warning, ageWarningText)];
}

function answerOf(keys: readonly ReportedKeyImpact[]): string {
  const [first, ...others] = keys;
  if (first === undefined) return 'No key was checked';
  if (others.length === 0) return first.says;
  return severalKeysText(keys.map(({ verdict }) => verdict));
}

function reportedKey(impact: KeyImpact): ReportedKeyImpact {
  const { arn, key, state, manager, found, actions, pointers, unread, notes, verdict } = impact;
  return {
    key: arn,
    keyAlias: aliasOf(key) ?? null,
    account: accountOf(arn),
    region: placeOf(arn)?.region ?? '',
    state: state ?? null,
    manager: manager ?? null,
    origin: key?.KeyMetadata.Origin ?? null,
    dependents: found.dependents.length,
    actions: actions.map((one) => reportedAction(one, impact)),
    pointers: allInWords(pointers, pointerText),
    notRead: allInWords(unread, impactUnreadText),
    principalsNotRead: allInWords(
      actions.flatMap(({ holders }) => holders.flatMap(({ lacks }) => lacks)),
      lackText,
    ),
    notes: notes.map((note) => {
      const source = noteRules.get(note.code);
      return { ...inWords(note, keyNoteText), ...(source === undefined ? {} : { source: citedRule(source) }) };
    }),
    says: keyImpactText(impact),
    verdict,
  };
}

function reportedAction(impact: ActionImpact, of: KeyImpact): ReportedActionImpact {
  const { action, refusal, verdict, groups, holders, selfGivers: givers, change } = impact;
  const [first] = groups;
  const lost = groups.flatMap(({ impact: { isLostInTheEnd, kind }, dependents }) =>
    isLostInTheEnd ? [dependentsText(kind, dependents)] : [],
  );
  return {
    action,
    ...actionTitle(impact),
    refused: refusal === undefined ? null : { ...inWords(refusal, refusalText), source: citedRule(refusal.source) },
    verdict: verdict ?? null,
    says: actionText(impact),
    effects: groups.map((group) => reportedEffect(group, { key: of.arn, isOpen: change?.stopsGrants === 'maybe' })),
    holders: holders.map(({ action: call, isUndo, can, may }) => ({
      action: call,
      isUndo,
      can: [...can],
      may: [...may],
    })),
    selfGivers: { can: [...givers.can], may: [...givers.may], notAsked: givers.notAsked },
    change: change === undefined ? null : reportedChange(change),
    inTheEnd:
      verdict === undefined || first === undefined || lost.length === 0
        ? null
        : finalText(action, lost, { end: deletionEnd(of), undo: first.impact.undo }),
  };
}

function reportedChange(change: PolicyChange): ReportedPolicyChange {
  const { losses, gains, asked, changers, isLockedOut } = change;
  return {
    losses: losses.map(verdictChange),
    gains: gains.map(verdictChange),
    asked,
    changers: { can: [...changers.can], may: [...changers.may] },
    isLockedOut,
    says: policyEffects(change).map((effect) => inWords(effect, policyEffectText)),
  };
}

/** `key`: its ARN; `isOpen`: it is unknown whether RDS loses the key. */
function reportedEffect(
  { impact, dependents }: ImpactGroup,
  { key, isOpen }: { readonly key: string; readonly isOpen: boolean },
): ReportedEffect {
  const { kind, loss, when, repair, undo, isLostInTheEnd, basis, source } = impact;
  const subject = dependentsText(kind, dependents);
  const loses = `${namedDependentsText(kind, dependents, key)} ${lossText(impact, dependents.length)}`;
  return {
    kind,
    rank: rankOf(kind),
    dependents: dependents.map(({ arn, account, region, engine, status, field }) => ({
      arn,
      account,
      region,
      engine: engine ?? null,
      status: status ?? null,
      field,
    })),
    subject,
    loss: { code: loss, text: isOpen ? `if RDS loses the key, ${loses}` : loses },
    when,
    undo: undoText(impact),
    keyUndo: undo,
    repair,
    isLostInTheEnd,
    basis,
    source: citedRule(source),
  };
}
