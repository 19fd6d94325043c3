import { type Command, type CommandArgument, commandLines, commandParts } from '../base/command.ts';
import { oneLine } from '../base/escape.ts';
import { denseJson, type Json, jsonText } from '../base/json.ts';
import { shellQuoted } from '../base/shell.ts';
import { list } from '../base/wording.ts';
import type { ReportedFixStep } from '../contract/report.ts';
import { editScript, fromFile } from './scripts.ts';

/* A fix as files: one for each document, and a script that applies them in order. */

/** The script among the files of a fix. */
export const applyScript = 'apply.sh';

/**
 * The files of a fix, by name: the new documents, the documents that they replace, and `apply.sh`.
 * The script reads the documents from its own folder and stops at the first step that fails.
 */
export function fixFiles(changes: readonly ReportedFixStep[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const steps = changes.map((change, index) => stepFiles(change, String(index + 1).padStart(2, '0')));
  for (const { documents } of steps) for (const [name, text] of documents) files.set(name, `${text}\n`);
  const lines = [
    '#!/bin/sh',
    '# Applies the fix, step by step. Each step stops if the data in AWS differs from the data that was read.',
    'set -eu',
    'CDPATH= cd -- "$(dirname -- "$0")"',
    ...placeholdersIn(changes),
    '',
    'echo "Paths are relative to $PWD"',
    ...steps.flatMap(({ title, script }) => ['', `echo ${shellQuoted(title)}`, ...script]),
  ];
  return files.set(applyScript, `${lines.join('\n')}\n`);
}

interface StepFiles {
  readonly title: string;
  readonly documents: readonly (readonly [name: string, text: string])[];
  readonly script: readonly string[];
}

function stepFiles(change: ReportedFixStep, number: string): StepFiles {
  const { does, policy, commands, other } = change;
  const title = oneLine(`${Number(number)}. ${list(does.map(({ text }) => text))}`);
  const kind = policy?.place.in ?? other?.change ?? 'document';
  const name = `${number}-${kind.replaceAll(' ', '-')}`;
  const after = { name: `${name}.json`, text: documentIn(commands) };
  if (policy === null) {
    const isForRequest = other !== null && other.change === 'session policy';
    const text = isForRequest ? jsonText(other.document) : after.text;
    return {
      title,
      documents: text === undefined ? [] : [[after.name, text]],
      script:
        commands.length === 0
          ? ["echo 'This step is part of the request: no command is run.'"]
          : commands.flatMap((one) => typed(fromFile(one, after.name))),
    };
  }
  const before = { name: `${name}.before.json`, document: policy.before };
  const script = editScript(
    policy.place,
    { before: before.document ?? undefined, commands },
    { before: before.name, after: after.name },
  );
  return {
    title,
    documents: [
      ...(before.document === null ? [] : [[before.name, jsonText(before.document)] as const]),
      [after.name, after.text ?? jsonText(policy.after)],
    ],
    script: script.split('\n'),
  };
}

function typed(command: Command): readonly string[] {
  return commandLines(commandParts(command), 76);
}

/** The text of the document that commands write, without white space if AWS counts it. */
function documentIn(commands: readonly Command[]): string | undefined {
  const [found] = commands.flatMap(({ arguments: words }) => words.flatMap((word) => documentOf(word) ?? []));
  return found === undefined ? undefined : found.dense ? denseJson(found.document) : jsonText(found.document);
}

function documentOf(word: CommandArgument): { readonly document: Json; readonly dense: boolean } | undefined {
  return typeof word !== 'string' && 'document' in word ? word : undefined;
}

/**
 * The placeholders that only the reader can replace. The script would fail at them after its first
 * steps.
 */
function placeholdersIn(changes: readonly ReportedFixStep[]): readonly string[] {
  const words = changes.flatMap(({ commands }) => commands.flatMap((command) => command.arguments));
  const open = [...new Set(words.flatMap((word) => (typeof word === 'string' && /^<.*>$/.test(word) ? word : [])))];
  return open.flatMap((word) => [
    '',
    `echo ${shellQuoted(`Replace ${word} in this script, and remove this line and the next.`)} >&2`,
    'exit 1',
  ]);
}
