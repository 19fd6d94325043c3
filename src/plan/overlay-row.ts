import { isJson, isList, type Json } from '../base/json.ts';
import type { Evidence, PolicyDocument } from '../evidence/schema.ts';
import { readPolicyText } from '../policy/parse.ts';
import { saveFaults } from '../policy/save-faults.ts';
import type { PolicyKind } from '../policy/statement-ref.ts';
import { holdsTrue, propertyOf } from './configuration.ts';
import { documentAt, openDocument, type PlannedDocument } from './documents.ts';
import { isPartOfText, type PlannedPlaces } from './places.ts';
import type { PlannedChange, PlannedChanges } from './planned-change.ts';

/** Why a change cannot be applied to the evidence. */
export type NotOverlaid =
  | { readonly code: 'type-not-known'; readonly type: string }
  /**
   * Neither the plan nor the evidence shows which resource a change is about, or what it does.
   * `isName`: a name or ARN in the configuration would show it.
   */
  | { readonly code: 'thing-not-known'; readonly what: string; readonly isName: boolean }
  | { readonly code: 'list-missing'; readonly what: string }
  | { readonly code: 'thing-unread'; readonly what: string; readonly name: string };

/** A note about a change that is applied to the evidence. */
export type PlanNote =
  /** `from`: the sources of the text. */
  | { readonly code: 'policy-hidden'; readonly attribute: string; readonly from: readonly string[] }
  /**
   * The key has the default policy if a `local` is null, and the plan suggests that the `local` is
   * null. `from`: the name of the `local`.
   */
  | { readonly code: 'policy-usual'; readonly from: string }
  /** AWS will refuse the text. */
  | { readonly code: 'policy-refused'; readonly attribute: string; readonly path: string; readonly says: string }
  | { readonly code: 'exclusive-attachment' }
  /** `others`: changes that decide the same policy, and that nothing orders. */
  | { readonly code: 'policies-unordered'; readonly others: readonly string[] }
  | { readonly code: 'role-replaced'; readonly noun: 'role' | 'user' }
  /** `from`: the deleted resource, whose role or user has the same name. */
  | { readonly code: 'role-remade'; readonly noun: 'role' | 'user'; readonly from: string }
  /** A database names its key by an alias, so the next plan will see a change. */
  | { readonly code: 'key-by-alias'; readonly alias: string }
  /** A DB instance is restored under the key of its backup, `key`, and the resource names another key. */
  | { readonly code: 'key-not-sent'; readonly key: string }
  /** `global`: the global cluster into which an update would put a cluster. The provider refuses that. */
  | { readonly code: 'global-cluster-not-joined'; readonly global: string }
  /** `source`: the database that an update would make the source of a database. The provider refuses that. */
  | { readonly code: 'replica-source-kept'; readonly source: string }
  /** The policies of a key or role in the plan and in the evidence differ. */
  | { readonly code: 'evidence-differs'; readonly of: 'key' | 'role' };

/**
 * A plan shows the references of an expression and no function around them. `from`: data sources
 * whose texts are used as the texts of policies.
 */
export interface PolicyTaken {
  readonly code: 'policy-taken';
  readonly from: readonly string[];
}

/** The context of a row of the overlay. */
export interface OverlayContext {
  readonly planned: PlannedChanges;
  readonly places: PlannedPlaces;
  readonly note: (note: PlanNote | PolicyTaken) => void;
  readonly faultsOf: typeof saveFaults;
  /** The ARNs of the roles and users that a policy names. */
  readonly namedIn: (document: PolicyDocument) => ReadonlySet<string>;
  readonly remade: {
    /**
     * The policy that a change writes, with statements left open if only the apply shows whether they
     * name a role or user that the plan deletes, or the new one of the same name.
     */
    readonly openPolicy: (document: PolicyDocument, change: PlannedChange, attribute: string) => PolicyDocument;
    /** Whether a change may still find such a role or user, by its ARN. */
    readonly mayBeOld: (arn: string, change: PlannedChange) => boolean;
  };
  /** With --strict, texts of data sources count as unknown. */
  readonly isStrict: boolean;
  /** The addresses of changes that decide the same policy or attachment, in no order. */
  readonly rivals: readonly string[];
  /** The owners of what the rivals decide, too, as by ownerAt. */
  readonly contested: ReadonlySet<string>;
}

