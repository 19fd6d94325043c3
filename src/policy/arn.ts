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

/** What the engine asks of a resource ARN again and again. */
export interface ResourceKind {
  /** Undefined: not an ARN, such as the `*` of actions without resource. */
  readonly partition: string | undefined;
  readonly service: string | undefined;
  readonly isKmsKey: boolean;
  /** The resource part holds a colon itself, as the names of automated snapshots do. */
  readonly hasColons: boolean;
}

const kinds = new Map<string, ResourceKind>();
/** So many ARNs are remembered at most. */
const rememberedArns = 10_000;

export function resourceKind(text: string): ResourceKind {
  const known = kinds.get(text);
  if (known !== undefined) return known;
  const arn = parseArn(text);
  const kind: ResourceKind = {
    partition: arn?.partition,
    service: arn?.service,
    isKmsKey: arn?.service === 'kms' && arn.resource.startsWith('key/'),
    hasColons: arn?.resource.includes(':') === true,
  };
  if (kinds.size >= rememberedArns) kinds.clear();
  kinds.set(text, kind);
  return kind;
}
