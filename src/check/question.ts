import { Failure } from '../base/failure.ts';
import { isJson } from '../base/json.ts';
import { meantBy } from '../base/nearest.ts';
import { list } from '../base/wording.ts';
import type { HypotheticalChange } from '../evidence/hypothesis.ts';
import type { PolicyText } from '../evidence/policy-text.ts';
import type { Operation } from '../operations/operation.ts';
import type { OperationParameters, ParameterKinds } from '../operations/parameters.ts';
import { allParameters, givenIn, rowOf, valueOf } from '../operations/request-parameters.ts';

/** A question: may this principal run this operation? */
export interface Question {
  readonly operation: Operation;
  readonly principal: string;
  /** The ARN of the user that federated the session, if the principal is a federated user. */
  readonly federatedBy?: string;
  /** The identifier or ARN of the source of the operation. Absent: every source in the Region. */
  readonly target?: string;
  readonly parameters?: OperationParameters;
  readonly region?: string;
  /** The session policy of the principal's session. */
  readonly sessionPolicy?: PolicyText;
  /** Values of condition keys that the user knows. */
  readonly context: Readonly<Record<string, readonly string[]>>;
  /** Whether a verdict that depends on an assumption is undetermined. */
  readonly strict: boolean;
  /** The assumed time of the operation, as ISO text. */
  readonly evaluatedAt: string;
  /** Whether to report what each statement contributes to each decision. */
  readonly explain: boolean;
  /** The hypotheses that were applied to the evidence. Absent: none. */
  readonly assumed?: readonly HypotheticalChange[];
  /**
   * Whether to search for a fix if the operation does not succeed. The search takes about thirty
   * times as long as the answer. `of one`: search only if the question has one target, apart from
   * follow-up operations.
   */
  readonly fix: boolean | 'of one';
  /** In hours. The report has a note if the evidence is older. Absent: the age does not matter. */
  readonly maxAge?: number;
}

/** @throws Failure if the operation does not take a parameter, or needs one that is missing */
export function verifyParameters({ operation, parameters = {} }: Pick<Question, 'operation' | 'parameters'>): void {
  const { api, command, makes, reads } = operation;
  for (const flag of givenIn(parameters)) {
    if (!operation.parameters.includes(flag))
      throw new Failure(
        'input',
        `${api} takes no --${flag}`,
        flag !== 'kms-key-id' || makes === undefined
          ? `leave out the flag; \`aurora-kms-check ${command} --help\` lists the flags`
          : reads?.flag === 'in-cluster'
            ? 'the new DB instance uses the key of its cluster: leave out the flag'
            : 'the new resource uses the key of the source. For another key, copy a snapshot under that key first (copy-snapshot)',
      );
  }
  const missing = (operation.requires ?? []).filter((flag) => valueOf(parameters, flag) === undefined);
  if (missing.length > 0)
    throw new Failure(
      'input',
      `${command} needs ${list(missing.map((flag) => `--${flag}`))}`,
      missing.length === 1 ? `add the flag: ${api} requires its value` : `add the flags: ${api} requires their values`,
    );
  if (
    reads === undefined &&
    parameters.masterUserSecretKmsKeyId !== undefined &&
    parameters.manageMasterUserPassword !== true
  )
    throw new Failure(
      'input',
      '--master-user-secret-kms-key-id needs --manage-master-user-password',
      'give both flags or neither',
    );
}

/**
 * Refuses what a question to the library names and the operation does not use, so that no answer is
 * about another request than the question.
 * @throws Failure
 */
export function verifyRequest({
  operation,
  target,
  parameters,
}: {
  readonly operation: Operation;
  readonly target: string | undefined;
  readonly parameters: OperationParameters;
}): void {
  const { command, reads } = operation;
  if (target !== undefined && reads === undefined)
    throw new Failure(
      'input',
      `${command} takes no target, but the question names \`${target}\``,
      'leave out `target`',
    );
  const properties: readonly string[] = allParameters().map((flag) => rowOf(flag).property);
  refuseOther('parameters', parameters, properties);
  for (const flag of givenIn(parameters)) {
    const { property, kind } = rowOf(flag);
    const { is, what } = kinds[kind];
    if (!is(valueOf(parameters, flag)))
      throw new Failure('input', `parameters.${property} is not of type ${what}`, `give a value of type ${what}`);
  }
  verifyParameters({ operation, parameters });
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

/** What callers in JavaScript may give by mistake, by the kind of the parameter. */
const kinds: Readonly<
  Record<keyof ParameterKinds, { readonly is: (value: unknown) => boolean; readonly what: string }>
> = {
  text: { is: isText, what: 'string' },
  switch: { is: (value) => typeof value === 'boolean', what: 'boolean' },
  list: { is: (value) => Array.isArray(value) && value.every(isText), what: 'string[]' },
  tags: {
    is: (value) => isJson(value) && Object.values(value).every(isText),
    what: 'Record<string, string>',
  },
};

/** @throws Failure if an object has a field that nothing reads */
export function verifyFields(given: object, fields: Readonly<Record<string, true>>): void {
  refuseOther('the question', given, Object.keys(fields));
}

function refuseOther(what: string, given: object, known: readonly string[]): void {
  const other = Object.entries(given).find(([name, value]) => value !== undefined && !known.includes(name))?.[0];
  if (other === undefined) return;
  const meant = meantBy(other, known);
  throw new Failure(
    'input',
    `${what} has a field \`${other}\`, which does not exist`,
    meant === undefined ? `leave out the field. The fields are ${list(known)}` : `did you mean \`${meant}\`?`,
  );
}
