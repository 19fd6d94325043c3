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
 * What the statements that can reach the asked calls read: tests, variables, names of principals,
 * and entries of resources. Only facts that are read here can distinguish principals or sources.
 */

/** A statement that can reach one of the asked calls, or nearly does. */
export interface Relevant {
  readonly statement: Statement;
  /** The asked actions that it can decide, or for which it could be a near miss. Lower case. */
  readonly actions: readonly string[];
  /** It decides none of the asked actions, and could be a near miss alone. */
  readonly isNear: boolean;
  /**
   * The same text for all statements that say the same to the asked calls, whatever they are
   * called.
   */
  readonly text: string;
  /** What it reads of a principal. */
  readonly ofPrincipal: OfPrincipal;
}

interface OfPrincipal {
  /**
   * Tests of keys that principals of one account and type may differ in; those that hold variables
   * are left out.
   */
  readonly tests: readonly ConditionTest[];
  /** Keys of the same kind whose values are compared with those of another side, lower case. */
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
 * `near`: the statement may be a near miss of an action. A near miss shows the actions that the
 * statement names.
 */
function textOf({ ref, actions, resources, tests, unknowns }: Statement, named: readonly string[], near: boolean) {
  return JSON.stringify([
    ref.effect,
    named,
    near ? actions.of.flatMap(({ text }) => (isOfKms(text) ? [text] : [])) : [],
    resources === 'missing'
      ? resources
      : [resources.match, resources.of.map(({ text, pattern }) => [text, 'parts' in pattern])],
    tests.map((test) => testText(test)),
    unknowns.map((fact) => (fact.fact === 'statement' ? fact.what : factKey(fact))),
  ]);
}

/** A text that is equal for tests that have the same outcome for every request. */
export function testText(test: ConditionTest): string {
  return JSON.stringify([
    operatorText(test),
    test.key,
    test.values.map((value) => [value.text, 'template' in value]),
    // In a key policy, some keys are not supported.
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

/** The keys of the variables of a statement, lower case. */
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
 * Whether a test compares a value of the principal with a value of the target, so that neither of
 * them alone decides the outcome.
 */
function comparesVariables({ values }: ConditionTest): boolean {
  return values.some((value) => 'template' in value);
}

/** What is read of resources by the statements that can reach one action. */
export interface ResourceReads {
  readonly entries: ReadonlyMap<string, { readonly entry: ResourceEntry; readonly statement: Statement }>;
  /** Condition keys that principals of one account and type share, lower case. */
  readonly keys: ReadonlySet<string>;
}

/** What is read of principals. */
export interface PrincipalReads {
  /** By `testText`. */
  readonly tests: ReadonlyMap<string, ConditionTest>;
  /** Condition keys whose values are compared with those of another side, lower case. */
  readonly variables: ReadonlySet<string>;
  readonly named: NamedPrincipals;
}

/**
 * Principals by what names them: the elements and grants in which a name stands, each by a text.
 */
export interface NamedPrincipals {
  /** By the ARN of a user or role. */
  readonly byArn: ReadonlyMap<string, readonly string[]>;
  /** By how the ARNs of a role's sessions begin. */
  readonly bySessions: ReadonlyMap<string, readonly string[]>;
  readonly byUniqueId: ReadonlyMap<string, readonly string[]>;
  /** By name without path; what a denied call reports as a namesake. */
  readonly byName: ReadonlyMap<string, readonly { readonly arn: string; readonly at: string }[]>;
}

/** Gathers what is read. */
export interface StatementReads {
  readonly note: (relevant: Relevant) => void;
  /** Adds a statement of a principal's own policy, which applies to that principal alone. */
  readonly noteHeld: (relevant: Relevant) => void;
  readonly noteGrant: (keyArn: string, grant: Grant, action: string) => void;
  readonly ofPrincipal: () => PrincipalReads;
  readonly ofResource: (action: string) => ResourceReads;
}

interface NotedResources extends ResourceReads {
  readonly entries: Map<string, { readonly entry: ResourceEntry; readonly statement: Statement }>;
  readonly keys: Set<string>;
}

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

/** The condition keys that the constraints of a grant read, lower case. */
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
  /** A short name for a place that comes up for the first time. */
  const isNew = (place: string): string | undefined => {
    if (seen.has(place)) return undefined;
    const at = String(seen.size);
    seen.set(place, at);
    return at;
  };
  const noteArn = (arn: string, at: string): void => {
    const sessions = sessionsBeginning(arn);
    if (sessions === undefined) push(byArn, arn, at);
    // Nobody knows which session of the role is meant, so two names of sessions stay apart.
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

/** `arn:aws:sts::111122223333:assumed-role/NAME/`; undefined if the principal is not a session. */
function sessionsBeginning(arn: string): string | undefined {
  const found = parsePrincipalArn(arn);
  return found?.type === 'session' ? arn.slice(0, arn.length - withoutPath(arn).length) : undefined;
}

function push<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}
