import type { PolicyKind } from './statement-ref.ts';

/**
 * What the statements of each kind of policy may contain (iam-evaluation 1.9, 2.1, 2.16a, 2.29,
 * 5.27, 5.32).
 */
export interface Elements {
  /**
   * 'required': resource policies. 'refused': policies that are attached to a principal, which is
   * then the principal of each statement.
   */
  readonly principal: 'required' | 'refused';
  readonly notPrincipal: boolean;
  readonly notAction: boolean;
  /** Whether AWS saves a statement without Action or Resource. Such a statement has no effect. */
  readonly mayLackActionOrResource: boolean;
  /**
   * What happens to an ARN with fewer than six parts: stars fill the missing parts, AWS refuses the
   * policy, or AWS compares the ARN as written.
   */
  readonly incompleteArn: 'filled up' | 'refused' | 'as written';
}

const attached: Elements = {
  principal: 'refused',
  notPrincipal: false,
  notAction: true,
  mayLackActionOrResource: false,
  incompleteArn: 'filled up',
};

export const elements: Readonly<Record<PolicyKind, Elements>> = {
  identity: attached,
  boundary: attached,
  session: { ...attached, incompleteArn: 'refused' },
  scp: { ...attached, incompleteArn: 'as written' },
  rcp: { ...attached, principal: 'required', notAction: false, incompleteArn: 'as written' },
  resource: {
    ...attached,
    principal: 'required',
    notPrincipal: true,
    mayLackActionOrResource: true,
    incompleteArn: 'as written',
  },
  endpoint: { ...attached, principal: 'required', notPrincipal: true, incompleteArn: 'as written' },
};
