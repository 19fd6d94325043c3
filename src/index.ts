export { type Assumed, type Assumption, assume } from './check/assume.ts';
export { check } from './check/check.ts';
export { type DiffQuestion, diff, type Progress } from './check/diff.ts';
export type { DiffReport, VerdictChange } from './check/diff-report.ts';
export type { Parameters, Question } from './check/question.ts';
export type {
  Diagnosis,
  Remedy,
  RemedyChange,
  Report,
  ReportedCall,
  ReportedPrecondition,
  ReportedStatement,
  Result,
  Verdict,
} from './check/report.ts';
export { demoEvidence, demoPrincipal } from './evidence/demo.ts';
export type { Evidence } from './evidence/schema.ts';
export { Failure, type FailureKind } from './failure.ts';
export { catalogue, findOperation, operationsNamed } from './operations/catalogue.ts';
export type { Operation } from './operations/operation.ts';
export { type Authorizer, authorize, compile, type DecidedBy, type Decision, explain } from './policy/authorize.ts';
export { InvalidRequest } from './policy/caller.ts';
export { disputed } from './policy/disputed.ts';
export type { PolicyKind, StatementRef } from './policy/document.ts';
export type { Grant } from './policy/grants.ts';
export { type Fault, parse } from './policy/parse.ts';
export {
  InvalidPolicies,
  type NamedPolicy,
  type Policies,
  type PolicyFault,
  type ReadDocuments,
  type Unread,
} from './policy/policies.ts';
export type { Possible } from './policy/possible.ts';
export type { RequestInput } from './policy/request.ts';
export type { TracedElement, TracedLayer, TracedPolicy, TracedStatement } from './policy/trace.ts';
export type { Fact } from './policy/truth.ts';
export { type Format, reporters } from './report/reporters.ts';
