/*
 * src/contract/ the types of the output of --output json, the schemas from which JSON Schemas are
 * generated, and the registry of codes.
 */

import * as v from 'valibot';
import type { Command } from '../base/command.ts';
import { looseObject, record, strictObject } from '../base/objects.ts';
import { rule, worded } from './worded.ts';

/*
 * The shape of the report. Code imports only its types. The schema is for readers of reports (a
 * JSON Schema is generated from it) and for the tests.
 */

const verdict = v.picklist(['succeeds', 'fails', 'undetermined']);
const basis = v.picklist(['documented', 'observed', 'inferred', 'unknown']);
const truth = v.picklist(['yes', 'no', 'depends']);

const policyKind = v.picklist([
  'identity policy',
  'permissions boundary',
  'session policy',
  'key policy',
  'vault access policy',
  'bucket policy',
  'service control policy',
  'resource control policy',
  'VPC endpoint policy',
]);

const statement = strictObject({
  policy: policyKind,
  name: v.string(),
  statement: v.pipe(v.number(), v.integer(), v.minValue(0)),
  sid: v.optional(v.string()),
  /** Another statement of the policy has the same Sid. */
  sidIsShared: v.optional(v.literal(true)),
  effect: v.picklist(['Allow', 'Deny']),
});

const tracedElement = {
  element: v.picklist(['principal', 'action', 'resource', 'condition']),
  matches: truth,
  policy: v.string(),
  request: v.string(),
  /** For a condition: the condition as in the policy document. */
  document: v.optional(v.string()),
};

const traced = strictObject({
  policy: policyKind,
  level: v.optional(v.number()),
  applies: v.boolean(),
  unread: v.array(worded),
  policies: v.array(
    strictObject({
      name: v.string(),
      statements: v.array(
        strictObject({
          statement,
          matches: truth,
          elements: v.array(strictObject(tracedElement)),
        }),
      ),
    }),
  ),
});

const world = v.array(strictObject({ code: v.string(), fact: v.string(), value: v.string() }));

const side = strictObject({
  of: v.picklist(['caller', 'key owner']),
  account: v.string(),
  decision: v.picklist(['allowed', 'denied', 'depends']),
  why: worded,
});

const simulation = strictObject({
  /** The decisions of iam:SimulatePrincipalPolicy. */
  decision: v.picklist(['allowed', 'explicitDeny', 'implicitDeny']),
  /** `open`: the decision depends on unknown facts. */
  agreement: v.picklist(['agrees', 'differs', 'open']),
  missingContext: v.array(v.string()),
  /** Why the simulator gives another answer. Absent: it agrees. */
  why: v.optional(worded),
});

const call = strictObject({
  kind: v.picklist(['caller', 'forwarded', 'service', 'role']),
  action: v.string(),
  /** The part that the resource plays in the operation. */
  on: v.string(),
  resource: v.string(),
  /** Only for keys: an alias. */
  alias: v.optional(v.string()),
  account: v.string(),
  region: v.string(),
  basis,
  source: rule,
  decision: v.picklist(['allowed', 'denied', 'depends']),
  denial: v.optional(v.picklist(['explicit', 'implicit'])),
  decidedBy: v.array(v.union([statement, strictObject({ grant: v.string() })])),
  /** For a denial: the kinds of policy that do not allow the call, even if a Deny matches. */
  lacking: v.array(policyKind),
  dependsOn: v.array(worded),
  /**
   * For a call that is not allowed: each Allow that would apply if one of its elements matched.
   * `but` completes "it would allow it, but".
   */
  nearMisses: v.array(strictObject({ statement, ...tracedElement, but: worded })),
  /**
   * For a call that depends on facts: values of these facts that lead to each of the two answers.
   * Absent: not every combination was tried.
   */
  witness: v.optional(strictObject({ allowed: world, denied: world })),
  why: worded,
  /**
   * For a call on another account's key: the decision of each account if the other account allowed
   * everything.
   */
  sides: v.optional(v.array(side)),
  /** The answer of IAM's policy simulator (--simulate). The verdict does not depend on it. */
  simulation: v.optional(simulation),
  trace: v.optional(v.array(traced)),
});

const precondition = strictObject({
  code: v.string(),
  name: v.string(),
  status: v.picklist(['met', 'unmet', 'unknown']),
  basis,
  source: rule,
  why: worded,
});

const gap = looseObject({
  /** The consequence for the verdicts: `read-decides`, `read-assumed`, or `read-without-effect`. */
  code: v.string(),
  what: v.string(),
  account: v.optional(v.string()),
  region: v.optional(v.string()),
  resource: v.optional(v.string()),
  reason: v.string(),
});

