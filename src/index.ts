export { assume } from './answer/assume.ts';
export { check } from './answer/check.ts';
export { type Command, type CommandArgument, commandText } from './base/command.ts';
export { Failure, type FailureKind } from './base/failure.ts';
export type { Question } from './check/question.ts';
export type { DiffReport, VerdictChange } from './contract/diff-report.ts';
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
} from './contract/report.ts';
export { type DiffQuestion, diff, type Progress } from './diff/diff.ts';
export { demoEvidence, demoPrincipal } from './evidence/demo.ts';
export type { Hypothesis, Hypothetical, HypotheticalChange } from './evidence/hypothesis.ts';
export type { Evidence } from './evidence/schema.ts';
export { catalogue, findOperation, operationsNamed } from './operations/catalogue.ts';
export type { Operation } from './operations/operation.ts';
export type { OperationParameters } from './operations/parameters.ts';
export { type Authorizer, authorize, compile, type DecidedBy, type Decision, explain } from './policy/authorize.ts';
export { InvalidRequest } from './policy/caller.ts';
export { disputed } from './policy/disputed.ts';
export { type Fault } from './policy/fault.ts';
export type { Grant } from './policy/grants.ts';
export { parse } from './policy/parse.ts';
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
export type { PolicyKind, StatementRef } from './policy/statement-ref.ts';
export type { TracedElement, TracedLayer, TracedPolicy, TracedStatement } from './policy/trace.ts';
export type { Fact } from './policy/truth.ts';
export { formatNames, render } from './report/formats.ts';
