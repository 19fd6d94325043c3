import { parseArn } from '../base/arn.ts';
import { type EvidenceFile, parseEvidence, parseEvidenceAgain } from './load.ts';
import { merge } from './merge.ts';
import { type ReadFiles, readWithoutPolicies } from './read.ts';
import { filesUnder, hashOf, inputName, isFolderThere, readInput } from './readers/files.ts';
import type { Account, Evidence, ManagedPolicy, Role, User } from './schema.ts';

/*
 * Reads evidence that is larger than memory, such as that of an organization. Nearly all of it is
 * about principals. So users, roles, groups and their policies are read for one account at a time,
 * several times if necessary. Everything else is kept in memory.
 */

type Iam = NonNullable<Account['iam']>;

/** The most accounts whose principals are in memory. If something is shared, two are needed. */
const held = 3;

/**
 * The same evidence as if the files were read completely. A reader that goes through it account by
 * account needs memory for the principals of one account, and for the databases, backups, keys and
 * organizations of all accounts. A path that is not a folder may be a pipe, which can be read only
 * once, so all of it is kept in memory.
 * @throws Failure if a file cannot be read or is malformed, or if two contradict each other. Two
 * files about the principals of one account are compared when they are read.
 */
export function readByAccount(paths: readonly string[]): ReadFiles {
  if (!paths.every(isFolderThere)) return readWithoutPolicies(paths);
  const files = paths.flatMap(filesUnder);
  const evidenceIn = fileReader();
  const filesOf = new Map<string, string[]>();
  const ofAws = new Map<string, ManagedPolicy>();
  const parts = files.map((path): EvidenceFile => {
    const { from, evidence } = evidenceIn(path);
    const accounts = Object.entries(evidence.accounts).map(([id, account]): [string, Account] => {
      const { iam, ...rest } = account;
      if (iam === undefined) return [id, account];
      filesOf.set(id, [...(filesOf.get(id) ?? []), path]);
      for (const policy of iam.Policies ?? []) if (isOfAws(policy.Arn)) ofAws.set(policy.Arn, policy);
      return [id, rest];
    });
    return { from, evidence: { ...evidence, accounts: Object.fromEntries(accounts) } };
  });
  const merged = merge(parts);
  const iamOf = lately((id: string) => withAttached(iamIn((filesOf.get(id) ?? []).map(evidenceIn), id), ofAws));
  const accounts = Object.entries(merged.accounts).map(([id, account]): [string, Account] => [
    id,
    filesOf.has(id) ? withIam(account, () => iamOf(id)) : account,
  ]);
  const evidence: Evidence = { ...merged, accounts: Object.fromEntries(accounts) };
  return { evidence, files: files.map((path) => readLater(path, evidenceIn)) };
}

/** The account. Its principals are read whenever they are needed. */
function withIam(account: Account, iamOf: () => Iam): Account {
  return {
    ...account,
    get iam() {
      return iamOf();
    },
  };
}

type FileReader = (path: string) => EvidenceFile;

/** Reads files several times. A file that has not changed is checked for faults only once. */
function fileReader(): FileReader {
  const known = new Map<string, string>();
  return (path) => {
    const from = inputName(path);
    const text = readInput(path);
    const digest = hashOf(text);
    if (known.get(path) === digest) return { from, evidence: parseEvidenceAgain(from, text) };
    const evidence = parseEvidence(from, text);
    known.set(path, digest);
    return { from, evidence };
  };
}

/** A file that is read again if its evidence is needed. */
function readLater(path: string, evidenceIn: FileReader): EvidenceFile {
  return {
    from: inputName(path),
    get evidence() {
      return evidenceIn(path).evidence;
    },
  };
}

function iamIn(files: readonly EvidenceFile[], id: string): Iam {
  const parts = files.map(
    ({ from, evidence }): EvidenceFile => ({
      from,
      evidence: { evidenceVersion: 1, accounts: { [id]: { iam: evidence.accounts[id]?.iam } } },
    }),
  );
  return merge(parts).accounts[id]?.iam ?? {};
}

function isOfAws(arn: string): boolean {
  return parseArn(arn)?.account === 'aws';
}

/**
 * Adds an entry for each attached policy that the account lacks. AWS managed policies are the same
 * in every account. Other missing policies get an empty entry, so that they are not searched in all
 * accounts.
 */
function withAttached(iam: Iam, ofAws: ReadonlyMap<string, ManagedPolicy>): Iam {
  const { UserDetailList: users = [], RoleDetailList: roles = [], GroupDetailList: groups = [], Policies = [] } = iam;
  const there = new Set(Policies.map(({ Arn: arn }) => arn));
  const attached = [...[...users, ...roles, ...groups].flatMap((one) => one.AttachedManagedPolicies ?? [])].map(
    ({ PolicyArn: arn }) => arn,
  );
  const boundaries = [...users, ...roles].flatMap(
    (one: User | Role) => one.PermissionsBoundary?.PermissionsBoundaryArn ?? [],
  );
  const missing = [...new Set([...attached, ...boundaries])].filter((arn) => !there.has(arn));
  if (missing.length === 0) return iam;
  return { ...iam, Policies: [...Policies, ...missing.map((Arn) => ofAws.get(Arn) ?? { Arn })] };
}

/** The same function, with a cache of its latest answers. */
function lately<T>(make: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  let latest: { readonly name: string; readonly answer: T } | undefined;
  return (name) => {
    if (latest?.name === name) return latest.answer;
    const answer = known.get(name) ?? make(name);
    known.delete(name);
    known.set(name, answer);
    for (const oldest of known.keys()) if (known.size > held) known.delete(oldest);
    latest = { name, answer };
    return answer;
  };
}
