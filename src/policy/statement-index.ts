import { hasWildcards } from '../base/glob.ts';
import { servicePrefix } from '../base/service.ts';
import type { Entry, Statement } from './document.ts';
import { actionMatches } from './match.ts';

/** The statements whose action element matches one action. */
export interface Selected {
  readonly allows: readonly Statement[];
  readonly denies: readonly Statement[];
  /** Allows that name another action of the same service. They are computed when they are read. */
  readonly ofOtherActions: () => readonly Statement[];
}

/** The most actions whose statements are remembered. The catalog needs a few dozen. */
const rememberedActions = 1_000;

/**
 * Indexes statements by action, so that a decision looks only at statements that name its action.
 * Actions without wildcards are indexed by name, others by service. The statements for an action
 * are remembered.
 */
export function indexByAction(statements: readonly Statement[]): (action: string) => Selected {
  const byName = new Map<string, Set<Statement>>();
  const byService = new Map<string, Set<Statement>>();
  const always = new Set<Statement>();
  for (const statement of statements) {
    if (statement.actions.match === 'none') always.add(statement);
    else for (const entry of statement.actions.of) fileUnder(entry, statement, { byName, byService, always });
  }
  const position = new Map(statements.map((statement, index) => [statement, index]));
  const remembered = new Map<string, Selected>();
  let last: { readonly action: string; readonly selected: Selected } | undefined;
  return (action) => {
    if (last?.action === action) return last.selected;
    const known = remembered.get(action);
    if (known !== undefined) {
      last = { action, selected: known };
      return known;
    }
    const service = servicePrefix(action) ?? '';
    const candidates = new Set([...always, ...(byService.get(service) ?? []), ...(byName.get(action) ?? [])]);
    const matching = [...candidates]
      .filter((statement) => actionMatches(statement.actions, action))
      .toSorted((one, other) => (position.get(one) ?? 0) - (position.get(other) ?? 0));
    let ofOtherActions: readonly Statement[] | undefined;
    const selected: Selected = {
      allows: matching.filter((statement) => statement.ref.effect === 'Allow'),
      denies: matching.filter((statement) => statement.ref.effect === 'Deny'),
      ofOtherActions: () =>
        (ofOtherActions ??= statements.filter(
          (one) => namesService(one, service) && !actionMatches(one.actions, action),
        )),
    };
    if (remembered.size >= rememberedActions) remembered.clear();
    remembered.set(action, selected);
    return selected;
  };
}

function namesService({ ref, actions }: Statement, service: string): boolean {
  return (
    ref.effect === 'Allow' &&
    actions.match === 'some' &&
    actions.of.some(({ text }) => servicePrefix(text.toLowerCase()) === service)
  );
}

interface Files {
  readonly byName: Map<string, Set<Statement>>;
  readonly byService: Map<string, Set<Statement>>;
  readonly always: Set<Statement>;
}

function fileUnder(entry: Entry, statement: Statement, { byName, byService, always }: Files): void {
  const text = entry.text.toLowerCase();
  const service = servicePrefix(text) ?? '';
  if (!hasWildcards(entry.glob)) add(byName, text, statement);
  else if (service === '' || /[*?]/.test(service)) always.add(statement);
  else add(byService, service, statement);
}

function add(files: Map<string, Set<Statement>>, name: string, statement: Statement): void {
  const filed = files.get(name);
  if (filed === undefined) files.set(name, new Set([statement]));
  else filed.add(statement);
}