const document = record(v.string(), v.unknown());

const policyPlace = v.variant('in', [
  strictObject({ in: v.literal('key policy'), key: v.string() }),
  strictObject({ in: v.literal('inline policy'), owner: v.string(), name: v.string() }),
  strictObject({ in: v.literal('managed policy'), arn: v.string() }),
  strictObject({ in: v.picklist(['scp', 'rcp']), organization: v.string(), name: v.string() }),
]);

/** Steps that do not edit an existing policy. */
const otherChange = v.variant('change', [
  strictObject({
    change: v.literal('new control policy'),
    kind: v.picklist(['scp', 'rcp']),
    organization: v.string(),
    at: v.string(),
    name: v.string(),
    document,
  }),
  strictObject({ change: v.literal('key state'), key: v.string(), state: v.string() }),
  strictObject({
    change: v.literal('grant'),
    key: v.string(),
    grantee: v.string(),
    operations: v.array(v.string()),
  }),
  strictObject({ change: v.literal('sharing'), snapshot: v.string(), account: v.string() }),
  strictObject({ change: v.literal('copy'), of: v.string(), arn: v.string(), key: v.string() }),
  strictObject({ change: v.literal('session policy'), document }),
  /**
   * Condition keys of the session or the request with the values that were re-checked, including
   * those of tags. An empty list: the request does not carry the key.
   */
  strictObject({ change: v.literal('session facts'), context: record(v.string(), v.array(v.string())) }),
  strictObject({ change: v.literal('name key'), key: v.string() }),
  strictObject({ change: v.literal('name new'), to: v.string() }),
]);

/** Who could carry out a change, according to the evidence. */
const doers = strictObject({
  /** The actions that the change needs. */
  actions: v.array(v.string()),
  /** ARNs of users, roles and root users that may do it. */
  principals: v.array(v.string()),
  /** Principals for which the answer depends on an unknown fact. */
  perhaps: v.array(v.string()),
  /** Whether all users and roles of the account were checked. */
  complete: v.boolean(),
  /**
   * The last resort if no principal of the account may do it: somebody can give a user or role the
   * permission in IAM, or can create a principal that the policies would allow. In the latter case,
   * `principal` may be a pattern.
   */
  remaining: v.nullable(
    v.variant('way', [
      strictObject({
        way: v.literal('give permission'),
        principal: v.string(),
        actions: v.array(v.string()),
        givers: v.array(v.string()),
      }),
      strictObject({
        way: v.literal('create principal'),
        principal: v.string(),
        action: v.string(),
        creators: v.array(v.string()),
      }),
      strictObject({ way: v.literal('AWS Support') }),
    ]),
  ),
});

/** One change: of one policy, key, grant or snapshot, or of the request. */
const fixStep = strictObject({
  owner: v.picklist(['caller', "principal's account", 'key owner', 'snapshot owner', 'organization']),
  /** The account of the owner. For an organization: its management account. Empty: not known. */
  account: v.string(),
  /**
   * What to do, each as an imperative without a period. There are several if one policy is edited
   * in several ways.
   */
  does: v.array(worded),
  /**
   * The policy that is edited, with its text before (null: it does not exist yet) and after. null:
   * no policy is edited.
   */
  policy: v.nullable(
    strictObject({ name: v.string(), place: policyPlace, before: v.nullable(document), after: document }),
  ),
  /** The step, if no policy is edited. */
  other: v.nullable(otherChange),
  /** Who could carry out the step. null: the principal does it with its request. */
  by: v.nullable(doers),
  /**
   * The principals or patterns that the narrowed Deny exempts by name. Such a Deny protects on
   * purpose.
   */
  askFirst: v.array(v.string()),
  /** The commands, in this order. */
  commands: v.array(v.string()),
  /**
   * The edit as a POSIX shell script. The script reads the policy first, stops if it differs from
   * the policy that was read, saves it, and prints the command that undoes the edit. null: no
   * policy is edited.
   */
  script: v.nullable(v.string()),
  /** The step as Terraform configuration. null: Terraform cannot make the change. */
  terraform: v.nullable(v.string()),
});

/** With the fix, each of the principals can do each of the operations on each of the targets. */
const gain = strictObject({
  principals: v.array(v.string()),
  operations: v.array(strictObject({ operation: v.string(), api: v.string() })),
  /** The ARNs of the operations' sources, or of the key of the new resource. */
  targets: v.array(v.string()),
  before: verdict,
  after: verdict,
});

