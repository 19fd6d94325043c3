import { InvalidArgumentError, Option } from 'commander';
import { isJson, isList } from '../../base/json.ts';
import { type ApiName, apiNames } from '../../operations/api-names.ts';
import { kebab } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';
import { rowOf } from '../../operations/request-parameters.ts';
import { type SourceFlag, sourceFlags } from '../../operations/source-flags.ts';
import { PropertyOption, RepeatableOption } from './flag-option.ts';
import { listParser, parameterOption, sourceOption, verified, withPair } from './question-options.ts';
import { jsonOf } from './values.ts';

/* Options with the names of the AWS CLI, for users who know the requests by these names. */

/** Parameters that name sources of several types. The ARN shows the type. */
const sourceArns = ['SourceArn', 'ResourceArn', 'RecoveryPointArn'] as const;

/**
 * The AWS CLI's names of our options. Help does not show them. A switch can be negated as in the
 * AWS CLI: `--no-storage-encrypted`. `repeats`: sources may be repeated.
 */
export function apiOptions(operations: readonly Operation[], repeats = true): readonly Option[] {
  const reads = operations.flatMap((operation) => operation.reads ?? []);
  const flags = [...new Set(reads.map(({ flag }) => flag))];
  const switches = [...new Set(operations.flatMap(({ parameters }) => parameters))].filter(
    (flag) => rowOf(flag).kind === 'switch' && rowOf(flag).request !== undefined,
  );
  const byArn = sourceArns.find((name) => operations.every(({ request }) => request.source?.includes(name) === true));
  const options = [
    ...apiNames(operations).map((name) => apiOption(name, flags, repeats)),
    ...switches.map((flag) => new PropertyOption(`--no-${flag}`, '', rowOf(flag).property)),
    ...(byArn === undefined
      ? []
      : [
          new PropertyOption(`--${kebab(byArn)} <arn>`, '', 'sourceArn').conflicts(
            flags.map((flag) => sourceFlags[flag].property),
          ),
        ]),
    // No other attribute of a snapshot shares it.
    ...(operations.some(({ parameters }) => parameters.includes('with'))
      ? [new Option('--attribute-name <name>').argParser(sharingAttribute)]
      : []),
  ];
  return options.map((option) => option.hideHelp());
}

function sharingAttribute(text: string): string {
  if (text === 'restore') return text;
  throw new InvalidArgumentError('name the attribute restore, which shares the snapshot');
}

function apiOption(name: ApiName, all: readonly SourceFlag[], repeats: boolean): Option {
  if ('source' in name) return sourceOption(name.source, { flags: `--${name.name} <id>`, besides: '', all, repeats });
  const { property, kind } = rowOf(name.parameter);
  if (kind === 'tags') {
    const check = verified(name.parameter);
    return new RepeatableOption(`--${name.name} <tag...>`, '', property).argParser(
      (text: string, before?: Readonly<Record<string, string>>) => {
        const tags = tagsOf(text);
        for (const [key, value] of tags) check(`${key}=${value}`);
        return tags.reduce(withPair, before ?? {});
      },
    );
  }
  if (kind === 'list')
    return new RepeatableOption(`--${name.name} <value...>`, '', property).argParser(listParser(name.parameter));
  return parameterOption(name.parameter, name.name);
}

/** Reads tags in the forms of the AWS CLI, `Key=team,Value=dba` or JSON, and also `team=dba`. */
function tagsOf(text: string): readonly (readonly [key: string, value: string])[] {
  if (/^[[{]/.test(text)) {
    const json = jsonOf(text);
    const tags = (isList(json) ? json : [json]).map((tag): readonly [unknown, unknown] =>
      isJson(tag) ? [tag['Key'], tag['Value'] ?? ''] : [undefined, undefined],
    );
    return tags.map(([key, value]) => {
      if (typeof key === 'string' && key !== '' && typeof value === 'string') return [key, value];
      throw new InvalidArgumentError('give tags such as [{"Key": "team", "Value": "dba"}]');
    });
  }
  const [, key, value = ''] = /^Key=([^,]+)(?:,Value=(.*))?$/s.exec(text) ?? [];
  if (key !== undefined) return [[key, value.replace(/^(["'])(.*)\1$/s, '$2')]];
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('give a tag and its value, such as Key=team,Value=dba');
  return [[text.slice(0, equals), text.slice(equals + 1)]];
}
