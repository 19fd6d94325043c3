import { type Place, parseArn } from '../base/arn.ts';
import { Failure } from '../base/failure.ts';
import { isServiceLinkedRole } from '../base/principal-arn.ts';
import { list } from '../base/wording.ts';
import { isMember } from '../check/bind.ts';
import type { Directory } from '../evidence/directory.ts';
import { regionsOf } from '../evidence/lookup.ts';
import { principalsIn } from '../evidence/principals.ts';
import { sourcesHeld } from '../evidence/sources.ts';
import { type Expectation, noReasonYet } from './expectation.ts';
import { type JudgeSettings, judging } from './judge.ts';
import { readExpectations } from './read.ts';

/** An expectation in the form of the file. */
interface Suggestion {
  readonly id: string;
  readonly who?: readonly string[];
  readonly only?: readonly string[];
  readonly can?: string;
  readonly cannot?: string;
  readonly cluster?: string;
  readonly instance?: string;
  readonly 'backups-of'?: string;
  readonly account: string;
  readonly region: string;
}

/** The maximum number of expectations in a suggested file. */
const mostSuggested = 50;
/** The maximum number of principals in a suggested expectation. */
const mostNamed = 12;

/**
 * The text of a file with expectations that hold now: who can take snapshots, who alone can
 * restore, and who cannot share. Expectations that are broken or unproven are left out. Undefined:
 * none holds. `region`: the only Region that counts; absent: all.
 * @throws Failure if nothing of the Region was read
 */
export function suggestedFile(
  directory: Directory,
  { region, ...settings }: Pick<JudgeSettings, 'evaluatedAt' | 'strict'> & { readonly region?: string },
): string | undefined {
  refuseUnreadRegion(directory, region);
  const judges = judging(directory, { ...settings, sessionPolicies: new Map() });
  const holds = (one: Suggestion): boolean => {
    const expectation = expectationOf(one);
    return judges.judge(expectation, judges.resolve(expectation)).outcome === 'holds';
  };
  const found: Suggestion[] = [];
  for (const database of databasesIn(directory)) {
    if (region !== undefined && database.region !== region) continue;
    for (const one of suggestionsFor(directory, database, holds)) {
      if (found.length === mostSuggested) return fileOf(found);
      found.push(one);
    }
  }
  return found.length === 0 ? undefined : fileOf(found);
}

/** @throws Failure */
function refuseUnreadRegion({ evidence }: Directory, region: string | undefined): void {
  const read = [...new Set(Object.keys(evidence.accounts).flatMap((account) => regionsOf(evidence, account)))];
  if (region !== undefined && !read.includes(region))
    throw new Failure(
      'input',
      `nothing of Region ${region} was read; Regions that were read: ${read.length === 0 ? 'none' : list(read)}`,
      'check --region, or read the Region with `aurora-kms-check collect`',
    );
}

interface Database extends Place {
  readonly name: string;
  readonly flag: 'cluster' | 'instance';
}

function databasesIn({ evidence }: Directory): readonly Database[] {
  return Object.keys(evidence.accounts).flatMap((account) =>
    regionsOf(evidence, account).flatMap((region) =>
      sourcesHeld(evidence, { account, region }, ['cluster', 'db'])
        .sources.filter((one) => !isMember(one))
        .map(
          ({ identifier, type }): Database => ({
            account,
            region,
            name: identifier,
            flag: type === 'cluster' ? 'cluster' : 'instance',
          }),
        ),
    ),
  );
}

function* suggestionsFor(
  { evidence }: Directory,
  { name, flag, account, region }: Database,
  holds: (one: Suggestion) => boolean,
): Generator<Suggestion> {
  const people = principalsIn(evidence, account)
    .filter((arn) => !isServiceLinkedRole(arn))
    .map((arn) => parseArn(arn)?.resource ?? arn);
  const place = { account, region };
  const id = `${name}-${region}`;
  const all = [...people, 'root'];
  const able = (one: Omit<Suggestion, 'who'>): readonly string[] => all.filter((who) => holds({ ...one, who: [who] }));
  const take = { id: `${id}-snapshot`, can: 'create-snapshot', [flag]: name, ...place };
  const takers = able(take);
  if (takers.length > 0 && takers.length <= mostNamed) yield { ...take, who: takers };
  const restore = { id: `${id}-restore`, can: 'restore', 'backups-of': name, ...place };
  const restorers = able(restore);
  if (restorers.length > 0 && restorers.length <= mostNamed) {
    const alone = { ...restore, only: restorers };
    yield holds(alone) ? alone : { ...restore, who: restorers };
  }
  const share = { id: `${id}-share`, cannot: 'share-snapshot', 'backups-of': name, ...place };
  const unable = able(share).filter((who) => who !== 'root');
  if (unable.length > 0 && unable.length <= mostNamed) yield { ...share, who: unable };
}

/** Reads a suggestion like a file, so the check covers exactly what the file will say. */
function expectationOf(one: Suggestion): Expectation {
  const [expectation] = readExpectations([
    { file: 'init', text: JSON.stringify({ version: '1', expectations: [{ ...one, why: noReasonYet }] }) },
  ]);
  if (expectation === undefined) throw new TypeError('no expectation');
  return expectation;
}

const fieldOrder: readonly (keyof Suggestion)[] = [
  'id',
  'who',
  'only',
  'can',
  'cannot',
  'cluster',
  'instance',
  'backups-of',
  'account',
  'region',
];

function fileOf(all: readonly Suggestion[]): string {
  const lines = all.flatMap((one) => {
    const given = fieldOrder.flatMap((field) => (one[field] === undefined ? [] : [[field, one[field]] as const]));
    return [...given, ['why', noReasonYet] as const].map(
      ([field, value], index) => `${index === 0 ? '  - ' : '    '}${field}: ${JSON.stringify(value)}`,
    );
  });
  return ['version: 1', 'expectations:', ...lines, ''].join('\n');
}
