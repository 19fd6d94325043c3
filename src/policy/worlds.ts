import { withoutPath } from '../base/arn.ts';
import { globOfParts, literal } from '../base/glob.ts';
import { textsThatDiffer } from './automaton.ts';
import type { Caller } from './caller.ts';
import { type Token, tokensOf } from './pattern.ts';
import { certain, type Possible, sameList, samePossible } from './possible.ts';
import { type Scope, statesOf, valuesForVariables } from './representatives.ts';
import { contextOf, type EngineRequest, leadingKey, type Supposition, sameInstant, supposing } from './request.ts';
import { contextFact, type Fact, factKey } from './truth.ts';

/**
 * What a world supposes about a fact: the values of a condition key ('absent': the request does not
 * have the key), or one word for another kind of fact, such as the name of a session or what an
 * unread policy says.
 */
export type Supposed = 'absent' | readonly string[];

/** Values of facts that together decide a request. */
export type World = readonly { readonly fact: Fact; readonly values: Supposed }[];

/** The result of trying the worlds. */
export type Enumeration =
  /** All worlds give the same answer. */
  | { readonly same: 'allowed' | 'explicit' | 'implicit' }
  /**
   * Worlds give different answers. `differ` lists the facts that make a difference, with one world
   * for each answer.
   */
  | { readonly differ: readonly Fact[]; readonly allows: World; readonly denies: World }
  | 'not enumerated';

/** The answer in a world, or the facts that it still depends on. */
export type WorldResult = 'allowed' | 'explicit' | 'implicit' | ReadonlyMap<string, Fact>;

/** At most this many worlds are tried. */
const mostWorlds = 500;

/**
 * A decision as a tree over facts, in a fixed order of facts and without branches that make no
 * difference.
 */
type Tree = Leaf | TreeNode;
type Leaf = 'allowed' | 'explicit' | 'implicit' | 'unknown';
interface TreeNode {
  readonly fact: Fact;
  /** False: values without a branch may lead to another answer. */
  readonly complete: boolean;
  readonly branches: readonly { readonly values: Supposed; readonly tree: Tree }[];
}

interface Search {
  readonly evaluate: (request: EngineRequest) => WorldResult;
  readonly scope: Scope;
  /** The order in which facts were found, by `factKey`. */
  readonly order: Map<string, number>;
  worlds: number;
  complete: boolean;
}

/**
 * Makes an unsettled answer exact by trying worlds. It gives each unknown fact every value that the
 * policies can distinguish, until Kleene's logic settles the answer. If all worlds agree, the
 * answer holds, because they represent all possible values.
 */
export function enumerateWorlds(
  request: EngineRequest,
  evaluate: (request: EngineRequest) => WorldResult,
  scope: Scope,
): Enumeration {
  const search: Search = { evaluate, scope, order: new Map(), worlds: 0, complete: true };
  const tree = explore(request, search);
  const { effort } = request.input;
  if (effort !== undefined) effort.spent += search.worlds;
  if (typeof tree === 'string') {
    if (search.complete && tree !== 'unknown') return { same: tree };
    return 'not enumerated';
  }
  if (search.complete && !hasLeaf(tree, (leaf) => leaf === 'allowed'))
    return { same: hasLeaf(tree, (leaf) => leaf !== 'explicit') ? 'implicit' : 'explicit' };
  const allows = pathTo(tree, (leaf) => leaf === 'allowed');
  const denies = pathTo(tree, (leaf) => leaf === 'explicit' || leaf === 'implicit');
  if (allows === undefined || denies === undefined) return 'not enumerated';
  return { differ: factsThatMatter(tree), allows, denies };
}

function explore(request: EngineRequest, search: Search): Tree {
  search.worlds++;
  const result = search.evaluate(request);
  if (typeof result === 'string') return result;
  if (search.worlds > mostWorlds) {
    search.complete = false;
    return 'unknown';
  }
  const open = new Map<string, Fact>();
  for (const fact of result.values()) {
    const led = leading(fact, request);
    open.set(factKey(led), led);
  }
  for (const key of open.keys()) if (!search.order.has(key)) search.order.set(key, search.order.size);
  const position = ([key]: readonly [string, Fact]): number => search.order.get(key) ?? 0;
  const facts = [...open].toSorted((one, other) => position(one) - position(other)).map(([, fact]) => fact);
  const [fact, chosen] = firstToSuppose(facts, request, search.scope);
  const { choices } = chosen;
  const complete = chosen.complete && !chosen.waits;
  if (!complete) search.complete = false;
  const branches = choices.map(({ values, suppose }) => ({
    values,
    tree: explore(supposing(request, suppose), search),
  }));
  const [first] = branches;
  if (first === undefined) return 'unknown';
  if (fact === undefined) return 'unknown';
  return complete && branches.every(({ tree }) => same(tree, first.tree)) ? first.tree : { fact, complete, branches };
}

/** Keys that change together count as one fact. */
function leading(fact: Fact, request: EngineRequest): Fact {
  const key = fact.fact === 'context' ? leadingKey(request, fact.key.toLowerCase()) : undefined;
  return key === undefined ? fact : contextFact(key);
}

