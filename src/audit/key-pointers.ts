import { accountOf, isArn, nameOf, parseArn } from '../base/arn.ts';
import { isJson, isList, type Json } from '../base/json.ts';
import type { Directory } from '../evidence/directory.ts';
import type { Key, KeyGrant, PolicyDocument } from '../evidence/schema.ts';
import { documentObject, statementsOf } from '../fix/documents.ts';
import { sharedSids } from '../policy/parse.ts';
import { letsAnybodyIn } from '../preflight/outsiders.ts';

/*
 * Signs that a key serves somebody other than the RDS family of its own account. No sign proves
 * that something depends on the key; each is a place where this program cannot look.
 */

/** The account or service that something points at. */
export type Elsewhere =
  | { readonly is: 'account'; readonly account: string }
  /** The name of the service as AWS writes it in ARNs and hosts: `s3`, `redshift`. */
  | { readonly is: 'service'; readonly service: string }
  /** A user or role of the key's own account, which uses the key itself. */
  | { readonly is: 'principal'; readonly principal: string }
  /**
   * Somebody who encrypts with an encryption context that RDS does not use. `name`: a name in the
   * context.
   */
  | { readonly is: 'encryption context'; readonly name: string }
  | { readonly is: 'anybody' }
  /** The text does not identify anybody, such as the unique ID of a principal. */
  | { readonly is: 'unknown' };

export type Pointer =
  /** `statement`: its index in the policy, from 0, as of a StatementRef. */
  | {
      readonly code: 'statement-points-elsewhere';
      readonly policy: 'default' | 'AWS_RAM';
      readonly statement: number;
      readonly sid?: string;
      readonly sidIsShared?: true;
      readonly to: Elsewhere;
    }
  | { readonly code: 'grant-points-elsewhere'; readonly grant: string; readonly to: Elsewhere }
  /**
   * A grant of RDS for a database that was not found under the key. `database` undefined: the grant
   * names none.
   */
  | { readonly code: 'grant-of-unknown-database'; readonly grant: string; readonly database: string | undefined }
  | { readonly code: 'alias-points-elsewhere'; readonly alias: string; readonly to: Elsewhere }
  | { readonly code: 'tag-points-elsewhere'; readonly tag: string; readonly to: Elsewhere };

/**
 * Finds signs that a key serves somebody else. `databases`: the resource IDs of the databases that
 * were found under the key. `arn`: the ARN of the key.
 */
export function pointersOf(directory: Directory, arn: string, databases: ReadonlySet<string>): readonly Pointer[] {
  const key = directory.key(arn);
  const owner = accountOf(arn);
  const pointers = [
    ...policyPointers(key?.Policy, 'default', owner),
    ...policyPointers(key?.RamPolicy ?? undefined, 'AWS_RAM', owner),
    ...(key?.Grants ?? []).flatMap((grant) => grantPointers(grant, owner, databases)),
    ...namePointers(key, owner),
  ];
  return [...new Map(pointers.map((one) => [JSON.stringify(one), one])).values()];
}

function policyPointers(
  document: PolicyDocument | undefined,
  policy: 'default' | 'AWS_RAM',
  owner: string,
): readonly Pointer[] {
  const read = document === undefined ? undefined : documentObject(document);
  if (read === undefined) return [];
  const statements = statementsOf(read);
  const shared = sharedSids(statements);
  return statements.flatMap((statement, index): readonly Pointer[] => {
    if (!isJson(statement)) return [];
    const { Sid: sid } = statement;
    const common = {
      policy,
      statement: index,
      ...(typeof sid === 'string' ? { sid } : {}),
      ...(typeof sid === 'string' && shared.has(sid) ? { sidIsShared: true as const } : {}),
    };
    return statementTo(statement, owner).map((to) => ({ code: 'statement-points-elsewhere', ...common, to }));
  });
}

function statementTo(statement: Json, owner: string): readonly Elsewhere[] {
  const { Effect: effect, Principal: principal, NotPrincipal: notPrincipal, Condition: condition } = statement;
  const texts = [...textsIn(principal), ...textsIn(notPrincipal), ...textsIn(condition), ...namesIn(condition)];
  const isOpen = letsAnybodyIn({ Statement: [statement] });
  return distinct([
    ...texts.flatMap((text) => pointedAt(text, owner)),
    ...contextNamesIn(condition).flatMap(usersOfContext),
    ...(isOpen ? [{ is: 'anybody' } as const] : []),
    ...(effect === 'Allow' && textsIn(principal).some(isUniqueId) ? [{ is: 'unknown' } as const] : []),
  ]);
}

/** Whether a text is a unique ID. IAM shows it for a deleted principal, and it names no account. */
function isUniqueId(text: string): boolean {
  return /^A[A-Z]{3}[A-Z0-9]{12,}$/.test(text);
}

