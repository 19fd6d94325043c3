import { groupBy } from '../base/group.ts';
import { type CitedRule, citedRule } from '../base/rules.ts';
import { counted, list } from '../base/wording.ts';
import { preconditionName } from '../explain/precondition-names.ts';
import {
  type Basis,
  type CallKind,
  type CallRow,
  type ErrorCode,
  isKeyRole,
  type Operation,
} from '../operations/operation.ts';
import type { SourceType } from '../operations/source-flags.ts';
import { eachRuleOnce, ruleLines } from './cited-rules.ts';
import { commandWords } from './operation-list.ts';
import { safe } from './safe.ts';
import { wrap } from './style.ts';

/* The catalog in words. Text, Markdown and JSON are three views of this structure. */

export interface DescribedCall {
  readonly kind: CallKind;
  readonly action: string;
  readonly on: string;
  /** The condition keys of the call that policies often test (rds-kms-operations 3). */
  readonly context: string;
  readonly when: readonly string[];
  readonly basis: Basis;
  readonly source: CitedRule;
  /** The error if the call is denied. Null: not published. */
  readonly error: string | null;
}

interface DescribedPrecondition {
  readonly name: string;
  readonly when: readonly string[];
  readonly basis: Basis;
  readonly source: CitedRule;
  /** Absent: not published. */
  readonly error?: ErrorCode;
}

export interface DescribedOperation {
  readonly command: string;
  readonly api: string;
  readonly does: string;
  readonly reads?: { readonly flag: string; readonly types: readonly string[] };
  /** Flags, without dashes. */
  readonly parameters: readonly string[];
  /** The required parameters. */
  readonly requires: readonly string[];
  readonly calls: readonly DescribedCall[];
  readonly preconditions: readonly DescribedPrecondition[];
  readonly errors: Readonly<Partial<Record<CallKind, string>>>;
}

/** What an operation needs, and from whom, from its entry in the catalog. */
export function describe(operation: Operation): DescribedOperation {
  const { command, api, does, reads, parameters, requires = [], calls, preconditions, faults } = operation;
  return {
    command,
    api,
    does,
    ...(reads === undefined ? {} : { reads }),
    parameters,
    requires,
    calls: calls.map((row) => ({
      kind: row.kind,
      action: row.action,
      on: row.on,
      context: contextOf(row),
      when: [...(row.when ?? []), ...(row.onlyDenied === true ? ['a policy denies the call'] : [])],
      basis: row.basis,
      source: citedRule(row.source),
      error: errorOf(row, operation) ?? null,
    })),
    preconditions: preconditions.map(({ code, when, basis, source, fault }) => ({
      name: preconditionName(code),
      when: when ?? [],
      basis,
      source: citedRule(source),
      ...(fault === undefined ? {} : { error: ofTypes(fault, reads?.types ?? []) }),
    })),
    errors: faults,
  };
}

/** The error if a call is denied. Undefined: not published, as if another service than KMS refuses RDS. */
function errorOf({ kind, on, fault }: CallRow, { faults }: Operation): string | undefined {
  if (fault !== undefined || kind !== 'forwarded' || isKeyRole(on)) return fault ?? faults[kind];
  return on === 'RDS service-linked role' ? 'InvalidParameterValue' : undefined;
}

/** The error codes by type of source, limited to types that the operation can read. */
function ofTypes(fault: ErrorCode, types: readonly SourceType[]): ErrorCode {
  if (typeof fault === 'string') return fault;
  return Object.fromEntries(types.flatMap((type) => (fault[type] === undefined ? [] : [[type, fault[type]]])));
}

function contextOf(row: CallRow): string {
  const sent = Object.entries(row.sends ?? {}).map(([key, values]) => `${key} = ${values.join(' or ')}`);
  return [...carried(row), ...sent].join('; ');
}

function carried({ kind, action, keys, through, as }: CallRow): readonly string[] {
  switch (kind) {
    case 'caller':
      return keys === undefined ? [] : [keys.map((key) => (key.endsWith('/') ? `${key}*` : key)).join(', ')];
    case 'forwarded': {
      const services = (through ?? ['rds']).map((service) => `${service}.<region>.amazonaws.com`);
      const via = action.startsWith('kms:') ? [`kms:ViaService = ${services.join(' or ')}`] : [];
      return [
        'aws:ViaAWSService = true',
        ...via,
        ...(action === 'kms:CreateGrant' ? ['kms:GrantIsForAWSResource = true'] : []),
      ];
    }
    case 'service':
      return [`aws:PrincipalServiceName = ${as ?? 'rds.amazonaws.com'}`, 'no kms:ViaService'];
    case 'role':
      return (through ?? []).map((service) =>
        service === 'none' ? 'or no kms:ViaService' : `kms:ViaService = ${service}.<region>.amazonaws.com`,
      );
  }
}

