import { Failure } from '../base/failure.ts';

/** Something that a question may name and that the evidence does not have. */
export interface NamedThing {
  /** `list`: the list in which something would be. */
  readonly is: 'principal' | 'key' | 'source' | 'list';
  /** As the user gave it. */
  readonly name: string;
  /** Whether the evidence has the complete list. Then the thing does not exist. */
  readonly isCertain: boolean;
}

/** A question names something that the evidence does not have. */
export class NotHeld extends Failure {
  readonly thing: NamedThing;

  constructor(thing: NamedThing, message: string, next: string, cause?: unknown) {
    super('input', message, next, cause);
    this.thing = thing;
  }
}

/** For questions about everything: the evidence has nothing that they could be about. */
export function noAccount(): Failure {
  return new Failure('input', 'the evidence has no account', 'read an account with `aurora-kms-check collect`');
}