const decided = v.picklist(['allowed', 'denied', 'depends']);

/**
 * With the fix, each of the principals may take each of the actions on each of the keys, also
 * without RDS.
 */
const power = strictObject({
  principals: v.array(v.string()),
  actions: v.array(v.string()),
  /** ARNs. Empty: the actions are not on a key. */
  keys: v.array(v.string()),
  before: decided,
  after: decided,
});

export const fixSchema = strictObject({
  /**
   * Results refer to a fix by this ID. It is derived from the steps, so the same fix has the same
   * ID in every report.
   */
  id: v.string(),
  /** The verdict after all steps. */
  verdict,
  /** Why the verdict is not better. */
  doubts: v.array(worded),
  /** The steps of one owner are next to each other. */
  steps: v.array(fixStep),
  /**
   * The access that the steps give, apart from the operation of the first result with this fix.
   * Every other result with this fix gets `verdict`, too.
   */
  gains: v.array(gain),
  /** Other actions, of KMS, IAM and other services, that principals in the evidence gain. */
  powers: v.array(power),
  /** How many questions about such actions were not checked, because there were too many. */
  powersNotAsked: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** How many questions about gains were not checked, because there were too many. */
  notAsked: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** How many users and roles of the evidence were checked, apart from root users. Absent: only the principal can gain. */
  among: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /**
   * Who could gain but is not in the evidence: principals of these accounts, whose users and roles
   * were not all read, and with `others` also of accounts that no policy names. Absent: nobody.
   */
  unread: v.optional(strictObject({ accounts: v.array(v.string()), others: v.boolean() })),
  /** RDS's own use of the affected keys, for the databases that run under them. */
  running: v.array(
    strictObject({
      key: v.string(),
      alias: v.optional(v.string()),
      databases: v.pipe(v.number(), v.integer(), v.minValue(1)),
      before: v.picklist(['allowed', 'denied', 'depends']),
      after: v.picklist(['allowed', 'denied', 'depends']),
      why: worded,
    }),
  ),
});

const result = strictObject({
  /** The answer in one sentence without a period: who can or cannot do what. */
  answer: v.string(),
  operation: v.string(),
  api: v.string(),
  principal: strictObject({ arn: v.string(), type: v.string(), account: v.string() }),
  region: v.string(),
  target: strictObject({
    snapshot: v.nullable(v.string()),
    cluster: v.nullable(v.string()),
    instance: v.nullable(v.string()),
    automatedBackup: v.nullable(v.string()),
    key: v.nullable(v.string()),
    keyAlias: v.nullable(v.string()),
    /**
     * Why `key` may be null. `not-named`: the request creates something and names no key.
     * `not-read`: the source names no key, but may be encrypted under one.
     */
    encryption: v.picklist(['kms-key', 'aws-owned-key', 'none', 'none-or-aws-owned-key', 'not-named', 'not-read']),
  }),
  verdict,
  /** The reasons, the decisive reason first. */
  reasons: v.array(worded),
  calls: v.array(call),
  preconditions: v.array(precondition),
  /**
   * The error that AWS is expected to show. `message`: AWS's text. null: AWS does not publish it.
   */
  expectedError: v.nullable(strictObject({ code: v.string(), message: v.nullable(v.string()) })),
  assumptions: v.array(worded),
  /**
   * If the operation does not succeed: the IDs of the re-checked fixes, with the smallest fix
   * first.
   */
  fixes: v.array(v.string()),
  /**
   * Set if there were too many results to search for a fix for this one. A check of only this
   * result searches for one.
   */
  fixesNotSought: v.optional(v.literal(true)),
  /** Set if a fix was searched for, and none of the tried changes gives a better verdict. */
  noFixFound: v.optional(v.literal(true)),
  /** The failed reads on which the verdict depends. Absent: there are none. */
  gaps: v.optional(v.array(gap)),
  /**
   * Set for a result that was not in the question: an operation that somebody could then run. It
   * counts only in `followUps`.
   */
  followUp: v.optional(v.literal(true)),
});

/** The parts of a question that a run did not check. */
const unchecked = strictObject({
  code: v.picklist([
    'nothing-of-the-kind',
    'list-unread',
    'combinations-skipped',
    'operation-left-out',
    'asked-by-name-only',
    'asked-by-another-command',
  ]),
  /** In sentences. */
  text: v.string(),
  /** The types of the sources in ARNs. */
  types: v.optional(v.array(v.string())),
  account: v.optional(v.string()),
  region: v.optional(v.string()),
  /** How many combinations. */
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** A command that checks this part. */
  command: v.optional(v.string()),
});

