import { withoutPath } from '../base/arn.ts';
import { globOfParts, literal } from '../base/glob.ts';
import { textsThatDiffer } from './automaton.ts';
import type { Caller } from './caller.ts';
import { type Token, tokensOf } from './pattern.ts';
import { certain, type Possible, sameList, samePossible } from './possible.ts';
import { type Asking, statesOf, wantedByVariables } from './representatives.ts';
import { contextOf, leadingKey, type Request, type Supposition, sameInstant, supposing } from './request.ts';
import { contextFact, type Fact, factKey } from './truth.ts';

/**
 * What a world supposes of a fact: the values of a condition key ('absent': the key is not in the request), or one word for
 * another kind of fact, such as the name of a session or what an unread policy says.
 */
export type Supposed = 'absent' | readonly string[];

/** Values of facts that together settle a request. */
export type World = readonly { readonly fact: Fact; readonly values: Supposed }[];

/** What trying the worlds came to. */
export type Tried =
  /** Every world says the same. */
  | { readonly same: 'allowed' | 'explicit' | 'implicit' }
  /** Worlds differ: `facts` are those that make a difference, with one world of each side. */
  | { readonly differ: readonly Fact[]; readonly allows: World; readonly denies: World }
  | 'not enumerated';

/** What a world says: a settled answer, or the facts that it still hangs on. */
export type Said = 'allowed' | 'explicit' | 'implicit' | ReadonlyMap<string, Fact>;

/** More worlds than this are not tried. */
const mostWorlds = 500;

/** A decision as a tree over facts, in a fixed order of facts and without branches that make no difference. */
type Tree = Leaf | Node;
type Leaf = 'allowed' | 'explicit' | 'implicit' | 'unknown';
interface Node {
  readonly fact: Fact;
  /** False: values besides those of the branches may make a difference. */
  readonly complete: boolean;
  readonly branches: readonly { readonly values: Supposed; readonly tree: Tree }[];
}

interface Search {
  readonly say: (request: Request) => Said;
  readonly asking: Asking;
  /** In which order facts were met, by `factKey`. */
  readonly order: Map<string, number>;
  worlds: number;
  complete: boolean;
}

/**
 * Makes an unsettled answer exact (style: worlds). Each fact that it hangs on is given each value that the policies can tell apart, until
 * Kleene's answer settles; what the worlds then agree on holds, for they stand for all completions.
 */
export function tryWorlds(request: Request, say: (request: Request) => Said, asking: Asking): Tried {
  const search: Search = { say, asking, order: new Map(), worlds: 0, complete: true };
  const tree = explore(request, search);
  if (typeof tree === 'string') {
    if (search.complete && tree !== 'unknown') return { same: tree };
    return 'not enumerated';
  }
  const leaves = leavesOf(tree);
  if (search.complete && !leaves.has('allowed'))
    return { same: leaves.size === 1 && leaves.has('explicit') ? 'explicit' : 'implicit' };
  const allows = pathTo(tree, (leaf) => leaf === 'allowed');
  const denies = pathTo(tree, (leaf) => leaf === 'explicit' || leaf === 'implicit');
  if (allows === undefined || denies === undefined) return 'not enumerated';
  return { differ: factsThatMatter(tree), allows, denies };
}

function explore(request: Request, search: Search): Tree {
  search.worlds++;
  const said = search.say(request);
  if (typeof said === 'string') return said;
  if (search.worlds > mostWorlds) {
    search.complete = false;
    return 'unknown';
  }
  const open = new Map<string, Fact>();
  for (const fact of said.values()) {
    const led = leading(fact, request);
    open.set(factKey(led), led);
  }
  for (const key of open.keys()) if (!search.order.has(key)) search.order.set(key, search.order.size);
  const position = ([key]: readonly [string, Fact]): number => search.order.get(key) ?? 0;
  const facts = [...open].toSorted((one, other) => position(one) - position(other)).map(([, fact]) => fact);
  const [fact, { options, waits, ...listed }] = firstToSettle(facts, request, search.asking);
  const complete = listed.complete && !waits;
  if (!complete) search.complete = false;
  const branches = options.map(({ values, suppose }) => ({
    values,
    tree: explore(supposing(request, suppose), search),
  }));
  const [first] = branches;
  if (first === undefined) return 'unknown';
  if (fact === undefined) return 'unknown';
  return complete && branches.every(({ tree }) => same(tree, first.tree)) ? first.tree : { fact, complete, branches };
}

/** Keys that move together are one fact. */
function leading(fact: Fact, request: Request): Fact {
  const key = fact.fact === 'context' ? leadingKey(request, fact.key.toLowerCase()) : undefined;
  return key === undefined ? fact : contextFact(key);
}

