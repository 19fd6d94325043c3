import type { SourceFlag } from '../operations/source-flags.ts';
import { propertyOf } from './configuration.ts';
import { changedIn } from './database-requests.ts';
import { type DerivedRequest, type Deriving, isGiven, type RequestRow, request, textsIn } from './request-of-change.ts';

/* The requests that changes of snapshots and their copies send. */

/** Sharing is a separate request. */
function sharing(
  deriving: Deriving,
  api: string,
  flag: 'snapshot' | 'instance-snapshot',
  name: string,
): readonly DerivedRequest[] {
  const value = deriving.planned.valueAt(deriving.change, ['shared_accounts']);
  if (value.is === 'not given') return [];
  const accounts = value.is === 'known' ? textsIn(value.value) : [];
  const made = request(deriving, { api, source: [flag, name], fixed: { with: accounts } });
  return [value.is === 'known' ? made : { ...made, open: [...made.open, 'shared_accounts'] }];
}

/**
 * The accounts that an update of `shared_accounts` adds and removes; an account that stays is in
 * neither list.
 */
function resharing(
  deriving: Deriving,
  api: string,
  flag: 'snapshot' | 'instance-snapshot',
  name: string,
): readonly DerivedRequest[] {
  const { before } = deriving.change;
  const value = deriving.planned.valueAt(deriving.change, ['shared_accounts']);
  if (value.is !== 'known' && value.is !== 'not given') return sharing(deriving, api, flag, name);
  const [old, now] = [textsIn(propertyOf(before, 'shared_accounts')), value.is === 'known' ? textsIn(value.value) : []];
  const [added, removed] = [now.filter((one) => !old.includes(one)), old.filter((one) => !now.includes(one))];
  const fixed = {
    ...(added.length === 0 ? {} : { with: added }),
    ...(removed.length === 0 ? {} : { valuesToRemove: removed }),
  };
  return added.length + removed.length === 0 ? [] : [request(deriving, { api, source: [flag, name], fixed })];
}

interface SnapshotRow {
  readonly flag: 'snapshot' | 'instance-snapshot';
  readonly create: string;
  readonly source: readonly [SourceFlag, string];
  readonly name: string;
  readonly attribute: string;
  readonly remove: string;
}

export function snapshotRow({ flag, create, source, name, attribute, remove }: SnapshotRow): RequestRow {
  return {
    create: (deriving) => [
      toOtherRegion(
        deriving,
        request(deriving, {
          api: create,
          source,
          send: { to: [name], 'kms-key-id': ['kms_key_id'], 'copy-tags': ['copy_tags'] },
        }),
      ),
      ...sharing(deriving, attribute, flag, name),
    ],
    update: (deriving) =>
      changedIn(deriving).includes('shared_accounts') ? resharing(deriving, attribute, flag, name) : [],
    destroy: (deriving) => [request(deriving, { api: remove, source: [flag, name], before: true })],
  };
}

/**
 * The provider signs a copy for one Region and sends the request to another one, so the result is
 * not known.
 */
function toOtherRegion(deriving: Deriving, made: DerivedRequest): DerivedRequest {
  return isGiven(deriving, 'destination_region') ? { ...made, isSignedForAnother: true } : made;
}
