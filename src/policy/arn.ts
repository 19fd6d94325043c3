import { parseArn } from '../base/arn.ts';

/** The parts of a resource ARN that decisions often need. */
export interface ResourceKind {
  /** Undefined: the text is not an ARN, such as the `*` of actions without a resource. */
  readonly partition: string | undefined;
  readonly service: string | undefined;
  /** Empty: the service has no Regions. */
  readonly region: string | undefined;
  readonly isKmsKey: boolean;
}

export function resourceKind(text: string): ResourceKind {
  const arn = parseArn(text);
  return {
    partition: arn?.partition,
    service: arn?.service,
    region: arn?.region,
    isKmsKey: arn?.service === 'kms' && arn.resource.startsWith('key/'),
  };
}
