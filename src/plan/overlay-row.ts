import { isJson, isList, type Json } from '../base/json.ts';
import type { Evidence, PolicyDocument } from '../evidence/schema.ts';
import { readPolicyText } from '../policy/parse.ts';
import { saveFaults } from '../policy/save-faults.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import { holdsTrue, propertyOf } from './configuration.ts';
import type { PlannedDocument } from './documents.ts';
import { isPartOfArn, type PlannedPlaces } from './places.ts';
import type { PlannedChange, PlannedChanges } from './planned-change.ts';

/** Why a change is not in the evidence that is asked. */
export type NotOverlaid =
  | { readonly code: 'type-not-known'; readonly type: string }
  /** Neither the plan nor the evidence tells what a change is about. */
  | { readonly code: 'thing-not-known'; readonly what: string }
  | { readonly code: 'list-missing'; readonly what: string }
  | { readonly code: 'thing-unread'; readonly what: string; readonly name: string };

/** A note about a change that is applied to the evidence. */
export type PlanNote =
  /** `from`: what the text is built from. */
  | { readonly code: 'policy-hidden'; readonly attribute: string; readonly from: readonly string[] }
  /** AWS will refuse the text. */
  | { readonly code: 'policy-refused'; readonly attribute: string; readonly path: string; readonly says: string }
  | { readonly code: 'exclusive-attachment' }
  | { readonly code: 'role-replaced'; readonly noun: 'role' | 'user' }
  /** `from`: the resource that goes, whose role or user has the same name. */
  | { readonly code: 'role-remade'; readonly noun: 'role' | 'user'; readonly from: string }
  /** A database names its key by an alias, which the next plan takes for a change. */
  | { readonly code: 'key-by-alias'; readonly alias: string }
  /** The plan read another key policy than the evidence has. */
  | { readonly code: 'evidence-differs' };

/**
 * A plan shows the references of an expression and no function around them. `from`: data sources whose
 * texts are taken for those of policies as they are.
 */
export interface PolicyTaken {
  readonly code: 'policy-taken';
  readonly from: readonly string[];
}

/** What a row of the overlay may ask. */
export interface OverlayContext {
  readonly planned: PlannedChanges;
  readonly places: PlannedPlaces;
  readonly note: (note: PlanNote | PolicyTaken) => void;
  readonly faultsOf: typeof saveFaults;
  /** The ARNs of the roles and users that a policy names. */
  readonly namedIn: (document: PolicyDocument) => ReadonlySet<string>;
  /** What is taken as it is counts as not known. */
  readonly isStrict: boolean;
}

/**
 * What AWS would refuse of each text, which is read once: many states of the evidence hold the
 * text.
 */
export function rememberedFaults(): typeof saveFaults {
  const known = new Map<string, ReturnType<typeof saveFaults>>();
  return (kind, attribute, document) => {
    if (typeof document !== 'string') return saveFaults(kind, attribute, document);
    const name = `${kind} ${attribute} ${document}`;
    const faults = known.get(name) ?? saveFaults(kind, attribute, document);
    known.set(name, faults);
    return faults;
  };
}

/** What comes of a change: the evidence with it, or why that cannot be. */
export type Laid = { readonly evidence: Evidence } | { readonly why: NotOverlaid };

export type OverlayRow = (evidence: Evidence, change: PlannedChange, context: OverlayContext) => Laid;

export function laid(evidence: Evidence | undefined, why: NotOverlaid): Laid {
  return evidence === undefined ? { why } : { evidence };
}

export function thingNotKnown(what: string): { readonly why: NotOverlaid } {
  return { why: { code: 'thing-not-known', what } };
}

export const isGone = ({ kind }: PlannedChange): boolean => kind === 'delete';
export const isMade = ({ kind }: PlannedChange): boolean => kind === 'create' || kind === 'replace';

/** A text that holds something. */
export function textIn(json: Json | undefined, name: string): string | undefined {
  const value = propertyOf(json, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The text of an attribute: of what goes, as it was; else as it will be. */
export function textNow(change: PlannedChange, attribute: string, { places }: OverlayContext): string | undefined {
  return isGone(change) ? textIn(change.before, attribute) : places.textAt(change, attribute);
}

/** Stands for a name that the provider chooses, and that nothing has yet. */
export function chosenName({ address }: PlannedChange): string {
  return `planned-${address.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;
}

/**
 * A policy for the evidence. Undefined: not known, as a text that nobody has read. AWS refuses a
 * faulty policy, and then nothing of the change is certain.
 */
export function policyText(
  document: PlannedDocument,
  { kind, attribute }: { readonly kind: PolicyKind; readonly attribute: string },
  { note, faultsOf, isStrict }: OverlayContext,
): PolicyDocument | undefined {
  if (document.is === 'hidden') note({ code: 'policy-hidden', attribute, from: document.because });
  if (document.is !== 'text') return undefined;
  if (document.taken !== undefined) note({ code: 'policy-taken', from: [document.taken] });
  if (document.taken !== undefined && isStrict) return undefined;
  const [fault] = faultsOf(kind, attribute, document.document);
  if (fault === undefined) return typeof document.document === 'string' ? document.document : { ...document.document };
  const isJsonText = typeof document.document !== 'string' || !('fault' in readPolicyText(document.document));
  // The message of the parser would quote the text, which may hold secrets.
  note({ code: 'policy-refused', attribute, path: fault.path, says: isJsonText ? fault.says : 'is not JSON' });
  return undefined;
}

/**
 * A list of names or ARNs, of which some may be things that are made. Undefined: not all of them
 * are known.
 */
export function textsAt(
  change: PlannedChange,
  attribute: string,
  { planned, places }: OverlayContext,
): readonly string[] | undefined {
  const given = propertyOf(change.after, attribute);
  const all = isList(given) ? given : [];
  const known = all.filter((one) => typeof one === 'string');
  const mark = isJson(change.unknown) ? propertyOf(change.unknown, attribute) : undefined;
  if (!holdsTrue(mark)) return known;
  const values = planned.valuesAt({ ...change, unknown: true }, [attribute]);
  const later = values
    .flatMap((value) => (value.is === 'later' ? (places.textOf(value) ?? []) : []))
    .filter((text) => !isPartOfArn([attribute], text));
  return isList(mark) && later.length === all.length - known.length ? [...known, ...later] : undefined;
}
