import * as v from 'valibot';
import { oneLine } from '../../base/escape.ts';
import { Failure } from '../../base/failure.ts';
import { deepestNesting, isJson, isTooDeep } from '../../base/json.ts';
import { typeFault, typeWords } from '../../base/objects.ts';
import { iamRows, keyRows, rdsRows } from '../lists.ts';
import { type Evidence, evidenceSchema } from '../schema.ts';
import type { InputReader } from './reader.ts';

/** The message for an input that is not evidence. */
export const expectedForm = 'an evidence file is a JSON object with `evidenceVersion` and `accounts`';

/** How to get such a file. */
export const written = '`aurora-kms-check collect FILE` writes one';

/**
 * The program's own format (schema/evidence.json). Callers must already have refused deep nesting:
 * see refuseDepth.
 */
export const evidenceFile: InputReader<Evidence> = {
  recognizes: (json) => isJson(json) && 'evidenceVersion' in json,
  read(json, { from }) {
    if (!isJson(json)) throw new Failure('input', `${from}: the file is not a JSON object`, expectedForm);
    if (!('evidenceVersion' in json))
      throw new Failure(
        'input',
        `${from}: this is not an evidence file: \`evidenceVersion\` is missing`,
        whatInstead(json),
      );
    const result = v.safeParse(evidenceSchema, json);
    if (result.success) return result.output;
    throw new Failure(
      'input',
      `${from}: ${faultOf(result.issues)}`,
      'see schema/evidence.json in the package for the format of an evidence file',
    );
  },
};

/** What to do with a file that is something else. */
function whatInstead(json: Readonly<Record<string, unknown>>): string {
  if ('planned_values' in json || 'resource_changes' in json)
    return 'give the plan with --plan (a flag of preflight, diff, who-can and key-impact), and name an evidence file here';
  if ('eventName' in json || 'Records' in json) return 'give the event to `aurora-kms-check diagnose`';
  if ('Statement' in json) return 'give the policy with --assume-policy';
  const place = outputPlaces.find(([, names]) => names.some((name) => name in json))?.[0];
  if (place !== undefined)
    return `put the output of the AWS CLI into \`${place}\` of an evidence file (docs/evidence.md), or run the script that \`aurora-kms-check evidence recipe\` prints`;
  return `${expectedForm}; ${written}`;
}

/** Where the output of the AWS CLI belongs, by the names in it. */
const outputPlaces: readonly (readonly [place: string, names: readonly string[]])[] = [
  ['accounts.ACCOUNT.iam', iamRows.map(([name]) => name)],
  ['accounts.ACCOUNT.regions.REGION.rds', rdsRows.map(([name]) => name)],
  ['accounts.ACCOUNT.regions.REGION.kms.keys[]', ['KeyMetadata', ...keyRows.map(([name]) => name)]],
];

/**
 *
 * @throws Failure if the input is nested so deeply that recursive functions would overflow the
 * stack
 */
export function refuseDepth(from: string, json: unknown): void {
  if (!isTooDeep(json)) return;
  throw new Failure('input', `${from}: nested more than ${deepestNesting} levels deep`, expectedForm);
}

/** The first issue, and the number of others. */
function faultOf(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const path = (first.path ?? [])
    .map((item) => pathPart(item.key))
    .join('')
    .replace(/^\./, '');
  const says = first.message.startsWith('is ') ? `${first.message}${given(first)}` : expected(first);
  return oneLine(`${path === '' ? 'the file' : `\`${path}\``} ${says}${more}`);
}

function pathPart(key: unknown): string {
  return typeof key === 'number' ? `[${key}]` : `.${String(key)}`;
}

function given(issue: v.BaseIssue<unknown>): string {
  return issue.received === 'undefined' ? ' (missing)' : ` (found ${typeWords(issue.received)})`;
}

function expected(issue: v.BaseIssue<unknown>): string {
  if (issue.received === 'undefined') return 'is missing';
  return issue.expected === null ? `is not valid: ${issue.message}` : typeFault(issue);
}
