/*
 * src/audit/findings/ has one small pure function for each finding of an audit. The functions read
 * the facts of the estate. They have no sentences.
 */

import type { Place } from '../../base/arn.ts';
import type { Reason } from '../../check/judgment.ts';
import type { StatementRef } from '../../policy/statement-ref.ts';
import type { Fact } from '../../policy/truth.ts';
import type { ExpectationLack } from '../../preflight/outcome.ts';
import type { Estate } from '../estate.ts';

/** The worst first. */
export const severities = ['critical', 'high', 'medium', 'note'] as const;

export type Severity = (typeof severities)[number];

/** ARNs and names of the things that a finding is about, by kind. */
export interface Affected {
  readonly backups?: readonly string[];
  readonly databases?: readonly string[];
  readonly keys?: readonly string[];
  readonly principals?: readonly string[];
  readonly accounts?: readonly string[];
  /** Anything else that is encrypted under a key, by its ARN or name. */
  readonly others?: readonly string[];
}

/** What an undecided finding depends on. */
export type OpenFact =
  | { readonly is: 'fact'; readonly fact: Fact }
  | { readonly is: 'reason'; readonly reason: Reason }
  | { readonly is: 'lack'; readonly lack: ExpectationLack }
  | { readonly is: 'unread'; readonly unread: EstateUnread };

/** Something about the estate that was not read and decides a finding. */
export type EstateUnread =
  /** `of`: the ARN of the key. */
  | { readonly code: 'key-description-unread' | 'key-expiry-unread'; readonly of: string }
  /** `of`: the ARN of the role. */
  | { readonly code: 'ways-in-unread'; readonly of: string }
  /** `of`: the ARN of a backup. */
  | {
      readonly code: 'backup-encryption-unread' | 'backup-sharing-unread' | 'aws-owned-key-unpublished';
      readonly of: string;
    }
  /** `of`: the ARN of something encrypted. */
  | { readonly code: 'key-of-thing-unread'; readonly of: string }
  /** `of`: the ARN of the key. `grant`: its ID. */
  | { readonly code: 'database-of-grant-not-found'; readonly of: string; readonly grant: string }
  /** It is not known which role, bucket and key a request for an export names. */
  | { readonly code: 'export-request-open' }
  /** `of`: the ARN of a recovery point. */
  | { readonly code: 'vault-lock-unread' | 'vault-access-unread'; readonly of: string }
  /** `of`: the ARN of a database. */
  | { readonly code: 'database-protection-unread'; readonly of: string }
  | { readonly code: 'backup-kind-unread'; readonly of: string }
  /** `of`: the ARN of a key or database. */
  | { readonly code: 'stack-tag-unread'; readonly of: string }
  /** The organization of an account, or all data of its Regions, was not read. */
  | { readonly code: 'account-membership-unread' | 'regions-unread'; readonly account: string }
  /** `lists`: the names of the lists in the evidence. */
  | ({ readonly code: 'estate-list-unread'; readonly lists: readonly string[] } & Place);

/** What all findings have in common. */
export interface FindingFields {
  readonly account: string;
  /** Undefined: the finding is about no Region. */
  readonly region: string | undefined;
  /**
   * The subject of the finding: the ARN of a key, a backup or a principal, or another stable name.
   */
  readonly subject: string;
  /**
   * The principal or account of the finding, apart from its subject: an ARN, an account ID, the ID
   * of an organization, or `all`.
   */
  readonly principal?: string;
  readonly severity: Severity;
  /** What is certainly affected. Empty: the finding is undecided. */
  readonly affected: Affected;
  /** What may also be affected. `dependsOn` decides. */
  readonly maybe: Affected;
  /** Empty if there is nothing undecided. */
  readonly dependsOn: readonly OpenFact[];
  /** The statements behind the finding. */
  readonly statements: readonly StatementRef[];
}

/** A section of an audit standard that a finding concerns. */
export interface Framework {
  readonly name: string;
  readonly section: string;
}

/** One fact for the lists of a place that were not read and decide a finding. */
export function unreadLists({ account, region }: Place, lists: readonly string[]): readonly OpenFact[] {
  return lists.length === 0 ? [] : [{ is: 'unread', unread: { code: 'estate-list-unread', account, region, lists } }];
}

/** The accounts without a Region that was read: they may hold copies. */
export function unreadRegions({ accounts, places }: Pick<Estate, 'accounts' | 'places'>): readonly OpenFact[] {
  const read = new Set(places.map(({ account }) => account));
  return accounts.flatMap((account): readonly OpenFact[] =>
    read.has(account) ? [] : [{ is: 'unread', unread: { code: 'regions-unread', account } }],
  );
}

/** Resources about which nothing is known. */
export const nothing: Affected = {};

/** The kinds of things, in the order in which they are shown. */
export const affectedKinds = ['backups', 'databases', 'keys', 'principals', 'accounts', 'others'] as const;

/** How many things there are of all kinds. */
export function countOf(affected: Affected): number {
  return affectedKinds.reduce((sum, kind) => sum + (affected[kind]?.length ?? 0), 0);
}

/** The worst of some severities. */
export function worstOf(all: readonly Severity[]): Severity {
  return severities.find((one) => all.includes(one)) ?? 'note';
}

export const dora: Framework = { name: 'DORA', section: 'article 12(3)' };
export const nist = (section: string): Framework => ({ name: 'NIST SP 800-53', section });
export const securityHub = (section: string): Framework => ({ name: 'AWS Security Hub', section });
export const wellArchitected = (section: string): Framework => ({ name: 'AWS Well-Architected', section });

/** The code of a value that has one. */
export type KindOf<Coded extends { readonly code: string }> = Coded['code'];

export const nis2 = (section: string): Framework => ({ name: 'NIS2 Implementing Regulation 2024/2690', section });
export const pci: Framework = { name: 'PCI DSS 4.0.1', section: '7.2.4' };

/**
 * One row of the table of findings. `Detail`: the code of the finding and the details for its
 * sentence.
 */
export interface FindingRow<Detail extends { readonly code: string }> {
  readonly code: KindOf<Detail>;
  readonly frameworks: readonly Framework[];
  /** At most one for each account, Region, subject and principal. */
  readonly find: (estate: Estate) => readonly (FindingFields & Detail)[];
}
