import { Failure } from '../base/failure.ts';
import type { PolicyText } from '../evidence/principals.ts';
import type { Operation, Parameter } from '../operations/operation.ts';

/** What the request says besides what it reads. Left out: as AWS's default. */
export interface Parameters {
  /** Key of what is made, or of an export: key id, key ARN, alias name or alias ARN. */
  readonly kmsKeyId?: string;
  readonly sourceRegion?: string;
  /** Name of what is made. */
  readonly to?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Make the instance that a restored cluster needs to be usable. */
  readonly withInstance?: boolean;
  /** Account ids, ARNs of principals in them, or `all`. */
  readonly with?: readonly string[];
  readonly s3Bucket?: string;
  /** Name or ARN. */
  readonly iamRole?: string;
  readonly storageEncrypted?: boolean;
  readonly manageMasterUserPassword?: boolean;
  readonly masterUserSecretKmsKeyId?: string;
  readonly skipFinalSnapshot?: boolean;
}

/** The property that holds the value of a flag. */
export const propertyOf: Readonly<Record<Parameter, keyof Parameters>> = {
  'kms-key-id': 'kmsKeyId',
  'source-region': 'sourceRegion',
  to: 'to',
  tag: 'tags',
  'with-instance': 'withInstance',
  with: 'with',
  's3-bucket': 's3Bucket',
  'iam-role': 'iamRole',
  'storage-encrypted': 'storageEncrypted',
  'manage-master-user-password': 'manageMasterUserPassword',
  'master-user-secret-kms-key-id': 'masterUserSecretKmsKeyId',
  'skip-final-snapshot': 'skipFinalSnapshot',
};

/** What is asked: may this principal do this? */
export interface Question {
  readonly operation: Operation;
  readonly principal: string;
  /** Identifier or ARN of what the operation reads. Absent: everything in the Region. */
  readonly target?: string;
  readonly parameters?: Parameters;
  readonly region?: string;
  /** Of the session in which the principal asks. */
  readonly sessionPolicy?: PolicyText;
  /** Condition keys that the asker knows. */
  readonly context: Readonly<Record<string, readonly string[]>>;
  /** Assumptions make a verdict undetermined. */
  readonly strict: boolean;
  /** ISO time at which the operation is taken to happen. */
  readonly evaluatedAt: string;
  /** Report every statement's part. */
  readonly explain: boolean;
  /** What the evidence was made to say besides what was read, in words. Absent: nothing. */
  readonly assumed?: readonly string[];
  /** Look for what would mend that which does not succeed. It takes some thirty times as long as the answer. */
  readonly mend: boolean;
  /** Hours; the report says so of evidence that is older. Absent: its age does not matter. */
  readonly maxAge?: number;
}

/** @throws Failure if the operation takes no such parameter, or asks for one that is not there */
export function verifyParameters({ operation, parameters = {} }: Pick<Question, 'operation' | 'parameters'>): void {
  const { api, command, reads } = operation;
  const flags = Object.entries(propertyOf).filter(([, property]) => parameters[property] !== undefined);
  for (const [flag] of flags) {
    if (!operation.parameters.some((parameter) => parameter === flag))
      throw new Failure(
        'input',
        `${api} takes no --${flag}`,
        flag === 'kms-key-id'
          ? 'the key of the source is used; for another one copy the snapshot under it first (copy-snapshot)'
          : `leave it out; \`aurora-kms-check ${command} --help\` shows what there is`,
      );
  }
  const missing = (operation.requires ?? []).filter((flag) => parameters[propertyOf[flag]] === undefined);
  if (missing.length > 0)
    throw new Failure(
      'input',
      `${command} needs ${missing.map((flag) => `--${flag}`).join(', ')}`,
      `${api} requires them`,
    );
  if (
    reads === undefined &&
    parameters.masterUserSecretKmsKeyId !== undefined &&
    parameters.manageMasterUserPassword !== true
  )
    throw new Failure(
      'input',
      '--master-user-secret-kms-key-id goes with --manage-master-user-password',
      'give both, or neither',
    );
}
