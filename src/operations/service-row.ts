/**
 * A service in actions.ts. A text with several names separates them with spaces. `*` in a name is
 * any text.
 */
export interface ServiceRow {
  /** By type of resource: the form of its ARN, and the condition keys of such a resource. */
  readonly types: Readonly<Record<string, readonly [arn: string, keys: string]>>;
  /**
   * By condition key: the type of its value, such as `String`, `ArrayOfString`, `Bool`, `Numeric`,
   * `Date` or `ARN`.
   */
  readonly keys: Readonly<Record<string, string>>;
  /**
   * By action: the types of resource that it is authorized on (if there are none, a policy must
   * name `*`), and its own condition keys.
   */
  readonly actions: Readonly<Record<string, readonly [types: string, keys: string]>>;
}
