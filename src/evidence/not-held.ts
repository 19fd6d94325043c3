import { Failure } from '../base/failure.ts';

/** What a question may name that the evidence does not hold. */
export interface NamedThing {
  /** `list`: the list that something would be in. */
  readonly is: 'principal' | 'key' | 'source' | 'list';
  /** As it was given. */
  readonly name: string;
  /**
   * Whether the evidence holds the list in which the thing would be. Then the thing does not exist.
   */
  readonly isCertain: boolean;
}

/** A question names something that the evidence does not hold. */
export class NotHeld extends Failure {
  readonly thing: NamedThing;

  constructor(thing: NamedThing, message: string, next: string, cause?: unknown) {
    super('input', message, next, cause);
    this.thing = thing;
  }
}

/** For questions about everything: nothing was read that they could be about. */
export function noAccount(): Failure {
  return new Failure('input', 'the evidence has no account', 'read an account with `aurora-kms-check collect`');
}
