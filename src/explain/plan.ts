import { shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { list, someOf } from '../base/wording.ts';
import { parameterTable } from '../operations/parameters.ts';
import type { NotOverlaid, PlanNote } from '../plan/overlay-row.ts';
import type { WholeNote } from '../plan/planned-state.ts';
import type { UnlistedUse } from '../plan/unlisted-keys.ts';
import type { ExpectationLack, OpenChange } from '../preflight/outcome.ts';
import type { Narrow } from '../preflight/unplaced.ts';

/** Why a change is not taken into account, as a sentence. */
export function notOverlaidText(why: NotOverlaid): string {
  switch (why.code) {
    case 'type-not-known':
      return `Changes of type ${why.type} are not taken into account.`;
    case 'thing-not-known':
      return `Neither the plan nor the evidence shows ${why.what}.`;
    case 'list-missing':
      return `The evidence does not have the list of ${plural(why.what)}: run collect.`;
    case 'thing-unread':
      return `The evidence does not have the ${why.what} \`${shortName(why.name)}\`: run collect.`;
  }
}

function plural(noun: string): string {
  return noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** A note about a change, as sentences. */
export function planNoteText(note: PlanNote): string {
  switch (note.code) {
    case 'policy-hidden':
      if (note.from.every((one) => /\baws_iam_policy_document\..*\.(?:minified_)?json$/.test(one)))
        return `The plan does not show whether ${note.attribute} has the text of ${list(note.from, 'or')}. Use one document, and put the condition into its dynamic statements.`;
      if (note.from.every((one) => /\baws_iam_policy_document\.\S+(?:\.statement$|\s)/.test(one)))
        return `The text of ${note.attribute} is built from ${list(note.from)}, which the plan does not show. In the data source, list each document and write each statement without a function around it.`;
      return `The text of ${note.attribute} is known only after apply, because it is built from ${list(note.from)}. Write the policy as data "aws_iam_policy_document", so that the plan has its statements, or spell out the ARN.`;
    case 'policy-usual':
      return `The plan does not show ${note.from}. Its value contains nothing that is known only after the apply, so the value counts as null, and KMS gives the key its default policy. With --strict, the policy is unknown.`;
    case 'policy-refused':
      return `AWS will refuse the value of ${note.attribute}: ${note.path === '' ? 'the policy' : note.path} ${note.says}.`;
    case 'exclusive-attachment':
      return 'The next plan detaches the policy from every principal that this resource does not list.';
    case 'evidence-differs':
      return note.of === 'key'
        ? 'The key policies in the plan and in the evidence differ. The policy in the plan is used.'
        : 'The policies of the role in the plan and in the evidence differ. The policies in the plan are used. A policy that only the evidence has counts as unknown.';
    case 'key-by-alias':
      return `RDS returns the ARN of the key, not ${shortName(note.alias)}, so the next plan replaces the database. Set kms_key_id to the ARN of the key.`;
    case 'global-cluster-not-joined':
      return `The provider does not add an existing cluster to global cluster ${note.global}, so the apply fails. Create the global cluster from this cluster with source_db_cluster_identifier, or create a new cluster in the global cluster.`;
    case 'replica-source-kept':
      return `The provider does not make an existing database a replica of ${shortName(note.source)}, so the apply fails. Create a new database as the replica.`;
    case 'key-not-sent':
      return `The restore of a DB instance sends no key, so RDS uses ${shortName(note.key)}, the key of the backup, and the next plan replaces the database. Copy the snapshot under the other key and restore the copy, or remove kms_key_id.`;
    case 'role-replaced':
      return `A policy that names the ${note.noun} keeps the unique ID of the old ${note.noun}, and no longer matches the new one.`;
    case 'policies-unordered':
      return `${someOf(note.others, mostNamed)} also ${note.others.length === 1 ? 'decides' : 'decide'} this, and nothing orders the changes, so the result is unknown. Use one resource. For a resource with a new address, add a moved block.`;
    case 'role-remade':
      return `The apply deletes the ${note.noun} of ${note.from} and creates another one with the same name. A policy that names the ${note.noun} keeps the unique ID of the old ${note.noun}, and no longer matches the new one. To keep the ${note.noun}, add a moved block from ${note.from}.`;
  }
}

/** A note about a plan, as a sentence. */
export function wholeNoteText(note: WholeNote): string {
  switch (note.code) {
    case 'plan-errored':
      return 'Planning ended with an error, so the plan has only a part of the changes.';
    case 'plan-partial':
      return 'The plan is partial: a later apply makes the other changes.';
    case 'state-differs':
      return `The plan has not read ${someOf(
        note.of.map((arn) => shortName(arn)),
        mostNamed,
      )} again, and the policies in its state and in the evidence differ. What differs counts as unknown: read the evidence again after the plan, or plan without -target.`;
    case 'plan-stale':
      return staleText(note.earlier);
    case 'plan-not-evaluated':
      return `The plan has ${list(note.what.map(partText))}, which this program does not evaluate.`;
    case 'policy-taken':
      return `A plan does not show the functions around a reference. The policies from ${someOf(note.from, mostNamed)} are used as they are. With --strict, they count as unknown.`;
    case 'region-taken':
      return `A plan does not show the functions around a reference. The value of ${someOf(note.from, mostNamed)} is used as the Region. With --strict, the Region counts as unknown.`;
    case 'applied-by-planner':
      return `The plan does not say who applies it. The requests are checked for ${shortName(note.arn)}, which made the plan: name another principal with --principal.`;
    case 'principal-replaces-roles':
      return `All requests in the account are checked for the principal of --principal, although providers of the plan assume ${someOf(note.roles.map(shortName), mostNamed)}. To check the requests of such a provider, leave out --principal, or name the role with --principal.`;
  }
}

function partText({ part, addresses }: NotEvaluated['what'][number]): string {
  return addresses.length === 0 ? part : `${part} (${someOf(addresses, mostNamed)})`;
}

type NotEvaluated = Extract<WholeNote, { readonly code: 'plan-not-evaluated' }>;

/** What plans do to a key. */
export type KeyChange =
  | 'disable'
  | 'delete'
  | 'policy'
  | 'revoke-grants'
  | 'create-grants'
  | 'tags'
  | 'aliases'
  | 'nothing';

/** What plans do to a key, as a sentence. `key`: its alias or ID. */
export function keyChangeText(does: KeyChange, key: string): string {
  switch (does) {
    case 'disable':
      return `The apply disables ${key}.`;
    case 'delete':
      return `The apply schedules the deletion of ${key}.`;
    case 'policy':
      return `The apply gives ${key} another key policy.`;
    case 'revoke-grants':
      return `The apply revokes grants on ${key}. Whatever an AWS service does with such a grant also stops.`;
    case 'create-grants':
      return `The apply creates grants on ${key}.`;
    case 'tags':
      return `The apply changes the tags of ${key}.`;
    case 'aliases':
      return `The apply changes the aliases of ${key}.`;
    case 'nothing':
      return `As far as the plan shows, the apply does not change ${key}.`;
  }
}

/** Why no success is certain after the apply. */
export type PlanDoubt =
  /** `about`: the only operations that the changes can affect. Absent: any operation. */
  | (Extract<ExpectationLack, { readonly code: 'plan-change-unplaced' }> & { readonly about?: Narrow })
  | Extract<WholeNote, { readonly code: 'plan-errored' | 'plan-stale' }>
  | UnlistedUse;

/** Why no success is certain after the apply, as a sentence. */
export function planDoubtText(doubt: PlanDoubt): string {
  switch (doubt.code) {
    case 'plan-change-unplaced':
      return `Neither the plan nor the evidence shows ${openFactsText(doubt.changes)}, so no answer${doubt.about === undefined ? '' : ` about ${doubt.about}`} is certain${fixOfOpen(doubt.changes)}.`;
    case 'plan-key-used':
      return `${doubt.address} ${doubt.perhaps ? 'may use' : 'uses'} the key (${doubt.attribute}), and is not among the dependents.`;
    case 'plan-errored':
      return 'Planning ended with an error, so changes are missing and no answer is certain.';
    case 'plan-stale':
      return `${staleText(doubt.earlier)} No answer is certain.`;
  }
}

/** The missing facts, each with the changes that depend on it. */
export function openFactsText(changes: readonly OpenChange[]): string {
  const facts = [...groupBy(changes, ({ what }) => what)].map(
    ([what, those]) =>
      `${what} (${someOf(
        those.map(({ address }) => address),
        mostNamed,
      )})`,
  );
  return list(facts, 'or');
}

/** How to show the missing facts, if the configuration can. */
export function fixOfOpen(changes: readonly OpenChange[]): string {
  return changes.every(({ isName }) => isName) ? ': spell out the name or ARN' : '';
}

function staleText(earlier: string): string {
  return `The plan was made from the same state as ${earlier}. After the apply of that plan, Terraform refuses this plan: apply the first plan, and plan again.`;
}

const mostNamed = 5;

/** Why a planned request is expected to succeed. */
export const requestWhy = 'applying the plan sends this request';

/** Attributes that have another name than the flag of the parameter that they are sent as. */
const attributes: ReadonlyMap<string, string> = new Map([
  ['db-parameter-group-name', 'parameter_group_name'],
  ['enable-performance-insights', 'performance_insights_enabled'],
  ['iam-role', 'iam_role_arn'],
  ['with', 'shared_accounts'],
]);

/** Parameters that no attribute has the name of. */
const unnamed: ReadonlySet<string> = new Set(['tag', 'to', 'with-instance']);

/** A text about a request of a plan, with the attributes that its parameters are sent from. */
export function withAttributes(text: string): string {
  return text.replaceAll(/--([a-z][a-z-]*[a-z])/g, (flag: string, name: string) =>
    Object.hasOwn(parameterTable, name) && !unnamed.has(name)
      ? (attributes.get(name) ?? name.replaceAll('-', '_'))
      : flag,
  );
}
