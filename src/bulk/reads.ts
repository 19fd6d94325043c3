import { withoutPath } from '../base/arn.ts';
import { parsePrincipalArn } from '../base/principal-arn.ts';
import { servicePrefix } from '../base/service.ts';
import type { ConditionTest, ResourceEntry, Statement } from '../policy/document.ts';
import type { Grant } from '../policy/grants.ts';
import { grantNameOf } from '../policy/grants.ts';
import { actionMatches } from '../policy/match.ts';
import { operatorText } from '../policy/operators.ts';
import { factKey } from '../policy/truth.ts';

/*
 * What statements that can reach the asked calls read: condition tests, variables, names of
 * principals, and resource entries. Only facts that a statement reads can distinguish principals or
 * sources.
 */

/** A statement that can reach one of the asked calls, or could be its near miss. */
export interface Relevant {
  readonly statement: Statement;
  /**
   * The asked actions that the statement can decide, or for which it could be a near miss. Lower
   * case.
   */
  readonly actions: readonly string[];
  /** The statement decides none of the asked actions. It could only be a near miss. */
  readonly isNear: boolean;
  /**
   * A text that is the same for all statements with the same meaning for the asked calls,
   * independent of their names.
   */
  readonly text: string;
  /** What the statement reads about a principal. */
  readonly ofPrincipal: OfPrincipal;
}

interface OfPrincipal {
  /**
   * Tests of condition keys in which principals of one account and type may differ. Tests whose
   * values contain variables are left out.
   */
  readonly tests: readonly ConditionTest[];
  /**
   * Condition keys of the same kind whose values a statement compares with other values of the
   * request. Lower case.
   */
  readonly variables: readonly string[];
}

/**
 * The statements of a policy that an asked call can reach: those that name its action, and Allows
 * of other KMS actions, which a denied call reports as near misses. `asked`: lower case.
 */
export function relevantStatements(statements: readonly Statement[], asked: readonly string[]): readonly Relevant[] {
  return statements.flatMap((statement) => {
    const named = asked.filter((action) => actionMatches(statement.actions, action));
    const others = isNearlyForKms(statement)
      ? asked.filter((one) => one.startsWith('kms:') && !named.includes(one))
      : [];
    const actions = [...named, ...others];
    if (actions.length === 0) return [];
    return [
      {
        statement,
        actions,
        isNear: named.length === 0,
        text: textOf(statement, named, others.length > 0),
        ofPrincipal: readOfPrincipal(statement),
      },
    ];
  });
}

function readOfPrincipal(statement: Statement): OfPrincipal {
  const tests = statement.tests.filter(({ keyId }) => isOfPrincipal(keyId));
  return {
    tests: tests.filter((test) => !comparesVariables(test)),
    variables: [
      ...tests.filter(comparesVariables).map(({ keyId }) => keyId),
      ...variablesIn(statement).filter(isOfPrincipal),
    ],
  };
}

function isNearlyForKms({ ref, actions }: Statement): boolean {
  return ref.effect === 'Allow' && actions.match === 'some' && actions.of.some(({ text }) => isOfKms(text));
}

function isOfKms(action: string): boolean {
  return servicePrefix(action.toLowerCase()) === 'kms';
}

/**
 * A text for what a statement says. `near`: the statement may be a near miss of an action. A near
 * miss shows the actions that the statement names.
 */
function textOf({ ref, actions, resources, tests, unknowns }: Statement, named: readonly string[], near: boolean) {
  return JSON.stringify([
    ref.effect,
    named,
    actions.of.flatMap(({ text, odd }) => (odd === undefined ? [] : [text])),
    near ? actions.of.flatMap(({ text }) => (isOfKms(text) ? [text] : [])) : [],
    resources === 'missing'
      ? resources
      : [resources.match, resources.of.map(({ text, pattern }) => [text, 'parts' in pattern])],
    tests.map((test) => testText(test)),
    unknowns.map((fact) => (fact.fact === 'statement' ? fact.what : factKey(fact))),
  ]);
}

