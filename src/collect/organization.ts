import type { PolicyType } from '@aws-sdk/client-organizations';
import type { Account } from '../evidence/schema.ts';
import { isNoOrganization, isTypeNotEnabled } from './faults.ts';
import { allPages, type Reader, type Subject } from './reader.ts';
import type { ReadAction } from './reads.ts';
import {
  DescribeOrganizationCommand,
  DescribePolicyCommand,
  OrganizationsClient,
  paginateListParents,
  paginateListPoliciesForTarget,
} from './sdk.ts';
import type { ClientSettings } from './settings.ts';

type Organization = NonNullable<Account['organization']>;
type Level = NonNullable<Organization['path']>[number];
type Policies = NonNullable<Level['scps']>;

/**
 * The path of an account in its organization, with the SCPs and RCPs of each level. null: the
 * account is in no organization. Undefined: not known. A member account can read little more than
 * the organization's ID. The rest needs the management account or a delegated administrator.
 */
export async function readOrganization(
  account: string,
  settings: ClientSettings,
  reader: Reader,
): Promise<Account['organization']> {
  const client = new OrganizationsClient(settings);
  const asked: Asked = { client, account, reader, texts: new Map() };
  const answer = await read(asked, 'organizations:DescribeOrganization', undefined, async () => {
    try {
      return await client.send(new DescribeOrganizationCommand({}));
    } catch (error) {
      if (isNoOrganization(error)) return null;
      throw error;
    }
  });
  if (answer === null) return null;
  const { Id: id, MasterAccountId: managementAccountId } = answer?.Organization ?? {};
  if (id === undefined) return undefined;
  const organization: Organization = { id, ...(managementAccountId === undefined ? {} : { managementAccountId }) };
  const path = await pathTo(asked);
  if (path === undefined) return organization;
  return { ...organization, path: await Promise.all(path.map((level) => withPolicies(asked, level))) };
}

interface Asked {
  readonly client: OrganizationsClient;
  readonly account: string;
  readonly reader: Reader;
  /** The policies that have been read, by ID. Most levels have the same policy. */
  readonly texts: Map<string, Promise<string | undefined>>;
}

function read<T>({ account, reader }: Asked, what: ReadAction, resource: string | undefined, call: () => Promise<T>) {
  const subject: Subject = { what, account, ...(resource === undefined ? {} : { resource }) };
  return reader.read(subject, call);
}

/** The levels from the root to the account itself. Undefined: AWS refused a read. */
async function pathTo(asked: Asked): Promise<readonly Level[] | undefined> {
  const path: Level[] = [{ id: asked.account, type: 'ACCOUNT' }];
  for (let child = asked.account; ; ) {
    const parents = await read(asked, 'organizations:ListParents', child, () =>
      allPages(
        () => paginateListParents({ client: asked.client }, { ChildId: child }),
        (page) => page.Parents,
      ),
    );
    const [parent] = parents ?? [];
    if (parent?.Id === undefined) return undefined;
    const isRoot = parent.Type === 'ROOT';
    path.unshift({ id: parent.Id, type: isRoot ? 'ROOT' : 'ORGANIZATIONAL_UNIT' });
    if (isRoot) return path;
    child = parent.Id;
  }
}

/**
 * Other types of organization policies, such as tag policies, decide no request (iam-evaluation
 * 5.3).
 */
async function withPolicies(asked: Asked, level: Level): Promise<Level> {
  const [scps, rcps] = await Promise.all([
    policiesOf(asked, level.id, 'SERVICE_CONTROL_POLICY'),
    policiesOf(asked, level.id, 'RESOURCE_CONTROL_POLICY'),
  ]);
  return { ...level, ...(scps === undefined ? {} : { scps }), ...(rcps === undefined ? {} : { rcps }) };
}

/**
 * Undefined: the list of policies, or the text of a policy, could not be read. A level with only
 * some known policies counts as unknown.
 */
async function policiesOf(asked: Asked, TargetId: string, Filter: PolicyType): Promise<Policies | undefined> {
  const { client } = asked;
  const listed = await read(asked, 'organizations:ListPoliciesForTarget', `${TargetId} ${Filter}`, async () => {
    try {
      return await allPages(
        () => paginateListPoliciesForTarget({ client }, { TargetId, Filter }),
        (page) => page.Policies,
      );
    } catch (error) {
      // A type that the organization has not enabled applies nowhere.
      if (isTypeNotEnabled(error)) return [];
      throw error;
    }
  });
  if (listed === undefined) return undefined;
  const policies = await Promise.all(
    listed.map(async ({ Id: id = '', Name: name = id }) => {
      const document = await textOf(asked, id);
      return document === undefined ? undefined : { name, document };
    }),
  );
  const known = policies.flatMap((policy) => policy ?? []);
  return known.length === policies.length ? known : undefined;
}

function textOf(asked: Asked, PolicyId: string): Promise<string | undefined> {
  const known = asked.texts.get(PolicyId);
  if (known !== undefined) return known;
  const text = read(asked, 'organizations:DescribePolicy', PolicyId, async () => {
    const { Policy } = await asked.client.send(new DescribePolicyCommand({ PolicyId }));
    return Policy?.Content;
  });
  asked.texts.set(PolicyId, text);
  return text;
}
