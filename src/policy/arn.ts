import { parseArn } from '../base/arn.ts';

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