/**
 * Finds the faults for which AWS would refuse a policy. Each text is parsed once, because many
 * states of the evidence share it.
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

/** The result of a change: the evidence with the change, or the reason why it cannot be applied. */
export type Laid = { readonly evidence: Evidence } | { readonly why: NotOverlaid };

export type OverlayRow = (evidence: Evidence, change: PlannedChange, context: OverlayContext) => Laid;

/** The result of an edit. `why`: the reason if the evidence is undefined. */
export function laid(evidence: Evidence | undefined, why: NotOverlaid): Laid {
  return evidence === undefined ? { why } : { evidence };
}

/**
 * Says that neither the plan nor the evidence shows which resource a change is about. `what`: the
 * missing name, in words.
 */
export function thingNotKnown(what: string): { readonly why: NotOverlaid } {
  return { why: { code: 'thing-not-known', what, isName: true } };
}

/** Says the same of a fact that no name or ARN in the configuration would show. */
export function factNotKnown(what: string): { readonly why: NotOverlaid } {
  return { why: { code: 'thing-not-known', what, isName: false } };
}

export const isGone = ({ kind }: PlannedChange): boolean => kind === 'delete';
export const isMade = ({ kind }: PlannedChange): boolean => kind === 'create' || kind === 'replace';

/** Whether a change stands for a resource as the state has it. */
export function isOfState({ kind, before }: PlannedChange): boolean {
  return kind === 'update' && before === undefined;
}

/** The text of a property. Undefined: the property is missing, empty or not a text. */
export function textIn(json: Json | undefined, name: string): string | undefined {
  const value = propertyOf(json, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The text of an attribute: the old text for a deleted resource, else the new text. */
export function textNow(
  change: PlannedChange,
  attribute: string,
  { places }: Pick<OverlayContext, 'places'>,
): string | undefined {
  return isGone(change) ? textIn(change.before, attribute) : places.textAt(change, attribute);
}

/** A placeholder for a name that the provider will choose. */
export function chosenName({ address }: PlannedChange): string {
  return `planned-${address.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;
}

/**
 * The policy to put into the evidence. Undefined: the policy counts as not read, because its text
 * is not known, or because AWS would refuse the text, and then no effect of the change is certain.
 * `writtenBy`: the change that writes the policy, if the policy may name roles and users as principals.
 */
export function policyText(
  document: PlannedDocument,
  {
    kind,
    attribute,
    writtenBy,
  }: { readonly kind: PolicyKind; readonly attribute: string; readonly writtenBy?: PlannedChange },
  { note, faultsOf, isStrict, rivals, remade }: OverlayContext,
): PolicyDocument | undefined {
  if (rivals.length > 0) {
    note({ code: 'policies-unordered', others: rivals });
    return undefined;
  }
  if (document.is === 'hidden') note({ code: 'policy-hidden', attribute, from: document.because });
  if (document.is !== 'text') return undefined;
  if (document.taken !== undefined) note({ code: 'policy-taken', from: [document.taken] });
  if (document.taken !== undefined && isStrict) return undefined;
  const [fault] = faultsOf(kind, attribute, document.document);
  if (fault === undefined) {
    const text = typeof document.document === 'string' ? document.document : { ...document.document };
    return writtenBy === undefined ? text : remade.openPolicy(text, writtenBy, attribute);
  }
  const isJsonText = typeof document.document !== 'string' || !('fault' in readPolicyText(document.document));
  // The message of the parser would quote the text, which may hold secrets.
  note({ code: 'policy-refused', attribute, path: fault.path, says: isJsonText ? fault.says : 'is not JSON' });
  return undefined;
}

/** The policy of a resource that a change writes in `policy`, left open if its text is not known. */
export function writtenPolicy(change: PlannedChange, context: OverlayContext): PolicyDocument {
  const document = documentAt(context.planned, context.places, change, 'policy');
  const of = { kind: 'resource', attribute: 'policy', writtenBy: change } as const;
  return policyText(document, of, context) ?? openDocument(change, 'resource');
}

/**
 * A list of names or ARNs, some of which may be new resources. Undefined: not all of them are
 * known.
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
    .filter(({ is }) => is === 'later')
    .flatMap((value) => {
      const text = places.textOf(value);
      return text === undefined || isPartOfText([attribute], value, text) ? [] : [text];
    });
  return isList(mark) && later.length === all.length - known.length ? [...known, ...later] : undefined;
}
