import { arnWith, isAliasArn, parseArn, resourceTypeOf } from '../base/arn.ts';
import { isList, type Json } from '../base/json.ts';
import { servicePrefix, viaService } from '../base/service.ts';
import type { DecidedCall } from '../check/decide.ts';

/*
 * The smallest statements that allow calls: each action on the resources of the calls, with
 * conditions that these calls meet and others do not. kms:GrantIsForAWSResource is used only for
 * kms:CreateGrant, because kms:DescribeKey does not carry it (iam-evaluation 6D).
 */

interface Allowing {
  readonly sid: string;
  readonly actions: string[];
  readonly resources: readonly string[];
  readonly condition: Json;
}

/** For a policy of the principal that makes the calls. */
export function identityStatements(calls: readonly DecidedCall[]): readonly Json[] {
  return grouped(calls).map(({ sid, actions, resources, condition }) => ({
    Sid: sid,
    Effect: 'Allow',
    Action: oneOrAll(actions),
    Resource: oneOrAll(resources),
    ...conditionOf(condition),
  }));
}

/** For a key policy, whose only resource is the key. `principal`: ARN. */
export function keyPolicyStatements(calls: readonly DecidedCall[], principal: string): readonly Json[] {
  return grouped(calls).map(({ sid, actions, condition }) => ({
    Sid: sid,
    Effect: 'Allow',
    Principal: { AWS: principal },
    Action: oneOrAll(actions),
    Resource: '*',
    ...conditionOf(condition),
  }));
}

/** For an SCP, which grants nothing by itself and names no single key. */
export function controlStatements(calls: readonly DecidedCall[]): readonly Json[] {
  const actions = [...new Set(calls.map(({ row }) => row.action))];
  return [{ Sid: 'AllowForEncryptedDatabases', Effect: 'Allow', Action: oneOrAll(actions), Resource: '*' }];
}

function grouped(calls: readonly DecidedCall[]): readonly Allowing[] {
  const groups = new Map<string, Allowing>();
  for (const [action, alike] of byAction(calls)) {
    const resources = widest([...new Set(alike.map(resourceOf))]);
    const [first] = alike;
    if (first === undefined) continue;
    const condition = conditionFor(first);
    const name = JSON.stringify([resources, condition, servicePrefix(action)]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { sid: sidFor(first), actions: [action], resources, condition });
    else group.actions.push(action);
  }
  return [...groups.values()];
}

/**
 * Calls grouped by action and Region. Calls with different key Regions need separate conditions.
 */
function byAction(calls: readonly DecidedCall[]): readonly (readonly [string, readonly DecidedCall[]])[] {
  const groups = new Map<string, DecidedCall[]>();
  for (const call of calls) {
    const name = `${call.row.action} ${call.row.kind} ${call.key?.region ?? ''}`;
    groups.set(name, [...(groups.get(name) ?? []), call]);
  }
  return [...groups.values()].map((group) => [group[0]?.row.action ?? '', group]);
}

/** The resources without those that another one covers, such as those of one type with any name. */
function widest(resources: readonly string[]): readonly string[] {
  const starts = resources.flatMap((resource) => (resource.endsWith('*') ? [resource.slice(0, -1)] : []));
  return resources.filter(
    (resource) => !starts.some((start) => resource !== `${start}*` && resource.startsWith(start)),
  );
}

/** The statements without one key in one of them: one list for each key of each statement. */
export function withoutOneKey(statements: readonly Json[]): readonly (readonly Json[])[] {
  return statements.flatMap((statement, index) => {
    const { Resource: named } = statement;
    const resources = isList(named) ? named : [named];
    return resources.filter(isKey).map((key) => {
      const [first, ...more] = resources.filter((one) => one !== key);
      const less =
        first === undefined ? [] : [{ ...statement, Resource: more.length === 0 ? first : [first, ...more] }];
      return statements.toSpliced(index, 1, ...less);
    });
  });
}

function isKey(resource: unknown): boolean {
  return typeof resource === 'string' && resourceTypeOf(resource) === 'key';
}

/**
 * The ID behind the alias of an AWS managed key is not known, and policies name keys only by ID.
 */
function resourceOf({ resource }: DecidedCall): string {
  const alias = isAliasArn(resource) ? parseArn(resource) : undefined;
  return alias === undefined ? resource : arnWith(alias, { resource: 'key/*' });
}

function conditionFor({ row, key }: DecidedCall): Json {
  if (servicePrefix(row.action) === 'iam') {
    const sent = Object.entries(row.sends ?? {}).map(([name, values]) => [name, oneOrAll(values)]);
    return sent.length === 0 ? {} : { StringEquals: Object.fromEntries(sent) };
  }
  if (key === undefined) return {};
  const through = row.through ?? ['rds'];
  const services = through.filter((one) => one !== 'none').map((one) => viaService(one, key.region));
  const always = row.kind === 'forwarded' && services.length === through.length;
  return {
    ...(always ? { StringEquals: { 'kms:ViaService': oneOrAll(services) } } : {}),
    ...(row.kind === 'forwarded' && row.action === 'kms:CreateGrant'
      ? { Bool: { 'kms:GrantIsForAWSResource': 'true' } }
      : {}),
  };
}

function sidFor({ row, key }: DecidedCall): string {
  const service = servicePrefix(row.action) ?? '';
  const action = row.action.slice(service.length + 1);
  if (key === undefined) return service === 'rds' ? action : `${service.toUpperCase()}${action}`;
  if (row.kind !== 'forwarded') return `${action}Directly`;
  return action === 'CreateGrant' ? 'CreateGrantForAwsResource' : `${action}ThroughService`;
}

function conditionOf(condition: Json): Json {
  return Object.keys(condition).length === 0 ? {} : { Condition: condition };
}

/** A single value is written without a list, as people do. */
function oneOrAll(items: readonly string[]): string | readonly string[] {
  const [first, ...more] = items;
  return first !== undefined && more.length === 0 ? first : items;
}

/** The actions that such statements allow. */
export function allowedBy(statements: readonly Json[]): readonly string[] {
  const actions = statements.flatMap(({ Action: given }): readonly unknown[] => (isList(given) ? given : [given]));
  return [...new Set(actions.filter((action) => typeof action === 'string'))];
}