/** A text that is the same for tests that have the same outcome for every request. */
export function testText(test: ConditionTest): string {
  return JSON.stringify([
    operatorText(test),
    test.key,
    test.values.map((value) => [value.text, 'template' in value]),
    // Some condition keys do not work in a key policy.
    test.about?.iamOnly === true && test.ref.policy === 'resource',
  ]);
}

/**
 * Whether principals of one account and one type may differ in a condition key. `keyId`: lower
 * case.
 */
export function isOfPrincipal(keyId: string): boolean {
  return (
    keyId === 'aws:principalarn' ||
    keyId === 'aws:userid' ||
    keyId === 'aws:username' ||
    keyId.startsWith('aws:principaltag/')
  );
}

/** The condition keys in the variables of a statement. Lower case. */
function variablesIn({ tests, resources }: Statement): readonly string[] {
  const templates = [
    ...tests.flatMap(({ values }) => values.flatMap((value) => ('template' in value ? [value.template] : []))),
    ...(resources === 'missing' ? [] : resources.of).flatMap(({ pattern }) => ('parts' in pattern ? [pattern] : [])),
  ];
  return templates.flatMap(({ parts }) =>
    parts.flatMap((part) => ('variable' in part ? [part.variable.toLowerCase()] : [])),
  );
}

/**
 * Whether a test compares a value of the principal with a value of the target. Then neither of them
 * alone decides the outcome.
 */
function comparesVariables({ values }: ConditionTest): boolean {
  return values.some((value) => 'template' in value);
}

/** What the statements that can reach one action read about resources. */
export interface ResourceReads {
  readonly entries: ReadonlyMap<string, { readonly entry: ResourceEntry; readonly statement: Statement }>;
  /** Condition keys that principals of one account and type share, lower case. */
  readonly keys: ReadonlySet<string>;
}

/** What statements read about principals. */
export interface PrincipalReads {
  /** By `testText`. */
  readonly tests: ReadonlyMap<string, ConditionTest>;
  /** Condition keys whose values are compared with other values of the request. Lower case. */
  readonly variables: ReadonlySet<string>;
  readonly named: NamedPrincipals;
}

/** The policy elements and grants that name principals. Each element or grant is a text. */
export interface NamedPrincipals {
  /** By the ARN of a user or role. */
  readonly byArn: ReadonlyMap<string, readonly string[]>;
  /** By the beginning of the ARNs of a role's sessions. */
  readonly bySessions: ReadonlyMap<string, readonly string[]>;
  readonly byUniqueId: ReadonlyMap<string, readonly string[]>;
  /** By name without path. A denied call reports principals with the same name as namesakes. */
  readonly byName: ReadonlyMap<string, readonly { readonly arn: string; readonly at: string }[]>;
}

/** Collects what statements read. */
export interface StatementReads {
  readonly note: (relevant: Relevant) => void;
  /** Adds a statement in a principal's own policy, which applies only to that principal. */
  readonly noteHeld: (relevant: Relevant) => void;
  readonly noteGrant: (keyArn: string, grant: Grant, action: string) => void;
  readonly ofPrincipal: () => PrincipalReads;
  readonly ofResource: (action: string) => ResourceReads;
}

interface NotedResources extends ResourceReads {
  readonly entries: Map<string, { readonly entry: ResourceEntry; readonly statement: Statement }>;
  readonly keys: Set<string>;
}

