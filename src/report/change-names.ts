import { accountOf, isRootArn, parseArn, shortName } from '../base/arn.ts';
import type { VerdictChange } from '../contract/diff-report.ts';
import { placeWords } from '../explain/names.ts';

/** Names an ARN, with its account and Region if the changes are in several. */
export function changeNamer(changes: readonly VerdictChange[]): (arn: string) => string {
  const all = changes.flatMap(({ principal, target }) => [principal, target]);
  const isSeveral = (of: (arn: string) => string | undefined): boolean =>
    new Set(all.map(of).filter((one) => one !== undefined && one !== '')).size > 1;
  const shows = { region: isSeveral((arn) => parseArn(arn)?.region), account: isSeveral(accountOf) };
  return (arn) => {
    const { region = '', account = '' } = parseArn(arn) ?? {};
    if (isRootArn(arn)) return `the root user of account ${account}`;
    const place = placeWords({ region, account }, { ...shows, region: shows.region && region !== '' });
    return `${shortName(arn)}${account === '' ? '' : place}`;
  };
}
