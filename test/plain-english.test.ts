import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../src/operations/catalogue.ts';
import { ownPages, pageUrl, userPages } from './readme.ts';
import { childrenOf, type Node, sources, writtenIn } from './source.ts';

/*
 * The program speaks plain American English that nobody has to read twice. The tests read the texts
 * of the source with its help and its errors, the output in goldens and transcripts, and the pages
 * for users.
 */

/** Phrases that make a reader stop, and what to write instead. */
const banned: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/\bhang(s|ing)? on\b/i, 'depends on'],
  [/\bbe it\b/i, 'name the cases'],
  [/\bbut for\b/i, 'except'],
  [/\bmend(s|ed|ing)?\b/i, 'fix'],
  [/\b(stands?|stood)\b/i, 'is, or name the place'],
  [/\bwhat would\b/i, 'name the thing'],
  [/\b(is|are|was|were) asked (of|about|for)\b/i, 'needs, or was checked'],
  [/\black(s|ing)? it\b/i, 'repeat the noun'],
  [/\bby way of\b/i, 'through'],
  [/\btak(e|es|en) for granted\b/i, 'assumed'],
  [/\bin the way\b/i, 'blocks'],
  [/\bworth (a look|knowing)\b/i, 'Notes'],
  [/\bremed(y|ies)\b/i, 'fix'],
  [/\bAWS will say\b/i, 'Expected error'],
  [/\bno customer key\b/i, 'unencrypted'],
  [/\btried on the evidence\b/i, 're-checked'],
  [/\bgains (restore|copy|clone|access to restore)\b/i, 'could then also'],
  [/\bnothing of the kind\b/i, 'name the kind'],
  [/\bnothing is asked\b/i, 'no permission is needed'],
  [/\blets? its account decide\b/i, 'does not grant'],
  [/\bwhat is (made|read|known|asked|different|meant|open|left|compared)\b/i, 'the new resource, the source'],
  [/\bthat which\b/i, 'name the thing'],
  [/\bwhoever\b/i, 'the principal that'],
  [/\bspar(es?|ed|ing)\b/i, 'exempt'],
  [/\blest\b/i, 'so that ... not'],
  [/\b(say|says) so\b/i, 'say what'],
  [/\bgoes with(out)?\b/i, 'needs, or is for'],
  [/\bas it (stands|was read|was asked)\b/i, 'name the state'],
  [/\bby what was read\b/i, 'from the data that was read'],
  [/\bis (not )?told\b/i, 'name, or show'],
  [/(?<![Tt]here )\bis no [A-Za-z]/, 'is not a'],
  [/, for (it|they|the|this|that|what|one|its) /, 'because'],
  [/\bso that (it|nobody|one)\b/i, 'so'],
  [/\banother \w+( \w+)? than\b/i, 'a different ... from'],
  [/\bstops? to [a-z]/i, 'stops -ing'],
  [/\b(jobs?|roles?|vaults?|stacks?|recovery points?) of (AWS Backup|CloudFormation)\b/i, 'AWS Backup job'],
  [/\b(KMS|RDS|IAM) rights?\b|\bneeds? (a|no|the) rights?\b|\bright in IAM\b/i, 'permission'],
  [/\bdependants?\b/i, 'dependent'],
  [/\b(decides?|depends?) the finding and w/i, 'The finding depends on ..., which was not read'],
  [/\bof its own\b/i, 'its own'],
  [/\bholds? (no|nothing|several|more)\b/i, 'has'],
  [/\bspeaks? of\b/i, 'name'],
  [/\bthe like\b/i, 'name it'],
  [/\b(is|are) there already\b/i, 'already exists'],
  [/\blive exception/i, 'exception in effect'],
  [/\bquestions? asked\b/i, 'combinations checked'],
  [/^Of \d/, 'N of M'],
  [/\b(leave|leaves) it besides\b|\bto a file besides\b/i, 'also'],
  [/, and here is\b/i, 'must be ..., but is'],
  [/\ba whole (ARN|file)\b/i, 'complete'],
  [/\b(Region and account) of (the|this) principal\b/i, 'IAM has no Regions'],
  [/\bthe nearest (is|are)\b/i, 'did you mean'],
  [/(^|[.:] )Not (met|known): /, 'precondition not met, or unknown'],
  [/\bas far as was read\b/i, 'was found'],
  [/\bnames everything\b/i, 'All names: --list-all'],
  [/\bRDS may not call\b|\bprincipal may not call\b/i, 'is not allowed to'],
  // The constant of the library keeps its name.
  [
    /(?<!`)\b(?:catalogue|colour|licence|behaviour|favour|honour|neighbour|organisation)|\b(?:recogni|anonymi|analy)se[ds]?\b/i,
    'American spelling',
  ],
  [/^(Of|Under|Beside|Among|Below) (an?|the|those|these) [^,:]*[,:]/, 'subject, verb, object'],
];

/**
 * All texts of a program that are longer than a word. Types are skipped, because their texts are
 * names.
 */
function textsIn(node: Node): readonly string[] {
  if (/^(TS(?!As|Satisfies)|ImportDeclaration|ExportAll)/.test(String(node['type']))) return [];
  const text = writtenIn(node);
  return [...(text !== undefined && /\S \S/.test(text) ? [text] : []), ...childrenOf(node).flatMap(textsIn)];
}

const written = sources.map(({ file, program }) => ({ file, texts: textsIn(program) }));
const golden = new URL('golden/', import.meta.url);
const shown = [
  ...readdirSync(golden).map((name) => ({ file: `golden/${name}`, text: readFileSync(new URL(name, golden), 'utf8') })),
  { file: 'e2e/transcripts.md', text: readFileSync(new URL('e2e/transcripts.md', import.meta.url), 'utf8') },
  ...['CHANGELOG.md', ...userPages, ...ownPages].map((page) => ({
    file: page,
    text: readFileSync(pageUrl(page), 'utf8'),
  })),
].map(({ file, text }) => ({ file, texts: text.split('\n\n').map((part) => part.replaceAll(/\s+/g, ' ')) }));

function unplain(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) =>
    banned.flatMap(([phrase, instead]) => {
      const found = phrase.exec(text);
      return found === null ? [] : [`"${found[0]}" (${instead}) in: ${text}`];
    }),
  );
}

interface TextsOfFile {
  readonly file: string;
  readonly texts: readonly string[];
}

/** The results of `faultsIn`, with the file. */
function inFiles(
  files: readonly TextsOfFile[],
  faultsIn: (texts: readonly string[]) => readonly string[],
): readonly string[] {
  return files.flatMap(({ file, texts }) => faultsIn(texts).map((fault) => `${file}: ${fault}`));
}

test('no phrase is banned that is not', () => {
  expect(unplain(['The statement depends on the key: fix the policy.'])).toEqual([]);
  expect(unplain(['No verdict hangs on it.', 'Of a denial: the layers', 'See the catalogue.'])).toHaveLength(3);
});

describe('banned phrases', () => {
  test('are not in the source', () => {
    expect(inFiles(written, unplain)).toEqual([]);
  });

  test('are not in what is shown', () => {
    expect(inFiles(shown, unplain)).toEqual([]);
  });

  test('are not in the operations', () => {
    expect(unplain(catalogue.flatMap(({ does, phrase }) => [does, phrase]))).toEqual([]);
  });
});

/** A longer sentence has to be read twice. A value that is filled in counts as one word. */
const mostWords = 30;

function longSentencesIn(texts: readonly string[]): readonly string[] {
  return texts
    .flatMap((text) => text.split(/(?<=[.?!])\s+(?=[A-Z"`…])/))
    .filter((sentence) => sentence.split(/\s+/).filter((word) => /[\p{L}\d…]/u.test(word)).length > mostWords);
}

/** The files that write sentences, for a report or for people who read its codes. */
const speaking = written.filter(
  ({ file }) => /^(explain|report|contract)\//.test(file) && !/page-(script|style)\.ts$/.test(file),
);

describe('sentences', () => {
  test('a long one is found', () => {
    expect(longSentencesIn([`Short one. ${'word '.repeat(mostWords + 1)}.`])).toHaveLength(1);
    expect(longSentencesIn([`${'word '.repeat(mostWords)}.`])).toEqual([]);
  });

  test('none has more than 30 words', () => {
    expect(inFiles(speaking, longSentencesIn)).toEqual([]);
  });
});
