import { type BulkSettings, type BulkTarget, fewestToClass, principalClasses } from '../bulk/bulk.ts';
import type { SignaturePart } from '../bulk/parts.ts';
import type { Directory } from '../evidence/directory.ts';
import { NotHeld } from '../evidence/not-held.ts';
import type { Principal } from '../evidence/principals.ts';
import type { ReadDocuments } from '../policy/policies.ts';
import type { Expectation } from './expectation.ts';
import { type AskedGroup, runsIn } from './resolve.ts';

/*
 * Finds the principals that share an answer to an expectation, because nothing distinguishes them.
 */

/**
 * Finds the class of a principal: the same object for all of its members, or the principal itself
 * if it has to be checked alone.
 */
export type ClassOf = (principal: Principal) => object;

export interface ClassesSettings {
  /** The settings of the expectation's session. */
  readonly settings: BulkSettings;
  /** Documents that were read. */
  readonly read: ReadDocuments;
  /** Parts of signatures to leave out, for tests. */
  readonly without: ReadonlySet<SignaturePart>;
}

/** Finds the classes of the principals in an expectation. A class is computed on first use. */
export function classesOf(
  directory: Directory,
  expectation: Expectation,
  groups: readonly AskedGroup[],
  asking: ClassesSettings,
): ClassOf {
  const classes = new Map<string, object>();
  const known = new WeakMap<Principal, object>();
  const signers = new Map<string, ((principal: Principal) => string) | undefined>();
  const signerFor = (like: Principal): ((principal: Principal) => string) | undefined => {
    const { account } = like;
    if (!signers.has(account)) signers.set(account, signerOf(directory, expectation, groups, { like, ...asking }));
    return signers.get(account);
  };
  const classOf = (principal: Principal): object => {
    const text = signerFor(principal)?.(principal);
    if (text === undefined) return principal;
    const name = `${principal.account} ${text}`;
    const found = classes.get(name) ?? {};
    classes.set(name, found);
    return found;
  };
  return (principal) => {
    const found = known.get(principal) ?? classOf(principal);
    known.set(principal, found);
    return found;
  };
}

/**
 * Finds signatures for the principals of one principal's account. Undefined: the principals have to
 * be checked one by one.
 */
function signerOf(
  directory: Directory,
  expectation: Expectation,
  groups: readonly AskedGroup[],
  { like, settings, read, without }: ClassesSettings & { readonly like: Principal },
): ((principal: Principal) => string) | undefined {
  const principals = [
    ...new Set(
      groups
        .flatMap((group) => [...group.principals, ...group.others])
        .flatMap(({ arn, account }) => (account === like.account ? [arn] : [])),
    ),
  ];
  if (principals.length < fewestToClass || namesOwnStatement(expectation)) return undefined;
  const asksAny = expectation.isOnly || expectation.verb === 'cannot';
  try {
    return principalClasses(
      directory,
      asksAny ? { ...settings, anyRequest: true } : settings,
      { principals, targets: targetsFor(directory, expectation, groups, like), read },
      without,
    );
  } catch (error) {
    // A flag names something that does not exist. Each answer reports that.
    if (error instanceof NotHeld) return undefined;
    throw error;
  }
}

/**
 * Whether an expectation names the Sid of a principal's own statement, on which a class does not
 * depend.
 */
function namesOwnStatement({ because }: Expectation): boolean {
  return because.some(
    ({ sid, layer }) => sid !== undefined && (layer === undefined || layer === 'identity' || layer === 'boundary'),
  );
}

function targetsFor(
  { evidence }: Directory,
  expectation: Expectation,
  groups: readonly AskedGroup[],
  like: Principal,
): readonly BulkTarget[] {
  return [...runsIn(evidence, expectation, groups)].flatMap(({ target, isOther, requestedBy }) => {
    if (isOther) return [];
    const { operation, region, parameters } = requestedBy(like);
    return [{ operation, source: target.source, region, parameters }];
  });
}
