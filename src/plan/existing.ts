import { isArn, kmsArn, type Place, parseArn } from '../base/arn.ts';
import { isJson, type Json } from '../base/json.ts';
import { propertyOf } from './configuration.ts';
import { type Made, madeBy } from './made.ts';
import { textIn } from './overlay-row.ts';
import { arnFrom, type PlannedPlaces } from './places.ts';
import type { StateModule, TerraformPlan } from './plan-file.ts';
import type { PlannedChange, PlannedChanges } from './planned-change.ts';

/* The names of resources that exist, where their values in the plan have only the ID. */

/**
 * A plan with the name and the ARN of each existing resource. A provider may show no more of a
 * resource than the ID by which it finds the resource, for example after an import, and the rest
 * follows from the ID. Undefined: nothing is missing.
 */
export function withNamesOfExisting(
  plan: TerraformPlan,
  { changes }: Pick<PlannedChanges, 'changes'>,
  places: Pick<PlannedPlaces, 'placeOfArn'>,
): TerraformPlan | undefined {
  const missing = new Map(
    changes.flatMap((change) => {
      const names = missingNames(change, places);
      return names === undefined ? [] : [[change.identity, names] as const];
    }),
  );
  if (missing.size === 0) return undefined;
  const namesOf = (address: string, deposed: string | undefined): Json | undefined =>
    missing.get(deposed === undefined ? address : `${address} (deposed ${deposed})`);
  const inState = ({ resources, child_modules: modules, ...rest }: StateModule): StateModule => ({
    ...rest,
    resources: resources.map((one) => {
      const names = namesOf(one.address, one.deposed_key);
      return names === undefined ? one : { ...one, values: withNames(one.values, names) };
    }),
    child_modules: modules.map(inState),
  });
  const { prior_state: state } = plan;
  return {
    ...plan,
    resource_changes: plan.resource_changes.map((one) => {
      const names = namesOf(one.address, one.deposed);
      if (names === undefined) return one;
      const { before, after, actions } = one.change;
      // A new resource has its own names.
      const isNew = actions.includes('create');
      const change = {
        ...one.change,
        before: withNames(before, names),
        after: isNew ? after : withNames(after, names, one.change.after_unknown),
      };
      return { ...one, change };
    }),
    ...(state === undefined
      ? {}
      : {
          prior_state: {
            ...state,
            values: { ...state.values, root_module: inState(state.values?.root_module ?? none) },
          },
        }),
  };
}

const none: StateModule = { resources: [], child_modules: [] };

/** A value that is known only after the apply stays absent. */
function withNames(values: unknown, names: Json, unknown: unknown = {}): unknown {
  if (!isJson(values) || unknown === true) return values;
  const known = Object.entries(names).filter(([name]) => !isJson(unknown) || propertyOf(unknown, name) !== true);
  return { ...values, ...Object.fromEntries(known) };
}

/** The names of an existing resource that the plan does not show. Undefined: none. */
function missingNames(change: PlannedChange, { placeOfArn }: Pick<PlannedPlaces, 'placeOfArn'>): Json | undefined {
  const { type, before, isAws, isData } = change;
  const row = isAws && !isData ? madeBy(type) : undefined;
  if (row === undefined || before === undefined) return undefined;
  const { identifier } = row;
  const [attribute] = row.arn;
  const name = row.name.flatMap((one) => textIn(before, one) ?? [])[0];
  const isNamed = identifier === undefined || name === undefined || textIn(before, identifier) !== undefined;
  const shown = attribute === undefined ? undefined : textIn(before, attribute);
  const place = attribute === undefined || (shown !== undefined && !isNameless(shown)) ? undefined : placeOfArn(change);
  const arn = place === undefined ? undefined : arnOfExisting(row, { name, before }, place);
  const names = {
    ...(isNamed ? {} : { [identifier]: name }),
    ...(attribute === undefined || arn === undefined ? {} : { [attribute]: arn }),
  };
  return Object.keys(names).length === 0 ? undefined : names;
}

/** Whether an ARN ends before the name: `arn:aws:rds:eu-west-1:111122223333:cluster:`. */
function isNameless(arn: string): boolean {
  return parseArn(arn)?.name === '';
}

/** The ID of a key, which is neither an ARN nor an alias. */
const keyIds = /^[\w-]+$/;

function arnOfExisting(
  { of }: Made,
  { name, before }: { readonly name: string | undefined; readonly before: Json },
  place: Place,
): string | undefined {
  const id = textIn(before, 'id');
  if (id !== undefined && isArn(id)) return id;
  if (of === 'key') return id !== undefined && keyIds.test(id) ? kmsArn(place, `key/${id}`) : undefined;
  return name === undefined ? undefined : arnFrom(of, { name, path: textIn(before, 'path') ?? '/' }, place);
}