const counts = strictObject({ succeeds: v.number(), fails: v.number(), undetermined: v.number() });

/** What happened on AWS, and whether the check agrees. */
const diagnosis = strictObject({
  /** In one line. */
  answer: v.string(),
  /**
   * `agrees in part`: both fail, for different reasons. `open`: the verdict is undetermined. `not
   * checked`: AWS's error is about something else. `no check`: a check needs more facts.
   */
  agreement: v.picklist(['agrees', 'agrees in part', 'differs', 'open', 'not checked', 'no check']),
  incident: strictObject({
    is: v.picklist(['CloudTrail event', 'RDS event', 'export task', 'backup job', 'error text']),
    id: v.optional(v.string()),
    at: v.optional(v.string()),
    region: v.optional(v.string()),
    api: v.optional(v.string()),
    /** Only for KMS events: the call that RDS made. */
    call: v.optional(v.string()),
    principal: v.optional(v.string()),
    /** Condition keys that the incident shows. */
    context: record(v.string(), v.array(v.string())),
    outcome: v.picklist(['failed', 'succeeded']),
    error: v.nullable(strictObject({ code: v.nullable(v.string()), message: v.string() })),
  }),
  /** What AWS's error means, in plain words. */
  says: v.array(worded),
  /**
   * The calls and preconditions that AWS's error is about, and that are denied or not met. If there
   * are none: those that are open.
   */
  decisive: v.array(worded),
  /** Why AWS and the check may differ. */
  explanations: v.array(worded),
  /** Without a check: the possible causes of the error. */
  causes: v.array(worded),
  /** Without a check: the flags that a check needs. */
  missing: v.array(strictObject({ flag: v.string(), why: worded })),
});

export const reportSchema = strictObject({
  reportVersion: v.literal(2),
  tool: strictObject({ name: v.string(), version: v.string() }),
  evaluatedAt: v.string(),
  /** When the evidence was read. null: it does not say. */
  evidenceAt: v.nullable(v.string()),
  /**
   * The assumed differences from the data that was read. If there are any, the answer is not about
   * AWS as it is now.
   */
  assumed: v.optional(v.array(worded)),
  results: v.array(result),
  /**
   * The fixes of results that do not succeed, each once, in the order in which the results refer to
   * them.
   */
  fixes: v.array(fixSchema),
  /** Only for `diagnose`. */
  diagnosis: v.optional(diagnosis),
  /** Absent: everything in the question was checked. */
  notChecked: v.optional(v.array(unchecked)),
  /**
   * Parts of policies that are not understood, or never have the effect that they appear to have,
   * and evidence that is old.
   */
  warnings: v.array(worded),
  /** All failed reads. `what`: the IAM action that the read needs. */
  gaps: v.array(gap),
  /** What the accounts that a snapshot is shared with could do next. It never changes `verdict`. */
  followUps: v.optional(strictObject({ verdict, summary: counts })),
  summary: counts,
  /** The answer to the complete question, in one sentence without a period. */
  answer: v.string(),
  /**
   * The worst verdict. `undetermined` if there was nothing to check, unless `--allow-empty` was
   * given.
   */
  verdict,
});

export type Diagnosis = v.InferOutput<typeof diagnosis>;
/** The output of `--output json`. A report without its last member is incomplete. */
export type ReportJson = v.InferOutput<typeof reportSchema>;
type FixJson = ReportJson['fixes'][number];
type FixStepJson = FixJson['steps'][number];

/*
 * The report inside the program. Its commands are data, and each format writes them in its own way.
 */

export type Report = Omit<ReportJson, 'fixes'> & { readonly fixes: readonly ReportedFix[] };
export type Result = ReportJson['results'][number];
export type ReportedFix = Omit<FixJson, 'steps'> & { readonly steps: readonly ReportedFixStep[] };
export type ReportedFixStep = Omit<FixStepJson, 'commands'> & { readonly commands: readonly Command[] };
export type ReportedCall = v.InferOutput<typeof call>;
export type ReportedPrecondition = v.InferOutput<typeof precondition>;
export type ReportedUnchecked = v.InferOutput<typeof unchecked>;
export type ReportedGap = v.InferOutput<typeof gap>;
export type ReportedSide = v.InferOutput<typeof side>;
export type ReportedSimulation = v.InferOutput<typeof simulation>;
export type ReportedStatement = v.InferOutput<typeof statement>;
export type ReportedTrace = v.InferOutput<typeof traced>;
export type Verdict = v.InferOutput<typeof verdict>;
export type PolicyWord = v.InferOutput<typeof policyKind>;
