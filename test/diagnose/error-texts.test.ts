import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { behind, type Denied, type NamedKey } from '../../src/diagnose/error-text.ts';
import { type Incident, incidentOf } from '../../src/diagnose/incident.ts';
import { readingText } from '../../src/explain/diagnosis.ts';
import { preconditionName } from '../../src/explain/precondition-names.ts';
import { catalogue } from '../../src/operations/catalogue.ts';

interface Expected {
  readonly code?: string;
  readonly api?: string;
  readonly principal?: string;
  readonly region?: string;
  readonly target?: string;
  readonly to?: string;
  readonly key?: NamedKey;
  readonly denied?: Denied;
  readonly call?: Incident['call'];
  readonly outside?: string;
  /** The calls that the error may be about. */
  readonly calls?: readonly string[];
  readonly preconditions?: readonly string[];
  /** The message in the report, without the words that another program puts around it. */
  readonly message?: string;
  /** The codes of the explanations. */
  readonly means?: readonly string[];
  /** The error text itself says what is wrong. */
  readonly explains?: true;
  /** Parts of the explanations. */
  readonly says?: readonly string[];
  /** Text that the output must not show. */
  readonly hides?: string;
}

interface Cases {
  readonly about: string;
  readonly cases: readonly { readonly name: string; readonly text: string; readonly expect: Expected }[];
  readonly refused: readonly string[];
}

function casesOf(name: string): Cases {
  const cases: Cases = JSON.parse(readFileSync(new URL(`../cases/diagnose/${name}.json`, import.meta.url), 'utf8'));
  return cases;
}

describe.each(['error-texts', 'programs'].map(casesOf))('$about', (file) => {
  test.each(file.cases)('$name', ({ text, expect: expected }) => {
    const incident = incidentOf({ is: 'error text', text });
    const { error, api, principal, region, source, parameters, call } = incident;
    const { calls, preconditions, says, hides, message, means, explains, ...facts } = expected;
    const found = {
      code: error?.code,
      api,
      principal,
      region,
      target: source,
      to: parameters.to,
      key: error?.key,
      denied: error?.denied,
      call,
      outside: error?.outside,
    };
    expect(JSON.parse(JSON.stringify(found))).toEqual(facts);
    if (error === undefined) throw new Error('no error');
    const about = behind(
      error,
      catalogue.filter((one) => api === undefined || one.api === api),
    );
    if (calls !== undefined) expect(about.calls).toEqual(calls);
    if (preconditions !== undefined) expect(about.preconditions.map(preconditionName)).toEqual(preconditions);
    for (const part of says ?? []) expect(error.says.map(readingText).join('\n')).toContain(part);
    if (hides !== undefined) expect(JSON.stringify(incident)).not.toContain(hides);
    if (message === undefined)
      expect(text.replaceAll(/[\s│╷╵\\]+/g, ' ')).toContain(error.message.replace(/\.\.\.$/, ''));
    else expect(error.message).toBe(message);
    expect(error.says.map((reading) => reading.code)).toEqual(expect.arrayContaining([...(means ?? [])]));
    if (means !== undefined) expect(error.explains).toBe(explains);
  });

  test.each(file.refused)('refused: %s', (text) => {
    expect(() => incidentOf({ is: 'error text', text })).toThrow(Failure);
  });
});
