import { describe, expect, test } from 'vitest';
import type { ExpectedNobody } from '../src/audit/who-can.ts';
import { groupBy } from '../src/base/group.ts';
import type { Assumption } from '../src/check/assumption.ts';
import type { CallReason } from '../src/check/call-reason.ts';
import type { ExpectedError } from '../src/check/expected-error.ts';
import type { DecisiveGap, IdleRead } from '../src/check/gaps.ts';
import type { Reason } from '../src/check/judgment.ts';
import type { LaterVerdict } from '../src/check/later.ts';
import type { Miss } from '../src/check/near-misses.ts';
import type { PreconditionReason } from '../src/check/preconditions/reason.ts';
import { type CodeOf, codes } from '../src/contract/codes.ts';
import type { AgeWarning } from '../src/evidence/age.ts';
import type { PreconditionCode } from '../src/operations/operation.ts';
import type { PolicyWarning } from '../src/policy/policies.ts';
import { childrenOf, isNode, type Node, type Source, sources } from './source.ts';

interface Found {
  readonly code: string;
  readonly at: string;
}

function literalsIn(node: unknown): readonly string[] {
  if (!isNode(node)) return [];
  if (node['type'] === 'Literal' && typeof node['value'] === 'string') return [node['value']];
  return childrenOf(node).flatMap(literalsIn);
}

/**
 * The codes that a type declares: `readonly code: 'this' | 'that'` in a tagged union, or a type
 * that only lists codes.
 */
function declaredIn(node: Node): readonly string[] {
  const { type, key, id, typeAnnotation } = node;
  if (type === 'TSTypeAliasDeclaration' && isNode(id) && String(id['name']).endsWith('Code'))
    return literalsIn(typeAnnotation);
  if (type === 'TSPropertySignature' && isNode(key) && key['name'] === 'code') return literalsIn(typeAnnotation);
  return childrenOf(node).flatMap(declaredIn);
}

/** What gives a value a type, such as `as const`. */
const typedValues = new Set(['TSAsExpression', 'TSSatisfiesExpression']);

/**
 * Texts that can become a part of a value. Types, comparisons and cases are skipped, because they
 * only read a code.
 */
function producedIn(node: Node): readonly string[] {
  const { type, operator, consequent, value } = node;
  if (String(type).startsWith('TS') && !typedValues.has(String(type))) return [];
  if (type === 'BinaryExpression' && String(operator).endsWith('==')) return [];
  if (type === 'SwitchCase') return Array.isArray(consequent) ? consequent.filter(isNode).flatMap(producedIn) : [];
  if (type === 'Literal') return typeof value === 'string' ? [value] : [];
  return childrenOf(node).flatMap(producedIn);
}

function found(read: (program: Node) => readonly string[], among: readonly Source[]): readonly Found[] {
  return among.flatMap(({ file, program }) => read(program).map((code) => ({ code, at: file })));
}

type Same<One, Other> = [One, Other] extends [Other, One] ? true : never;

/** The files that decide, without the files that hold the texts. */
const deciding = sources.filter(({ file }) => !file.startsWith('contract/') && !file.startsWith('explain/'));
const declared = found(declaredIn, deciding);
const produced = found(producedIn, deciding);

describe('the registry of codes', () => {
  test('gives each code a name and one meaning', () => {
    const all = Object.entries(codes).map(([code, { means }]) => ({ code, means }));
    const fine = all.filter(({ code, means }) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(code) && /^[A-Z].*\.$/.test(means));
    expect(all.filter((one) => !fine.includes(one))).toEqual([]);
    const meanings = all.map(({ means }) => means);
    expect(meanings.filter((means, at) => meanings.indexOf(means) !== at)).toEqual([]);
  });

  test('has decisions of one kind for each code, made by one place', () => {
    const places = groupBy(declared, ({ code }) => code);
    const all = Object.keys(codes).map((code) => ({ code, places: places.get(code) ?? [] }));
    expect(all.filter((one) => one.places.length !== 1)).toEqual([]);
  });

  test('has code that decides for each code, which produces it', () => {
    const made = new Set(produced.map(({ code }) => code));
    expect(Object.keys(codes).filter((code) => !made.has(code))).toEqual([]);
  });

  test('holds every code that a decision declares', () => {
    expect(declared.filter(({ code }) => !Object.hasOwn(codes, code))).toEqual([]);
  });

  test('has exactly the codes of the type of each kind of answer', () => {
    // The compiler refuses this table if a code is missing or unknown.
    const same: readonly [
      Same<Assumption['code'], CodeOf<'assumption'>>,
      Same<PreconditionCode, CodeOf<'precondition'>>,
      Same<PreconditionReason['code'], CodeOf<'answer'>>,
      Same<Reason['code'], CodeOf<'reason'>>,
      Same<CallReason['code'], CodeOf<'call'>>,
      Same<Miss['code'], CodeOf<'near-miss'>>,
      Same<(DecisiveGap | IdleRead)['code'], CodeOf<'gap'>>,
      Same<(PolicyWarning | AgeWarning | LaterVerdict | ExpectedNobody)['code'], CodeOf<'warning'>>,
      Same<ExpectedError['code'], CodeOf<'error'>>,
    ] = [true, true, true, true, true, true, true, true, true];
    expect(same).not.toContain(false);
  });
});
