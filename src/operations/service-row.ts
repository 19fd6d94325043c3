/**
 * A service as actions.ts holds it. Several names in one text have a space between them. `*` in a
 * name is any text.
 */
export interface ServiceRow {
  /** By type of resource: the form of its ARN, and the condition keys that such a resource has. */
  readonly types: Readonly<Record<string, readonly [arn: string, keys: string]>>;
  /**
   * By condition key: the type of its value, such as `String`, `ArrayOfString`, `Bool`, `Numeric`,
   * `Date` or `ARN`.
   */
  readonly keys: Readonly<Record<string, string>>;
  /**
   * By action: the types of resource that it is authorized on (none: a policy names `*`), and its
   * own condition keys.
   */
  readonly actions: Readonly<Record<string, readonly [types: string, keys: string]>>;
}
