import { Failure } from '../base/failure.ts';
import type { Expectation } from './expectation.ts';
import { expectationsIn, mostExpectations } from './grammar.ts';
import { faultAt } from './tree.ts';
import { parseTree } from './yaml.ts';

/** A file of expectations. `file`: the name of the file in messages. */
export interface ExpectationText {
  readonly file: string;
  readonly text: string;
}

/**
 * The expectations of several files, in order.
 * @throws Failure with file, line and column of the first fault
 */
export function readExpectations(texts: readonly ExpectationText[]): readonly Expectation[] {
  const all = texts.flatMap(({ file, text }) => {
    refuseOfTerraform(file, text);
    return expectationsIn(file, parseTree(file, text));
  });
  if (all.length > mostExpectations)
    throw new Failure(
      'input',
      `the files have ${all.length} expectations; the maximum is ${mostExpectations}`,
      'use patterns, or run the files separately',
    );
  const known = new Map<string, Expectation>();
  for (const one of all) {
    const before = known.get(one.id);
    if (before !== undefined)
      throw faultAt(
        one.at,
        `the ID \`${one.id}\` is already used in ${before.at.file}:${before.at.line}`,
        'give each expectation its own ID',
      );
    known.set(one.id, one);
  }
  return all;
}

/** @throws Failure if the file is configuration or a binary plan */
function refuseOfTerraform(file: string, text: string): void {
  if (text.startsWith('PK\u0003\u0004'))
    throw new Failure(
      'input',
      `${file}: this is the binary Terraform plan, not a file of expectations`,
      'run `terraform show -json PLAN > plan.json` (or `tofu show -json PLAN`), and give plan.json with --plan',
    );
  if (/\.(?:tf|tofu)$/i.test(file))
    throw new Failure(
      'input',
      `${file}: this is configuration, not a file of expectations`,
      'for an example, see `aurora-kms-check preflight --help`. To check a plan, use --plan',
    );
}
