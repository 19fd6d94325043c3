import { InvalidArgumentError, Option } from 'commander';
import { Failure } from '../../base/failure.ts';
import type { Question } from '../../check/question.ts';
import { faultyPolicy } from '../../evidence/policy-faults.ts';
import { readPrincipalArn } from '../../evidence/principals.ts';
import { readAddress } from '../../policy/address.ts';
import { saveFaults } from '../../policy/save-faults.ts';
import { contextPair } from './context-pair.ts';
import { RepeatableOption } from './flag-option.ts';

type Context = Readonly<Record<string, readonly string[]>>;

/** What is known about the principal's session, as commander returns it. */
export interface SessionOptions {
  readonly context?: Context;
  /** JSON, or the path of a file with it. */
  readonly sessionPolicy?: string;
  readonly sessionTag?: Context;
  readonly mfa?: boolean;
  readonly sourceIp?: Context;
  readonly vpcEndpoint?: Context;
}

/** The options for what is known about the session and the network of its requests. */
export function sessionOptions(): readonly Option[] {
  return [
    new Option('--session-policy <policy>', 'session policy of the role session: a file or JSON'),
    new RepeatableOption('--session-tag <key=value>', 'tag of the session (aws:PrincipalTag)').argParser(sessionTag),
    new Option('--mfa', 'the session has MFA (aws:MultiFactorAuthPresent)'),
    new Option('--source-ip <address>', 'IP address of the requests (aws:SourceIp)')
      .argParser(sourceIp)
      // A request through a VPC endpoint carries no aws:SourceIp.
      .conflicts('vpcEndpoint'),
    new Option('--vpc-endpoint <id>', 'VPC endpoint of the requests (aws:SourceVpce)').argParser(vpcEndpoint),
    new RepeatableOption('--context <key=value>', 'value of a condition key').argParser(contextPair),
  ];
}

function sessionTag(text: string, before?: Context): Context {
  if (text.indexOf('=') < 1) throw new InvalidArgumentError('give a tag and its value, such as team=dba');
  return contextPair(`aws:PrincipalTag/${text}`, before);
}

function sourceIp(text: string): Context {
  if (readAddress(text) === undefined) throw new InvalidArgumentError('give an IP address, such as 203.0.113.7');
  return contextPair(`aws:SourceIp=${text}`);
}

function vpcEndpoint(text: string): Context {
  if (!/^vpce-[0-9a-z]+$/.test(text))
    throw new InvalidArgumentError('give the ID of a VPC endpoint, such as vpce-0123456789abcdef0');
  return contextPair(`aws:SourceVpce=${text}`);
}

/**
 * The condition keys in all options.
 * @throws Failure if two options give a key different values
 */
export function sessionContext({
  context = {},
  sessionTag: tags,
  mfa,
  sourceIp: ip,
  vpcEndpoint: vpce,
}: SessionOptions) {
  const said: readonly (readonly [string, Context | undefined])[] = [
    ['--session-tag', tags],
    ['--mfa', mfa === true ? { 'aws:MultiFactorAuthPresent': ['true'] } : undefined],
    ['--source-ip', ip],
    ['--vpc-endpoint', vpce],
  ];
  const all = new Map(Object.entries(context));
  for (const [flag, keys] of said) {
    for (const [key, values] of Object.entries(keys ?? {})) {
      const known = Object.entries(context).find(([other]) => other.toLowerCase() === key.toLowerCase());
      if (known === undefined) all.set(key, values);
      else if (known[1].join() !== values.join()) {
        throw new Failure(
          'input',
          `${flag} sets ${key} to ${values.join()}, but --context sets it to ${known[1].join()}`,
          'leave out one of them',
        );
      }
    }
  }
  return Object.fromEntries(all);
}

/**
 * The session policy that the options name.
 * @throws Failure if it cannot be read, or AWS would not accept it
 */
export async function sessionPolicyOf({ sessionPolicy }: SessionOptions): Promise<Pick<Question, 'sessionPolicy'>> {
  if (sessionPolicy === undefined) return {};
  const flag = '--session-policy';
  const { readText } = await import('../../evidence/readers/files.ts');
  const document = sessionPolicy.trimStart().startsWith('{') ? sessionPolicy : readText(sessionPolicy, flag);
  const faults = saveFaults('session', flag, document);
  if (faults.length === 0) return { sessionPolicy: { name: flag, document } };
  throw faultyPolicy(flag, faults);
}

/** @throws Failure if the options describe a session and the principal cannot have one */
export function refuseSessionOf(principal: string, { sessionPolicy, sessionTag: tags }: SessionOptions): void {
  const { type } = readPrincipalArn(principal);
  if (type !== 'user' && type !== 'root') return;
  const flag = sessionPolicy === undefined ? '--session-tag' : '--session-policy';
  if (sessionPolicy === undefined && tags === undefined) return;
  throw new Failure(
    'input',
    `${flag} is for a role session, but \`${principal}\` is ${type === 'user' ? 'a user' : 'root'}`,
    'leave out this flag, or name a role with --principal',
  );
}
