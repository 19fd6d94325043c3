import { Failure } from '../base/failure.ts';
import { isJson, isList } from '../base/json.ts';

/** The command that wrote a baseline. */
export type BaselineCommand = 'audit' | 'preflight';

/**
 * Something that is accepted until a date, with its outcome. For `preflight`: a combination, or
 * something that is missing. For `audit`: a finding.
 */
export interface BaselineEntry {
  readonly id: string;
  /** The ARN of the principal. Empty if something is missing. */
  readonly who: string;
  /**
   * The command or KMS action that was checked, or the code of the finding or of the missing thing.
   */
  readonly operation: string;
  /** The ARN of the source, the name of the missing thing, or the subject of a finding. */
  readonly source: string;
  readonly account: string;
  readonly region: string;
  readonly outcome: 'broken' | 'unproven';
  /** Findings only. */
  readonly severity?: string;
  /** Findings only: what the finding affected or might affect, as ARNs and names. */
  readonly names?: readonly string[];
}

/** The accepted entries, the reason, and the last day. */
export interface Baseline {
  readonly baselineVersion: 1;
  readonly command: BaselineCommand;
  readonly reason: string;
  /** The last day, `YYYY-MM-DD`, in UTC. */
  readonly until: string;
  readonly entries: readonly BaselineEntry[];
}

const keyFields = ['id', 'who', 'operation', 'source', 'account', 'region'] as const;

/** The key that identifies an entry. */
export function baselineKey(entry: Omit<BaselineEntry, 'outcome'>): string {
  return JSON.stringify(keyFields.map((field) => entry[field]));
}

/** A note about a baseline. */
export interface BaselineNote {
  readonly code: 'baseline-ended';
  readonly reason: string;
  readonly until: string;
}

/** The entries of a baseline, while outcomes are compared with them. */
export interface BaselineInUse {
  readonly reason: string;
  readonly until: string;
  /**
   * Whether an outcome is no worse than the accepted one. `isNoWorse`: compares everything except
   * the outcome.
   */
  readonly accepts: (entry: BaselineEntry, isNoWorse?: (before: BaselineEntry) => boolean) => boolean;
  /** Entries that nothing has matched. */
  readonly stale: () => readonly BaselineEntry[];
  /** Undefined: the baseline is in effect. */
  readonly note: BaselineNote | undefined;
}

/** Prepares a baseline for use. `now`: ISO time. A baseline that has ended accepts nothing. */
export function baselineInUse({ entries, reason, until }: Baseline, now: string): BaselineInUse {
  const known = new Map(entries.map((entry) => [baselineKey(entry), entry]));
  const met = new Set<string>();
  const isLive = now.slice(0, 10) <= until;
  return {
    reason,
    until,
    accepts(entry, isNoWorse = () => true) {
      const key = baselineKey(entry);
      const before = known.get(key);
      if (before === undefined) return false;
      met.add(key);
      return isLive && (before.outcome === 'broken' || entry.outcome === 'unproven') && isNoWorse(before);
    },
    note: isLive ? undefined : { code: 'baseline-ended', reason, until },
    stale: () => entries.filter((entry) => !met.has(baselineKey(entry))),
  };
}

/**
 * Reads a baseline. `file`: the name of the file in messages.
 * @throws Failure if the text is not a baseline of the command
 */
export function readBaseline(file: string, text: string, command: BaselineCommand): Baseline {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw notABaseline(file, 'the file is not JSON', error);
  }
  if (!isJson(json) || json['baselineVersion'] !== 1)
    throw notABaseline(file, 'this is not a baseline: it has no `baselineVersion: 1`');
  const { reason, until, entries } = json;
  if (json['command'] !== command) throw notABaseline(file, `this is not a baseline of ${command}`);
  if (typeof reason !== 'string' || reason.trim() === '') throw notABaseline(file, 'the baseline has no reason');
  if (typeof until !== 'string' || !isDay(until)) throw notABaseline(file, 'the baseline has no date in `until`');
  if (!isList(entries)) throw notABaseline(file, 'the baseline has no list of `entries`');
  return {
    baselineVersion: 1,
    command,
    reason,
    until,
    entries: entries.map((entry, index) => entryIn(entry, file, index)),
  };
}

function notABaseline(file: string, what: string, cause?: unknown): Failure {
  return new Failure(
    'input',
    `${file}: ${what}`,
    'write the file with --write-baseline FILE --reason TEXT --until DATE',
    cause,
  );
}

/** Whether a text is a date, `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === text;
}

function entryIn(entry: unknown, file: string, index: number): BaselineEntry {
  const textOf = (field: string): string => {
    const value = isJson(entry) ? entry[field] : undefined;
    if (typeof value !== 'string') throw notABaseline(file, `entries.${index} has no ${field}`);
    return value;
  };
  const outcome = textOf('outcome');
  if (outcome !== 'broken' && outcome !== 'unproven')
    throw notABaseline(file, `entries.${index}.outcome is \`${outcome}\``);
  const { severity, names } = isJson(entry) ? entry : {};
  if (names !== undefined && !(isList(names) && names.every((name) => typeof name === 'string')))
    throw notABaseline(file, `entries.${index}.names is not a list of texts`);
  return {
    id: textOf('id'),
    who: textOf('who'),
    operation: textOf('operation'),
    source: textOf('source'),
    account: textOf('account'),
    region: textOf('region'),
    outcome,
    ...(typeof severity === 'string' ? { severity } : {}),
    ...(names === undefined ? {} : { names }),
  };
}

/** The text of a baseline file. */
export function baselineText(baseline: Baseline): string {
  return `${JSON.stringify(baseline, undefined, 2)}\n`;
}
