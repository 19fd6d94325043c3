import type { Evaluated } from '../check/evaluate.ts';
import { assumptionsOf } from '../check/verdict.ts';
import type { Gap } from '../evidence/schema.ts';
import type { PreconditionCode } from '../operations/operation.ts';
import type { Fact } from '../policy/truth.ts';

/** What a verdict has left open, or takes for granted. */
interface Open {
  readonly facts: readonly Fact[];
  /** ARNs of the keys whose grants are among the facts. */
  readonly grantsOf: readonly string[];
  readonly unknown: readonly PreconditionCode[];
  /** Whether it hangs on control policies that were taken to be silent. */
  readonly assumes: boolean;
  /** ARNs of the user, role or session whose policies count. */
  readonly actors: readonly string[];
}

type Bears = (gap: Gap, open: Open) => boolean;

const onContext =
  (keys: RegExp): Bears =>
  (_, { facts }) =>
    facts.some((fact) => fact.fact === 'context' && keys.test(fact.key));
const onPrecondition =
  (codes: RegExp): Bears =>
  (_, { unknown }) =>
    unknown.some((code) => codes.test(code));
const onPolicy =
  (kinds: readonly string[]): Bears =>
  (_, { facts }) =>
    facts.some((fact) => fact.fact === 'policy' && kinds.includes(fact.kind));
/** The gap is given as the reason why a policy was not read. */
const givenAsReason: Bears = ({ what }, { facts }) =>
  facts.some((fact) => fact.fact === 'policy' && fact.why.startsWith(`${what}:`));
/** The very policy that could not be read. */
const namedInFact: Bears = ({ resource }, { facts }) =>
  facts.some((fact) => fact.fact === 'policy' && fact.of === resource);
const ofAnActor: Bears = ({ resource = '' }, { actors }) =>
  !/:(user|role|assumed-role)\//.test(resource) || actors.some((arn) => `${resource} `.startsWith(`${arn} `));
const any =
  (...all: readonly Bears[]): Bears =>
  (gap, open) =>
    all.some((bears) => bears(gap, open));
const never: Bears = () => false;

/** What the reads are for: a gap bears on a verdict if this is among what it has left open. The first row that fits counts. */
const rows: readonly (readonly [read: RegExp, bears: Bears])[] = [
  [/^(sts:GetCallerIdentity|ec2:.*|iam:SimulatePrincipalPolicy)$/, never],
  [/^iam:GetPolicy(Version)?$/, namedInFact],
  [
    /^iam:Get(User|Role)$/,
    (gap, open) =>
      ofAnActor(gap, open) &&
      any(
        givenAsReason,
        onPolicy(['boundary']),
        onContext(/^aws:(PrincipalTag\/|userid)/i),
        onPrecondition(/^role-/),
        (_, { facts }) => facts.some(({ fact }) => fact === 'principal'),
      )(gap, open),
  ],
  [/^iam:/, (gap, open) => ofAnActor(gap, open) && any(givenAsReason, onPolicy(['identity', 'boundary']))(gap, open)],
  [/^kms:GetKeyPolicy$/, namedInFact],
  [/^kms:ListGrants$/, ({ resource }, { grantsOf }) => grantsOf.some((arn) => arn === resource)],
  [/^kms:ListAliases$/, any(onContext(/^kms:Re(source|quest)Alias/i), onPrecondition(/^default-key/))],
  [/^kms:ListResourceTags$/, onContext(/^aws:ResourceTag\//i)],
  [/^kms:/, any(onContext(/^kms:/i), onPrecondition(/key/), onPolicy(['resource']))],
  [/^organizations:/, any(onPolicy(['scp', 'rcp']), onContext(/Org(ID|Paths)$/i), (_, { assumes }) => assumes)],
  [/^rds:Describe.*Attributes$/, onPrecondition(/shared|quota/)],
  [/^rds:/, (_, { unknown }) => unknown.length > 0],
];

/** The reads that failed and on which the verdict hangs, which with `strict` an assumption leaves open as well. Of a read that is not known here it is taken that everything open may hang on it. */
export function hangingGaps(
  gaps: readonly Gap[],
  { bound, calls, preconditions, verdict, strict }: Evaluated,
): readonly Gap[] {
  const { principal, role } = bound;
  if (verdict === 'fails') return [];
  const assumes = assumptionsOf(calls, preconditions).some(({ code }) => code === 'control-policies-unread');
  if (verdict === 'succeeds') return assumes ? gaps.filter(({ what }) => what.startsWith('organizations:')) : [];
  const depending = calls.filter(({ decision }) => decision.decision === 'depends');
  const open: Open = {
    assumes: strict && assumes,
    facts: depending.flatMap(({ decision }) => decision.dependsOn),
    grantsOf: depending.flatMap(({ decision, key }) =>
      key !== undefined && decision.dependsOn.some(({ fact }) => fact === 'grants') ? [key.arn] : [],
    ),
    unknown: preconditions.flatMap(({ row, status }) => (status === 'unknown' ? [row.code] : [])),
    actors: [principal, ...(role === undefined ? [] : [role])].flatMap(({ arn, roleArn }) =>
      roleArn === undefined ? [arn] : [arn, roleArn],
    ),
  };
  return gaps.filter((gap) => rows.find(([read]) => read.test(gap.what))?.[1](gap, open) ?? true);
}
