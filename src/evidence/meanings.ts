import { Failure } from '../base/failure.ts';
import { list } from '../base/wording.ts';
import type { Evidence } from './schema.ts';

/*
 * A name that may mean several things is refused. The error shows what it may mean, and how to
 * choose.
 */

/** What a name can mean. */
export interface Meanings {
  readonly arns: readonly string[];
  /** The flag with the name. Absent: an argument without a flag. */
  readonly flag?: string;
  /** An example of an ARN, if there is none to choose from. */
  readonly example?: string;
}

const shown = 5;

/** `` `orders` can mean `arn:...` or `arn:...` ``. */
export function canMean(name: string, arns: readonly string[]): string {
  const more = arns.length > shown ? [`${arns.length - shown} others`] : [];
  return `\`${name}\` can mean ${list([...arns.slice(0, shown).map((arn) => `\`${arn}\``), ...more], 'or')}`;
}

/** What to do about a name that can mean several things. */
export function giveOne({ arns, flag, example }: Meanings): string {
  const one = arns.length > 1 ? 'one of these ARNs' : arns.length === 1 ? 'this ARN' : 'the ARN';
  const such = arns.length > 0 || example === undefined ? '' : `, such as ${example}`;
  return `give ${one}${flag === undefined ? '' : ` with ${flag}`}${such}`;
}

/** The evidence has several accounts, and nothing shows which of them a name belongs to. */
export function accountNotKnown({ accounts }: Evidence, name: string, candidates: Meanings): Failure {
  const read = Object.keys(accounts);
  const { arns } = candidates;
  return new Failure(
    'input',
    read.length === 0
      ? `the evidence has no account, so the account of \`${name}\` is not known`
      : `the account of \`${name}\` is not known: the evidence has accounts ${list(read)}${
          arns.length === 0 ? '' : `, and ${canMean(name, arns)}`
        }`,
    giveOne(candidates),
  );
}