/** Starts a collection in which nothing was read. */
export function readsOf(): StatementReads {
  const tests = new Map<string, ConditionTest>();
  const variables = new Set<string>();
  const resources = new Map<string, NotedResources>();
  const named = namedPrincipals();
  const resourcesOf = (action: string): NotedResources => {
    const noted = resources.get(action) ?? { entries: new Map(), keys: new Set() };
    resources.set(action, noted);
    return noted;
  };
  return {
    note(relevant) {
      const { ofPrincipal, statement } = relevant;
      for (const keyId of ofPrincipal.variables) variables.add(keyId);
      for (const test of ofPrincipal.tests) tests.set(testText(test), test);
      named.note(statement);
      this.noteHeld(relevant);
    },
    noteHeld({ statement, actions }) {
      const keys = keysRead(statement);
      for (const action of actions) {
        const noted = resourcesOf(action);
        for (const keyId of keys) if (!isOfPrincipal(keyId)) noted.keys.add(keyId);
        if (statement.resources !== 'missing')
          for (const entry of statement.resources.of) noted.entries.set(entry.text, { entry, statement });
      }
    },
    noteGrant(keyArn, grant, action) {
      named.noteGrant(keyArn, grant);
      for (const keyId of keysOfGrant(grant)) resourcesOf(action).keys.add(keyId);
    },
    ofPrincipal: () => ({ tests, variables, named: named.all }),
    ofResource: resourcesOf,
  };
}

function keysRead(statement: Statement): readonly string[] {
  return [...statement.tests.map(({ keyId }) => keyId), ...variablesIn(statement)];
}

/** The condition keys that the constraints of a grant read. Lower case. */
function keysOfGrant({ Constraints }: Grant): readonly string[] {
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset, SourceArn } = Constraints ?? {};
  return [
    ...Object.keys(equals ?? subset ?? {}).map((name) => `kms:encryptioncontext:${name.toLowerCase()}`),
    ...(SourceArn === undefined ? [] : ['aws:sourcearn']),
  ];
}

interface NamedNotes {
  readonly all: NamedPrincipals;
  readonly note: (statement: Statement) => void;
  readonly noteGrant: (keyArn: string, grant: Grant) => void;
}

function namedPrincipals(): NamedNotes {
  const byArn = new Map<string, string[]>();
  const bySessions = new Map<string, string[]>();
  const byUniqueId = new Map<string, string[]>();
  const byName = new Map<string, { readonly arn: string; readonly at: string }[]>();
  const seen = new Map<string, string>();
  /** A short name for a place in a policy, if the place is new. */
  const isNew = (place: string): string | undefined => {
    if (seen.has(place)) return undefined;
    const at = String(seen.size);
    seen.set(place, at);
    return at;
  };
  const noteArn = (arn: string, at: string): void => {
    const sessions = sessionsBeginning(arn);
    if (sessions === undefined) push(byArn, arn, at);
    // It is not known which session of the role a principal has, so different session names stay
    // different.
    else push(bySessions, sessions, `${at} ${arn.slice(sessions.length)}`);
    push(byName, withoutPath(arn), { arn, at });
  };
  return {
    all: { byArn, bySessions, byUniqueId, byName },
    note({ principals }) {
      if (typeof principals === 'string') return;
      const at = isNew(JSON.stringify([principals.match, principals.of]));
      if (at === undefined) return;
      for (const entry of principals.of) {
        if (entry.is === 'arn') noteArn(entry.arn, at);
        if (entry.is === 'unique id') push(byUniqueId, entry.id, at);
      }
    },
    noteGrant(keyArn, grant) {
      const at = isNew(`grant ${keyArn} ${grantNameOf(grant)}`);
      if (at === undefined) return;
      for (const arn of [grant.GranteePrincipal, grant.RetiringPrincipal]) {
        if (arn === undefined || parsePrincipalArn(arn) === undefined) continue;
        const sessions = sessionsBeginning(arn);
        if (sessions === undefined) push(byArn, arn, at);
        else push(bySessions, sessions, `${at} ${arn.slice(sessions.length)}`);
      }
    },
  };
}

/**
 * The beginning of the ARN of a session, `arn:aws:sts::111122223333:assumed-role/NAME/`. Undefined:
 * the principal is not a session.
 */
function sessionsBeginning(arn: string): string | undefined {
  const found = parsePrincipalArn(arn);
  return found?.type === 'session' ? arn.slice(0, arn.length - withoutPath(arn).length) : undefined;
}

function push<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}
