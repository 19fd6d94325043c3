import * as v from 'valibot';
import { isJson, isList } from '../../src/base/json.ts';

/* Walks through a Valibot schema, and makes values that fit it. */

/** The parts of a schema that the walk needs. */
type Schema = Readonly<Record<string, unknown>>;

/** A place in the schema: `accounts.*.iam.UserDetailList[].Tags`. */
export interface Spot {
  readonly path: string;
  /** The schema without its optional and nullable wrappers. */
  readonly schema: Schema;
}

function bare(schema: unknown): Schema {
  if (!isJson(schema)) throw new Error('no schema');
  return isJson(schema['wrapped']) ? bare(schema['wrapped']) : schema;
}

/** Whether the schema is that of a policy document: an object, or its text. */
export function isDocument({ type, options }: Schema): boolean {
  return type === 'union' && isList(options) && options.some((one) => isJson(bare(one)['entries']));
}

/** The schema and everything within it, except within unions. */
export function spotsOf(schema: unknown, path = ''): readonly Spot[] {
  const found = bare(schema);
  const { entries, item, value, type } = found;
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const within =
    type === 'record'
      ? spotsOf(value, at('*'))
      : isJson(item)
        ? spotsOf(item, `${path}[]`)
        : isJson(entries)
          ? Object.entries(entries).flatMap(([name, entry]) => spotsOf(entry, at(name)))
          : [];
  return [{ path, schema: found }, ...within];
}

/**
 * A value that fits the schema, with every field. Texts contain `name` and their path, so that all
 * of them differ. Lists have one item.
 */
export function sampleOf(schema: unknown, name: string, path = ''): unknown {
  const { entries, item, value, type, options, literal, key } = bare(schema);
  const at = (part: string): string => `${path} ${part}`;
  if (type === 'literal') return literal;
  if (type === 'number') return 1;
  if (type === 'boolean') return true;
  if (type === 'picklist' && isList(options)) return options[0];
  if (isDocument(bare(schema))) return { Version: '2012-10-17', Statement: [] };
  if (type === 'union' && isList(options)) return sampleOf(options[0], name, path);
  if (type === 'record') return { [textFor(key, `${name}-key`)]: sampleOf(value, name, at('*')) };
  if (isJson(item)) return [sampleOf(item, name, path)];
  if (isJson(entries))
    return Object.fromEntries(
      Object.entries(entries).map(([field, entry]) => [field, sampleOf(entry, name, at(field))]),
    );
  return textFor(bare(schema), `${name}${path.replaceAll(/[^A-Za-z]/g, '')}`);
}

const region = 'us-east-1';
const account = '111122223333';

/**
 * A text that the schema accepts: `name`, or else an ARN or alias with `name` in it, an account ID
 * or a Region.
 */
function textFor(schema: unknown, name: string): string {
  const type = name.includes('User') ? 'user' : 'role';
  const candidates = [
    ...[name, `arn:aws:iam::${account}:${type}/${name}`, `arn:aws:rds:${region}:${account}:cluster:${name}`],
    ...[
      `arn:aws:kms:${region}:${account}:key/${name}`,
      `arn:aws:rds::${account}:global-cluster:${name}`,
      `arn:aws:backup:${region}:${account}:backup-vault:${name}`,
      `arn:aws:secretsmanager:${region}:${account}:secret:${name}`,
      `alias/${name}`,
      account,
      region,
    ],
  ];
  const found = candidates.find((text) => accepts(schema, text));
  if (found === undefined) throw new Error(`no text fits ${name}`);
  return found;
}

function accepts(schema: unknown, text: string): boolean {
  if (!isSchema(schema)) throw new Error('no schema');
  return v.safeParse(schema, text).success;
}

function isSchema(schema: unknown): schema is v.GenericSchema {
  return isJson(schema) && schema['kind'] === 'schema';
}
