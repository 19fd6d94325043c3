/*
 * The questions to IAM's policy simulator, and its answers. They are shown next to a decision and
 * never decide.
 */

/** The decisions of iam:SimulatePrincipalPolicy. */
export type SimulatedDecision = 'allowed' | 'explicitDeny' | 'implicitDeny';

export type ContextType = `${'string' | 'boolean' | 'numeric' | 'date' | 'ip'}${'' | 'List'}`;

export interface ContextEntry {
  readonly name: string;
  readonly values: readonly string[];
  readonly type: ContextType;
}

export interface SimulationRequest {
  /** ARN of the user or role. */
  readonly source: string;
  readonly action: string;
  readonly resource: string;
  readonly context: readonly ContextEntry[];
}

export interface SimulationAnswer {
  readonly decision: SimulatedDecision;
  /** Condition keys that policies test and that were not sent to the simulator. */
  readonly missing: readonly string[];
  /** Absent: the account is in no organization, or the simulator does not say. */
  readonly allowedByOrganization?: boolean;
  /** Absent: there is no boundary, or the simulator does not say. */
  readonly allowedByBoundary?: boolean;
}