/** If a policy compares a key with another unknown key, the other key gets its value first. */
function firstToSuppose(
  facts: readonly Fact[],
  request: EngineRequest,
  scope: Scope,
): readonly [Fact | undefined, Choices] {
  let waiting: readonly [Fact, Choices] | undefined;
  for (const fact of facts) {
    const choices = choicesFor(fact, request, scope);
    if (!choices.waits) return [fact, choices];
    waiting ??= [fact, choices];
  }
  return waiting ?? [undefined, { choices: [], complete: false, waits: false }];
}

function same(one: Tree, other: Tree): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  return (
    factKey(one.fact) === factKey(other.fact) &&
    one.branches.length === other.branches.length &&
    one.branches.every(({ values, tree }, index) => {
      const against = other.branches[index];
      return against !== undefined && sameSupposed(values, against.values) && same(tree, against.tree);
    })
  );
}

function sameSupposed(one: Supposed, other: Supposed): boolean {
  return one === 'absent' || other === 'absent' ? one === other : sameList(one, other);
}

function hasLeaf(tree: Tree, is: (leaf: Leaf) => boolean): boolean {
  return typeof tree === 'string' ? is(tree) : tree.branches.some((branch) => hasLeaf(branch.tree, is));
}

/**
 * The shortest path to a leaf with this answer. Of two equally short paths, the one through the
 * earlier branch.
 */
function pathTo(tree: Tree, wanted: (leaf: Leaf) => boolean): World | undefined {
  if (typeof tree === 'string') return wanted(tree) ? [] : undefined;
  let best: World | undefined;
  for (const { values, tree: below } of tree.branches) {
    const rest = pathTo(below, wanted);
    if (rest !== undefined && (best === undefined || rest.length + 1 < best.length))
      best = [{ fact: tree.fact, values }, ...rest];
  }
  return best;
}

/** Explicit and implicit denials count as the same answer here. */
function factsThatMatter(tree: Tree): readonly Fact[] {
  const merged = simplify(tree);
  const facts = new Map<string, Fact>();
  const visit = (node: Tree): void => {
    if (typeof node === 'string') return;
    const key = factKey(node.fact);
    if (!facts.has(key)) facts.set(key, node.fact);
    for (const { tree: below } of node.branches) visit(below);
  };
  visit(merged);
  return [...facts.values()];
}

function simplify(tree: Tree): Tree {
  if (tree === 'explicit') return 'implicit';
  if (typeof tree === 'string') return tree;
  const branches = tree.branches.map((branch) => ({ values: branch.values, tree: simplify(branch.tree) }));
  const [first] = branches;
  return tree.complete && first !== undefined && branches.every((branch) => same(branch.tree, first.tree))
    ? first.tree
    : { ...tree, branches };
}

interface Choice {
  readonly values: Supposed;
  readonly suppose: Supposition;
}

interface Choices {
  readonly choices: readonly Choice[];
  readonly complete: boolean;
  readonly waits: boolean;
}

/** The values of a fact that the statements can distinguish. */
function choicesFor(fact: Fact, request: EngineRequest, scope: Scope): Choices {
  const supposed = (...values: readonly string[]): Choices => ({
    choices: values.map((value) => ({ values: [value], suppose: { facts: new Map([[factKey(fact), value]]) } })),
    complete: true,
    waits: false,
  });
  switch (fact.fact) {
    case 'context':
      return contextChoices(fact.key, request, scope);
    case 'policy':
      return supposed('allows', 'denies', 'silent');
    case 'grants':
      return supposed('allows', 'silent');
    case 'grant constraint':
    case 'grant part':
    case 'grant issuer':
    case 'rule':
    case 'statement':
      return supposed('true', 'false');
    case 'principal':
      return principalChoices(fact.about, request, scope);
    case 'resource name':
      return nameChoices(request, scope);
  }
}

function contextChoices(key: string, request: EngineRequest, scope: Scope): Choices {
  const keyId = key.toLowerCase();
  const { caller } = request;
  // The role's path and the ARN that contains it are one fact.
  if (keyId === 'aws:principalarn' && caller.type === 'role session' && caller.role === undefined)
    return principalChoices('role path', request, scope);
  const { states, complete, waits } = statesOf(keyId, request, scope);
  const possible = contextOf(request, keyId);
  const twin = sameInstant(keyId);
  // Both names hold one instant, unless more is known about one of them.
  const alike = twin !== undefined && samePossible(contextOf(request, twin), possible) ? [twin] : [];
  const choice = (state: Possible): Choice => ({
    values: certain(state) ?? 'absent',
    suppose: {
      states: new Map([
        [keyId, state],
        ...alike.map((other): [string, Possible] => [other, state]),
        ...(possible.together ?? []).map((other) => likewise(other, state, request)),
      ]),
    },
  });
  return { choices: states.map(choice), complete, waits };
}

