/**
 * What a code is said of. A `reason` decides or opens a verdict, an `assumption` is what a verdict
 * rests on without having been read, a `precondition` is an answer about the state of things, a
 * `near-miss` is an Allow that lacks one thing, a `gap` is a read that failed, a `warning` is worth
 * knowing whatever the verdict is.
 */
type Subject = 'reason' | 'assumption' | 'precondition' | 'near-miss' | 'gap' | 'warning';

/**
 * Every stable code, what it is said of, and its one meaning. A decision is a tagged union
 * `{ code, ...fields }`, declared beside the code that decides; `src/explain/` has the words.
 * Reports, expectations and baselines refer to codes, so a code never changes its meaning.
 */
export const codes = {
  // What a verdict rests on without having been read.
  'control-policies-unread': {
    of: 'assumption',
    means: 'Service or resource control policies were not read and are taken to deny nothing.',
  },
  'managed-key-policy': {
    of: 'assumption',
    means: 'The policy of an AWS managed key was not read and is taken to be the one that AWS gives to such keys.',
  },
  'bucket-policy-unread': {
    of: 'assumption',
    means: 'Bucket policies are not read, and that of the bucket is taken to deny nothing.',
  },
  'endpoint-policy-unread': {
    of: 'assumption',
    means: 'The policy of the VPC endpoint was not read and is taken to let the call pass.',
  },
  'decrypt-not-needed': {
    of: 'assumption',
    means: 'The principal is denied kms:Decrypt, which some pages of AWS ask for and others do not.',
  },
  'precondition-assumed': {
    of: 'assumption',
    means: 'A precondition that could not be read, and normally is met, is taken to be met.',
  },
} as const satisfies Readonly<Record<string, { readonly of: Subject; readonly means: string }>>;

export type Code = keyof typeof codes;

/** The codes that are said of one subject. */
export type CodeOf<S extends Subject> = {
  readonly [C in Code]: (typeof codes)[C]['of'] extends S ? C : never;
}[Code];
