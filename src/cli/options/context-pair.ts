import { InvalidArgumentError } from 'commander';
import { nearestFirst } from '../../base/nearest.ts';
import { conditionKey, conditionKeys, isKnownKey, isMultivalued } from '../../policy/condition-keys.ts';

/** Collects `key=value` pairs. A key that is given twice has both values. */
export function contextPair(
  text: string,
  before: Readonly<Record<string, readonly string[]>> = {},
): Readonly<Record<string, readonly string[]>> {
  const equals = text.indexOf('=');
  const key = text.slice(0, equals).trim();
  if (equals < 1 || !/^[a-z0-9-]+:.+$/i.test(key))
    throw new InvalidArgumentError('give a condition key and its value, such as aws:SourceIp=203.0.113.7');
  if (!isKnownKey(key)) {
    const [nearest = ''] = nearestFirst(
      key,
      conditionKeys.map(({ name }) => name),
    );
    throw new InvalidArgumentError(`there is no condition key ${key}: did you mean ${nearest}?`);
  }
  if (conditionKey(key.toLowerCase())?.follows === true) {
    throw new InvalidArgumentError(`leave out ${key}: the principal and the operation set it`);
  }
  const twice = Object.keys(before).find((other) => other.toLowerCase() === key.toLowerCase());
  if (twice !== undefined && !isMultivalued(key.toLowerCase())) {
    throw new InvalidArgumentError(`give ${key} once: it has only one value`);
  }
  const value = text.slice(equals + 1);
  const name = twice ?? key;
  return { ...before, [name]: [...(before[name] ?? []), value] };
}
