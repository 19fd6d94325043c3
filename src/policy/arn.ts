/** The six parts of an ARN. The last one may itself hold colons. */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

/** Cuts at the first five colons; undefined if the text is not an ARN. Empty parts are allowed. */
export function parseArn(text: string): Arn | undefined {
  const parts = arnParts(text);
  if (parts === undefined || parts[0] !== 'arn') return undefined;
  const [, partition = '', service = '', region = '', account = '', resource = ''] = parts;
  return { partition, service, region, account, resource };
}

/** The six colon-separated parts of an ARN or an ARN pattern, or undefined if there are fewer. */
export function arnParts(text: string): readonly string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  for (let index = 0; index < 5; index++) {
    const colon = text.indexOf(':', from);
    if (colon < 0) return undefined;
    parts.push(text.slice(from, colon));
    from = colon + 1;
  }
  parts.push(text.slice(from));
  return parts;
}

export function isKmsKey(arn: string): boolean {
  return /^arn:[^:]*:kms:[^:]*:[^:]*:key\//.test(arn);
}