/** The errors of a precondition in words. */
export function errorWords(error: ErrorCode | undefined): string {
  if (error === undefined) return 'not published';
  return typeof error === 'string' ? error : [...new Set(Object.values(error))].join(' or ');
}

/** Everything about some operations, for a terminal. */
export const drawOperations = safe(
  (operations: readonly DescribedOperation[], { width }) =>
    `${operations.map((operation) => oneText(operation, width)).join('\n\n')}\n`,
);

const what: Readonly<Record<CallKind, string>> = {
  caller: 'The principal calls',
  forwarded: "RDS calls with the principal's identity",
  service: 'A service calls through its own grant',
  role: 'A role calls that a service assumes',
};

/**
 * Everything about one operation. The rules behind its rows are listed below it, with the numbers
 * that the rows show.
 */
function oneText(operation: DescribedOperation, width: number): string {
  const { api, does, calls, preconditions, errors } = operation;
  const counts = `${counted(calls.length, 'call')}, ${counted(preconditions.length, 'precondition')}.`;
  const kinds = [...new Set(calls.map(({ kind }) => kind))];
  const rules = eachRuleOnce([...calls, ...preconditions].map(({ source }) => source));
  const resting: Resting = ({ basis, source }) => `${basis} [${1 + rules.findIndex(({ id }) => id === source.id)}]`;
  return [
    `${commandWords(operation)} (${api})`,
    wrap(`${does.charAt(0).toUpperCase()}${does.slice(1)}. ${counts}`, width, '  '),
    ...kinds.flatMap((kind) => [
      '',
      wrap(`${what[kind]}${errors[kind] === undefined ? '' : `, or else ${errors[kind]}`}`, width, ''),
      ...callLines(
        calls
          .filter((call) => call.kind === kind)
          .map((call) => ({ ...call, isUsual: call.error === (errors[kind] ?? null) })),
        resting,
        width,
      ),
    ]),
    '\nPreconditions',
    ...preconditions.flatMap((one) => [
      wrap(`${one.name}: ${resting(one)}`, width, '  '),
      wrap([...whenWords(one.when), elseWords(one.error)].join(', '), width, '    '),
    ]),
    '\nRules',
    ...rules.flatMap((rule, at) => ruleLines(rule, `[${at + 1}] `, width)),
  ].join('\n');
}

/** Shows how well a row is established, and by which rule. */
type Resting = (row: DescribedCall | DescribedPrecondition) => string;

/** `isUsual`: the error is that of the other calls of the same kind. */
type ShownCall = DescribedCall & { readonly isUsual: boolean };

/** Groups calls with the same condition keys: the actions, their resources, and the keys. */
function callLines(calls: readonly ShownCall[], resting: Resting, width: number): readonly string[] {
  const ofAction = [...groupBy(calls, ({ action, context, error }) => `${action} ${context} ${error}`).values()].map(
    (group) => ({
      action: group[0].action,
      below: belowAction(group, resting, width).join('\n'),
    }),
  );
  return [...groupBy(ofAction, ({ below }) => below)].flatMap(([below, same]) => [
    wrap(same.map(({ action }) => action).join(', '), width, '  '),
    below,
  ]);
}

function belowAction(group: readonly [ShownCall, ...ShownCall[]], resting: Resting, width: number): readonly string[] {
  const [{ context, error, isUsual }] = group;
  const alike = groupBy(group, (call) => `${resting(call)} ${list(call.when)}`);
  const lines = [...alike.values()].map((same) => {
    const [one] = same;
    const on = `on ${list(same.map((call) => call.on))}`;
    return wrap(`${[on, ...whenWords(one.when)].join(', ')}: ${resting(one)}`, width, '    ');
  });
  return [
    ...lines,
    ...(context === '' ? [] : [wrap(`carries ${context}`, width, '    ')]),
    ...(isUsual ? [] : [wrap(elseWords(error ?? undefined), width, '    ')]),
  ];
}

function elseWords(error: ErrorCode | undefined): string {
  return error === undefined ? 'the error is not published' : `or else ${errorWords(error)}`;
}

function whenWords(when: readonly string[]): readonly string[] {
  return when.length === 0 ? [] : [`when ${list(when)}`];
}