/**
 * The state of a key that is present exactly when another key is. The state of the other key is
 * supposed.
 */
function likewise(keyId: string, { absent }: Possible, request: EngineRequest): [string, Possible] {
  return [keyId, absent ? { absent: true, values: [] } : { ...contextOf(request, keyId), absent: false }];
}

/** Principals that statements and grants name by ARN, of one kind and account. */
function namedArns({ statements, grants }: Scope, beginning: string): readonly string[] {
  const entries = statements.flatMap(({ principals }) => (typeof principals === 'string' ? [] : principals.of));
  const parties = grants.flatMap(({ GranteePrincipal, RetiringPrincipal }) =>
    [GranteePrincipal ?? [], RetiringPrincipal ?? []].flat(),
  );
  const arns = [...entries.flatMap((entry) => (entry.is === 'arn' ? [entry.arn] : [])), ...parties];
  return [...new Set(arns.filter((arn) => arn.startsWith(beginning)))];
}

function principalChoices(
  about: 'session name' | 'role path' | 'federating user',
  request: EngineRequest,
  scope: Scope,
): Choices {
  const { caller } = request;
  const as = (value: string, changed: Caller): Choice => ({ values: [value], suppose: { caller: changed } });
  if (caller.type === 'federated user' && about === 'federating user') {
    const users = namedArns(scope, `${caller.iam}user/`);
    const other = `${caller.iam}user/another`;
    return {
      choices: [...users, other].map((federatingUser) => as(federatingUser, { ...caller, federatingUser })),
      complete: true,
      waits: false,
    };
  }
  if (caller.type !== 'role session') return { choices: [], complete: false, waits: false };
  if (about === 'session name') {
    const sessions = namedArns(scope, caller.sessions).map(withoutPath);
    const tested = scope.statements.some(({ tests }) => tests.some((test) => test.keyId === 'aws:userid'));
    const { values: inVariables, complete } = valuesForVariables('aws:userid', request, scope.statements);
    return {
      choices: [...sessions, 'another-session'].map((session) => as(session, { ...caller, session })),
      complete: !tested && complete && inVariables.length === 0,
      waits: false,
    };
  }
  const base = `${caller.iam}role/`;
  const uses = roleArns(base, caller.roleName, scope);
  const wanted = valuesForVariables('aws:principalarn', request, scope.statements);
  const roles = [
    ...[...namedArns(scope, base), ...wanted.values.filter((arn) => arn.startsWith(base))].filter((arn) =>
      arn.endsWith(`/${caller.roleName}`),
    ),
    ...uses.texts,
    `${base}another-path/${caller.roleName}`,
  ];
  const serviceLinked = (role: string): boolean => role.startsWith(`${base}aws-service-role/`);
  return {
    choices: [...new Set(roles)].map((role) => as(role, { ...caller, role, serviceLinked: serviceLinked(role) })),
    complete: uses.complete && wanted.complete,
    waits: false,
  };
}

/**
 * ARNs of a role with this name, one for each combination of results of the tests of
 * aws:PrincipalArn.
 */
function roleArns(
  base: string,
  name: string,
  { statements, walks }: Scope,
): { readonly texts: readonly string[]; readonly complete: boolean } {
  const tests = statements.flatMap((statement) => statement.tests).filter((test) => test.keyId === 'aws:principalarn');
  const values = tests.flatMap((test) => test.values);
  const sets = values.flatMap((value) => {
    const accepts = 'matcher' in value ? value.matcher.accepts() : undefined;
    return accepts?.is === 'pattern' ? [accepts] : [];
  });
  const domain = (text: string, wild: string) => ({
    tokens: tokensOf(
      globOfParts([
        { text, wildcards: false },
        { text: wild, wildcards: true },
        { text: name, wildcards: false },
      ]),
    ),
    ignoreCase: false,
  });
  const walked = textsThatDiffer(sets, [domain(base, ''), domain(base, '?*/')], walks);
  const templated = values.some((value) => 'template' in value);
  return { texts: walked.texts, complete: walked.complete && !templated };
}

/** Full ARNs for a resource of which only the start is known. */
function nameChoices(request: EngineRequest, { statements, walks }: Scope): Choices {
  const { arn } = request;
  const entries = statements.flatMap(({ resources }) => (resources === 'missing' ? [] : resources.of));
  const sets = entries.flatMap(({ pattern }) =>
    'parts' in pattern ? [] : [{ tokens: tokensOf(pattern), ignoreCase: false }],
  );
  const templated = entries.some(({ pattern }) => 'parts' in pattern);
  const name: readonly Token[] = [
    { is: 'one', within: true },
    { is: 'run', within: true },
  ];
  const domain = { tokens: [...tokensOf(literal(arn)), ...name], ignoreCase: false };
  const { texts, complete } = textsThatDiffer(sets, [domain], walks);
  return {
    choices: texts
      .filter((text) => request.input.resource.isNot?.has(text) !== true)
      .map((text) => ({ values: [text], suppose: { arn: text } })),
    complete: complete && !templated,
    waits: false,
  };
}