function distinct(all: readonly Elsewhere[]): readonly Elsewhere[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** All strings in a JSON value, however deep they are. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (isList(value)) return value.flatMap(textsIn);
  return isJson(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** The names of the condition keys. */
function namesIn(condition: unknown): readonly string[] {
  return isJson(condition)
    ? Object.values(condition).flatMap((tests) => (isJson(tests) ? Object.keys(tests) : []))
    : [];
}

const hostEnding = /([\w*.-]+)\.amazonaws\.(?:com(?:\.cn)?|eu)/gi;
/** Hosts through which RDS itself and its exports use the key. */
const ownHosts = /^(?:[\w-]+\.)?rds(?:\.[\w*-]+)?$/i;
const ownServices: ReadonlySet<string> = new Set(['rds', 'pi', 'kms', 'iam', 'sts', 'organizations']);

/** The accounts and services that a text of a policy or grant names. */
function pointedAt(text: string, owner: string): readonly Elsewhere[] {
  const accounts = [...text.matchAll(/(?<![\dA-Za-z])\d{12}(?![\dA-Za-z])/g)].map(([account]) => account);
  const hosts = [...text.matchAll(hostEnding)].flatMap(([, host = '']) =>
    ownHosts.test(host) ? [] : [serviceIn(host)],
  );
  const arn = isArn(text) ? (parseArn(text)?.service ?? '') : '';
  const services = [...hosts, ...(arn === '' || arn === '*' ? [] : [arn])];
  return [
    ...accounts.filter((account) => account !== owner).map((account) => ({ is: 'account' as const, account })),
    ...services.filter((service) => !ownServices.has(service)).map((service) => ({ is: 'service' as const, service })),
  ];
}

/** The names of encryption contexts that a condition tests (iam-evaluation 6.37). */
function contextNamesIn(condition: unknown): readonly string[] {
  if (!isJson(condition)) return [];
  return Object.entries(condition).flatMap(([operator, tests]) =>
    !isJson(tests)
      ? []
      : Object.entries(tests).flatMap(([name, values]) => {
          const one = /^kms:EncryptionContext:(.+)$/i.exec(name)?.[1];
          if (one !== undefined) return [one];
          // `Null` tests whether there is a context, whatever its names are.
          return /^kms:EncryptionContextKeys$/i.test(name) && !/^null$/i.test(operator) ? textsIn(values) : [];
        }),
  );
}

/** Who encrypts with a context of this name. Empty: RDS does. */
function usersOfContext(name: string): readonly Elsewhere[] {
  const service = /^aws:([a-z0-9-]+):/i.exec(name)?.[1]?.toLowerCase();
  if (service !== undefined) return ownServices.has(service) ? [] : [{ is: 'service', service }];
  // A pattern that matches every context says nothing, because RDS has a context too.
  return /^\*+$/.test(name) ? [] : [{ is: 'encryption context', name }];
}

/** The service in the name of a host: `s3` of `s3.eu-west-1`. */
function serviceIn(host: string): string {
  const parts = host.toLowerCase().split('.');
  return parts.find((part) => !/^(?:\*|[a-z]{2,4}(?:-[a-z]+)+-\d+)$/.test(part)) ?? '*';
}

function grantPointers(grant: KeyGrant, owner: string, databases: ReadonlySet<string>): readonly Pointer[] {
  const {
    GranteePrincipal: principal = '',
    GranteeServicePrincipal: service = '',
    IssuingAccount: issuer = '',
  } = grant;
  const {
    EncryptionContextSubset: subset = {},
    EncryptionContextEquals: equals = {},
    SourceArn: source = '',
  } = grant.Constraints ?? {};
  const name = grant.GrantId ?? grant.Name ?? '';
  const context = { ...subset, ...equals };
  const isOfRds = isGrantOfRds(grant);
  // The volumes of a database have a context of EBS (rds-kms-operations 3.1).
  const names = Object.keys(context).filter((key) => !isOfRds || !/^aws:ebs:/i.test(key));
  const found = distinct([
    ...[service, principal, issuer, source].flatMap((text) => pointedAt(text, owner)),
    ...names.flatMap(usersOfContext),
    ...ownGrantee(principal, owner),
  ]);
  const to: readonly Elsewhere[] = found.length > 0 || isOfRds ? found : [{ is: 'unknown' }];
  const elsewhere = to.map((one): Pointer => ({ code: 'grant-points-elsewhere', grant: name, to: one }));
  if (!isOfRds) return elsewhere;
  const named = Object.entries(context).filter(([key]) => /^aws:rds:dbc?-id$/i.test(key));
  const unknown = named.map(([, value]) => value).filter((id) => !databases.has(id));
  const open: readonly Pointer[] =
    named.length === 0
      ? [{ code: 'grant-of-unknown-database', grant: name, database: undefined }]
      : unknown.map((database) => ({ code: 'grant-of-unknown-database', grant: name, database }));
  return [...elsewhere, ...open];
}

/** Whether RDS itself uses the key through the grant. */
export function isGrantOfRds({ GranteePrincipal: principal, GranteeServicePrincipal: service }: KeyGrant): boolean {
  return isRds(service ?? '') || isRds(principal ?? '');
}

function isRds(principal: string): boolean {
  return [...principal.matchAll(hostEnding)].some(([, host = '']) => ownHosts.test(host));
}

/** An ordinary user or role of the key's account. Service-linked roles count as their service. */
function ownGrantee(principal: string, owner: string): readonly Elsewhere[] {
  const arn = parseArn(principal);
  const isOwn = arn?.account === owner && (arn.service === 'iam' || arn.service === 'sts');
  return isOwn && !/\.amazonaws\.com/.test(principal) ? [{ is: 'principal', principal }] : [];
}

/** Common names of services that encrypt with a customer managed key, without ordinary words. */
const serviceWords: ReadonlySet<string> = new Set([
  ...['airflow', 'appflow', 'athena', 'backup', 'bedrock', 'cloudtrail', 'cloudwatch', 'codeartifact', 'codebuild'],
  ...['codecommit', 'codepipeline', 'datasync', 'dms', 'dsql', 'dynamo', 'dynamodb', 'ebs', 'ec2', 'ecr', 'ecs'],
  ...['efs', 'eks', 'elasticache', 'elasticsearch', 'emr', 'eventbridge', 'firehose', 'fsx', 'glacier', 'glue'],
  ...['healthlake', 'imagebuilder', 'kafka', 'kendra', 'keyspaces', 'kinesis', 'lambda', 'logs', 'memorydb', 'mq'],
  ...['msk', 'mwaa', 'opensearch', 'qldb', 'quicksight', 'redshift', 's3', 'sagemaker', 'secretsmanager'],
  ...['securitylake', 'ses', 'sns', 'sqs', 'ssm', 'stepfunctions', 'storagegateway', 'timestream', 'workmail'],
  'workspaces',
]);
/** Names that are long or unusual enough to count if a longer word begins with them: `s3bucket`. */
const beginnings = [...serviceWords].filter((word) => word === 's3' || (word.length > 5 && word !== 'backup'));

/**
 * Aliases and tags are free texts. A word in them may be a service, and twelve digits may be an
 * account.
 */
function namePointers(key: Key | undefined, owner: string): readonly Pointer[] {
  const aliases = [
    ...new Set([...(key?.Aliases ?? []).map(({ AliasName: name }) => name), ...(key?.FoundAs ?? [])]),
  ].filter((alias) => !alias.startsWith('alias/aws/'));
  return [
    ...aliases.flatMap((alias) =>
      wordsTo(nameIn(alias), owner).map((to): Pointer => ({ code: 'alias-points-elsewhere', alias, to })),
    ),
    // AWS tags show who created the key, which is not a use of the key.
    ...(key?.Tags ?? [])
      .filter(({ TagKey: tag }) => !tag.toLowerCase().startsWith('aws:'))
      .flatMap(({ TagKey: tag, TagValue: value }) =>
        distinct([...wordsTo(tag, owner), ...wordsTo(value, owner), ...pointedAt(value, owner)]).map(
          (to): Pointer => ({ code: 'tag-points-elsewhere', tag, to }),
        ),
      ),
  ];
}

function nameIn(alias: string): string {
  return isArn(alias) ? nameOf(alias) : alias.replace(/^alias\//, '');
}

function wordsTo(text: string, owner: string): readonly Elsewhere[] {
  const services = wordsIn(text).flatMap((word): readonly Elsewhere[] => {
    const service = serviceWords.has(word) ? word : beginnings.find((one) => word.startsWith(one));
    return service === undefined ? [] : [{ is: 'service', service }];
  });
  // A console shows an account as 1111-2222-3333.
  const accounts = [...text.matchAll(/(?<!\d)(?:\d{12}|\d{4}-\d{4}-\d{4})(?!\d)/g)]
    .map(([account]) => account.replaceAll('-', ''))
    .filter((account) => account !== owner);
  return distinct([...services, ...accounts.map((account) => ({ is: 'account' as const, account }))]);
}

/** The words of a text, and each pair of adjacent words: `DynamoDBTables`, `secrets-manager`. */
function wordsIn(text: string): readonly string[] {
  const parted = text.replaceAll(/([a-z\d])([A-Z])/g, '$1 $2').replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2');
  const words = parted.toLowerCase().match(/[a-z\d]+/g) ?? [];
  return [...new Set([...words, ...words.map((word, at) => word + (words[at + 1] ?? ''))])];
}
