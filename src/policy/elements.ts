import type { PolicyKind } from './statement-ref.ts';

/**
 * What the statements of a policy kind may hold (iam-evaluation 1.9, 2.1, 2.16a, 2.29, 5.27, 5.32).
 */
export interface Elements {
  /**
   * 'required': resource policies. 'refused': policies that are attached to a principal, which is
   * then their principal.
   */
  readonly principal: 'required' | 'refused';
  readonly notPrincipal: boolean;
  readonly notAction: boolean;
  /** Whether a statement without Action or Resource can be saved; it then has no effect. */
  readonly mayLackActionOrResource: boolean;
  /** An ARN with fewer than six parts: filled up with stars, refused, or compared as it stands. */
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
