import { InvalidArgumentError, type Option } from 'commander';
import { Failure } from '../../base/failure.ts';
import { meantBy } from '../../base/nearest.ts';
import { list } from '../../base/wording.ts';
import type { Hypothesis } from '../../evidence/hypothesis.ts';
import { keyStates } from '../../evidence/lookup.ts';
import { RepeatableOption } from './flag-option.ts';
import type { PlanOptions } from './plan-options.ts';

/** The names and values of hypotheses, as commander returns them. */
export interface AssumeOptions {
  readonly assumePolicy?: readonly Pair[];
  readonly assumeKeyState?: readonly Pair[];
  readonly assumeAttach?: readonly Pair[];
}

interface Pair {
  readonly name: string;
  readonly value: string;
}

/** The options for assumed differences from the data that was read. */
export function assumeOptions(): readonly Option[] {
  return [
    new RepeatableOption(
      '--assume-policy <what=file>',
      'suppose that a policy has the text of this file (- is standard input). The policy: a key (id, ARN or alias), managed policy ARN, role/NAME/POLICY, user/..., group/..., scp/NAME or rcp/NAME',
    ).argParser(pairOf('give a policy and a file, such as alias/orders=policy.json')),
    new RepeatableOption('--assume-key-state <key=state>', 'suppose that a key has this KeyState').argParser(keyState),
    new RepeatableOption(
      '--assume-attach <who=arn>',
      'suppose that a managed policy is attached to role/NAME, user/NAME or group/NAME',
    ).argParser(whoAndPolicy),
  ];
}

type Parser = (text: string, before?: readonly Pair[]) => readonly Pair[];

/** Splits at the last equals sign, because names in IAM may contain one. */
function pairOf(complaint: string, equals = (text: string): number => text.lastIndexOf('=')): Parser {
  return (text, before = []) => {
    const at = equals(text);
    const [name, value] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
    if (name === '' || value === '') throw new InvalidArgumentError(complaint);
    return [...before, { name, value }];
  };
}

const keyAndState = pairOf('give a key and its state, such as alias/orders=PendingDeletion');

function keyState(text: string, before?: readonly Pair[]): readonly Pair[] {
  const pairs = keyAndState(text, before);
  const state = pairs.at(-1)?.value ?? '';
  if (keyStates.includes(state)) return pairs;
  const meant = meantBy(state, keyStates);
  throw new InvalidArgumentError(
    meant === undefined
      ? `give ${list(keyStates, 'or')}`
      : `did you mean ${meant}? The key states are ${list(keyStates)}`,
  );
}

const whoAndPolicy = pairOf(
  'give a principal and the ARN of a policy, such as role/operator=arn:aws:iam::aws:policy/ReadOnlyAccess',
  (text) => text.indexOf('=arn:'),
);

/**
 * The hypotheses in the options, with the texts of their files.
 * @throws Failure if a file cannot be read
 */
export async function hypothesesOf({
  assumePolicy: policies = [],
  assumeKeyState: states = [],
  assumeAttach: attachments = [],
}: AssumeOptions): Promise<readonly Hypothesis[]> {
  const texts = policies.length === 0 ? [] : await textsOf(policies);
  return [
    ...texts,
    ...states.map(({ name, value }): Hypothesis => ({ assume: 'key state', key: name, state: value })),
    ...attachments.map(({ name, value }): Hypothesis => ({ assume: 'attachment', to: name, policy: value })),
  ];
}

async function textsOf(policies: readonly Pair[]): Promise<readonly Hypothesis[]> {
  const { readText } = await import('../../evidence/readers/files.ts');
  return policies.map(({ name, value }) => ({
    assume: 'policy',
    place: name,
    text: readText(value, `--assume-policy ${name}`),
    from: value === '-' ? 'standard input' : value,
  }));
}

/** Standard input can be read only once. @throws Failure if it is named more often */
export function refuseTwoInputs(
  evidence: readonly string[],
  options: AssumeOptions & PlanOptions & { readonly sessionPolicy?: string },
): void {
  const named = [
    ...evidence.filter((path) => path === '-').map(() => 'as evidence'),
    ...(options.plan ?? []).filter((path) => path === '-').map(() => 'with --plan'),
    ...(options.sessionPolicy === '-' ? ['with --session-policy'] : []),
    ...(options.assumePolicy ?? [])
      .filter(({ value }) => value === '-')
      .map(({ name }) => `with --assume-policy ${name}`),
  ];
  const [first, second] = named;
  if (first === undefined || second === undefined) return;
  const twice = first === second ? first : `${first} and ${second}`;
  throw new Failure('input', `standard input (\`-\`) is given twice: ${twice}`, 'give `-` once');
}
