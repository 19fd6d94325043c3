import { isList } from '../base/json.ts';
import { rdsLists } from '../evidence/lists.ts';
import type { SourceType } from '../evidence/sources.ts';
import { isMalformed, isMissing } from './faults.ts';
import { picked } from './fields.ts';
import { type Named, type OtherList, otherLists, type Rds, sourceLists } from './rds-lists.ts';
import type { Reader, Subject } from './reader.ts';
import type { ReadAction } from './reads.ts';
import { DescribeDBClusterSnapshotAttributesCommand, DescribeDBSnapshotAttributesCommand, RDSClient } from './sdk.ts';
import type { ClientSettings } from './settings.ts';

/** The account and Region of the read, for gaps. */
export interface Where {
  readonly account: string;
  readonly region: string;
}

export interface RdsReads {
  /** All sources of the type. Undefined: AWS refused the read. */
  readonly all: (type: SourceType) => Promise<Rds | undefined>;
  /** Like `all`, for data that every verdict needs. @throws Failure */
  readonly needAll: (type: SourceType) => Promise<Rds>;
  /**
   * The source with this name, as a list of one. Undefined: RDS does not know it, or (unless
   * `needed`) refuses the read.
   */
  readonly named: (type: SourceType, name: Named, needed: boolean) => Promise<Rds | undefined>;
  /** The accounts that a cluster snapshot is shared with. */
  readonly clusterSnapshotAttributes: (identifier: string) => Promise<NonNullable<Rds['DBClusterSnapshotAttributes']>>;
  readonly snapshotAttributes: (identifier: string) => Promise<NonNullable<Rds['DBSnapshotAttributes']>>;
  /** A list without sources. Undefined: AWS refused the read. */
  readonly other: (name: OtherList) => Promise<Rds | undefined>;
}

/** Reads of RDS in one Region. */
export function rdsReads(settings: ClientSettings, where: Where, reader: Reader): RdsReads {
  const client = new RDSClient({ ...settings, region: where.region });
  const subject = (what: ReadAction, resource?: string): Subject => ({
    what,
    ...where,
    ...(resource === undefined ? {} : { resource }),
  });
  return {
    all: (type) => reader.read(subject(actionFor(type)), () => sourceLists[type].list(client, undefined)),
    needAll: (type) => reader.need(subject(actionFor(type)), () => sourceLists[type].list(client, undefined)),
    other: (name) => reader.read(subject(rdsLists[name].action), () => otherLists[name](client)),
    async named(type, name, needed) {
      const what = actionFor(type);
      const { list } = sourceLists[type];
      const call = () => list(client, name);
      try {
        const found = await (needed ? reader.need : reader.read)(subject(what, name.value), call);
        // With a filter, RDS returns an empty list.
        return found === undefined || isEmpty(found) ? undefined : found;
      } catch (error) {
        if (error instanceof Error && (isMissing(error.cause) || isMalformed(error.cause))) return undefined;
        throw error;
      }
    },
    async clusterSnapshotAttributes(identifier) {
      const command = new DescribeDBClusterSnapshotAttributesCommand({ DBClusterSnapshotIdentifier: identifier });
      const answer = await reader.readIfThere(subject('rds:DescribeDBClusterSnapshotAttributes', identifier), () =>
        client.send(command),
      );
      const result = answer?.DBClusterSnapshotAttributesResult;
      if (result === undefined) return [];
      const attributes = attributeList(result.DBClusterSnapshotAttributes);
      return [{ DBClusterSnapshotIdentifier: identifier, DBClusterSnapshotAttributes: attributes }];
    },
    async snapshotAttributes(identifier) {
      const command = new DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier: identifier });
      const answer = await reader.readIfThere(subject('rds:DescribeDBSnapshotAttributes', identifier), () =>
        client.send(command),
      );
      const result = answer?.DBSnapshotAttributesResult;
      if (result === undefined) return [];
      return [{ DBSnapshotIdentifier: identifier, DBSnapshotAttributes: attributeList(result.DBSnapshotAttributes) }];
    },
  };
}

function actionFor(type: SourceType): ReadAction {
  return rdsLists[sourceLists[type].name].action;
}

function isEmpty(rds: Rds): boolean {
  return Object.values(rds).every((list) => isList(list) && list.length === 0);
}

interface Attribute {
  readonly AttributeName?: string | undefined;
  readonly AttributeValues?: readonly string[] | undefined;
}

function attributeList(attributes: readonly Attribute[] | undefined) {
  return (attributes ?? []).map((attribute) => ({
    ...picked(attribute, ['AttributeName']),
    AttributeValues: [...(attribute.AttributeValues ?? [])].toSorted(),
  }));
}