/** A key that is compared with another open one comes after it. */
function firstToSettle(facts: readonly Fact[], request: Request, asking: Asking): readonly [Fact | undefined, Options] {
  let waiting: readonly [Fact, Options] | undefined;
  for (const fact of facts) {
    const options = optionsFor(fact, request, asking);
    if (!options.waits) return [fact, options];
    waiting ??= [fact, options];
  }
  return waiting ?? [undefined, { options: [], complete: false, waits: false }];
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

function leavesOf(tree: Tree): ReadonlySet<Leaf> {
  if (typeof tree === 'string') return new Set([tree]);
  return new Set(tree.branches.flatMap((branch) => [...leavesOf(branch.tree)]));
}

/** The shortest way to such a leaf; the earlier branch of two that are as short. */
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

/** Denied is denied: explicit or not makes no difference here. */
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

interface Option {
  readonly values: Supposed;
  readonly suppose: Supposition;
}

interface Options {
  readonly options: readonly Option[];
  readonly complete: boolean;
  readonly waits: boolean;
}

/** The values of a fact that the statements can tell apart. */
function optionsFor(fact: Fact, request: Request, asking: Asking): Options {
  const supposed = (...values: readonly string[]): Options => ({
    options: values.map((value) => ({ values: [value], suppose: { facts: new Map([[factKey(fact), value]]) } })),
    complete: true,
    waits: false,
  });
  switch (fact.fact) {
    case 'context':
      return contextOptions(fact.key, request, asking);
    case 'policy':
      return supposed('allows', 'denies', 'silent');
    case 'grants':
      return supposed('allows', 'silent');
    case 'grant constraint':
    case 'rule':
    case 'statement':
      return supposed('true', 'false');
    case 'principal':
      return principalOptions(fact.about, request, asking);
    case 'resource name':
      return nameOptions(request, asking);
  }
}

function contextOptions(key: string, request: Request, asking: Asking): Options {
  const keyId = key.toLowerCase();
  const { caller } = request;
  // The role's path is one fact with the ARN that holds it.
  if (keyId === 'aws:principalarn' && caller.type === 'role session' && caller.role === undefined)
    return principalOptions('role path', request, asking);
  const { states, complete, waits } = statesOf(keyId, request, asking);
  const possible = contextOf(request, keyId);
  const twin = sameInstant(keyId);
  // One instant, unless more is known of one name than of the other.
  const alike = twin !== undefined && samePossible(contextOf(request, twin), possible) ? [twin] : [];
  const option = (state: Possible): Option => ({
    values: certain(state) ?? 'absent',
    suppose: {
      states: new Map([
        [keyId, state],
        ...alike.map((other): [string, Possible] => [other, state]),
        ...(possible.together ?? []).map((other) => likewise(other, state, request)),
      ]),
    },
  });
  return { options: states.map(option), complete, waits };
}

/** A key that is in the request exactly when another is, once that one's state is supposed. */
function likewise(keyId: string, { absent }: Possible, request: Request): [string, Possible] {
  return [keyId, absent ? { absent: true, values: [] } : { ...contextOf(request, keyId), absent: false }];
}

/** Principals that statements and grants name by ARN, of one kind and account. */
function namedArns({ statements, grants }: Asking, beginning: string): readonly string[] {
  const entries = statements.flatMap(({ principals }) => (typeof principals === 'string' ? [] : principals.of));
  const parties = grants.flatMap(({ GranteePrincipal, RetiringPrincipal }) =>
    [GranteePrincipal ?? [], RetiringPrincipal ?? []].flat(),
  );
  const arns = [...entries.flatMap((entry) => (entry.is === 'arn' ? [entry.arn] : [])), ...parties];
  return [...new Set(arns.filter((arn) => arn.startsWith(beginning)))];
}

function principalOptions(
  about: 'session name' | 'role path' | 'federating user',
  request: Request,
  asking: Asking,
): Options {
  const { caller } = request;
  const as = (value: string, changed: Caller): Option => ({ values: [value], suppose: { caller: changed } });
  if (caller.type === 'federated user' && about === 'federating user') {
    const users = namedArns(asking, `${caller.iam}user/`);
    const other = `${caller.iam}user/another`;
    return {
      options: [...users, other].map((federatingUser) => as(federatingUser, { ...caller, federatingUser })),
      complete: true,
      waits: false,
    };
  }
  if (caller.type !== 'role session') return { options: [], complete: false, waits: false };
  if (about === 'session name') {
    const sessions = namedArns(asking, caller.sessions).map(withoutPath);
    const tested = asking.statements.some(({ tests }) => tests.some((test) => test.keyId === 'aws:userid'));
    const { values: inVariables, complete } = wantedByVariables('aws:userid', request, asking.statements);
    return {
      options: [...sessions, 'another-session'].map((session) => as(session, { ...caller, session })),
      complete: !tested && complete && inVariables.length === 0,
      waits: false,
    };
  }
  const base = `${caller.iam}role/`;
  const uses = roleArns(base, caller.roleName, asking);
  const wanted = wantedByVariables('aws:principalarn', request, asking.statements);
  const roles = [
    ...[...namedArns(asking, base), ...wanted.values.filter((arn) => arn.startsWith(base))].filter((arn) =>
      arn.endsWith(`/${caller.roleName}`),
    ),
    ...uses.texts,
    `${base}another-path/${caller.roleName}`,
  ];
  const serviceLinked = (role: string): boolean => role.startsWith(`${base}aws-service-role/`);
  return {
    options: [...new Set(roles)].map((role) => as(role, { ...caller, role, serviceLinked: serviceLinked(role) })),
    complete: uses.complete && wanted.complete,
    waits: false,
  };
}

/** ARNs of a role of that name, one for each outcome of the tests of aws:PrincipalArn. */
function roleArns(
  base: string,
  name: string,
  { statements, walks }: Asking,
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

/** Whole ARNs for a resource of which only the beginning is known. */
function nameOptions(request: Request, { statements, walks }: Asking): Options {
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
    options: texts.map((text) => ({ values: [text], suppose: { arn: text } })),
    complete: complete && !templated,
    waits: false,
  };
}
