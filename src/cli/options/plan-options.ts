import type { Option } from 'commander';
import { Failure } from '../../base/failure.ts';
import type { NamedPlan } from '../../plan/planned-state.ts';
import type { Io } from '../io.ts';
import { RepeatableOption } from './flag-option.ts';
import { more } from './values.ts';

/** The plans that a command gets, as commander returns them. */
export interface PlanOptions {
  readonly plan?: readonly string[];
}

/** `--plan`. `does`: what the command does with the plan. */
export function planOption(does: string): Option {
  return new RepeatableOption(
    '--plan <file>',
    `JSON of \`terraform show -json PLAN\` (- is standard input), ${does}`,
  ).argParser(more);
}

/**
 * The named plans, in the order in which they apply. What they mark as sensitive is never written.
 * @throws Failure if a file cannot be read, or is not a plan
 */
export async function plansNamed({ plan: paths = [] }: PlanOptions, io: Io): Promise<readonly NamedPlan[]> {
  if (paths.length === 0) return [];
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  // Its second apply would find what the first one has made, but Terraform applies no plan twice.
  if (twice !== undefined && twice !== '-')
    throw new Failure(
      'input',
      `--plan ${twice} is given twice`,
      'give each plan once: Terraform applies no plan twice',
    );
  const { inputName, readText } = await import('../../evidence/readers/files.ts');
  const { readPlan } = await import('../../plan/plan-file.ts');
  const { hider } = await import('../../plan/hidden.ts');
  const { secretsIn } = await import('../../plan/secrets.ts');
  return paths.map((path) => {
    const plan = readPlan(inputName(path), readText(path, '--plan'));
    const secrets = secretsIn(plan);
    if (secrets.length > 0) io.hide?.(hider(secrets));
    return { from: inputName(path), plan };
  });
}
