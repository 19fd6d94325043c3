import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Failure } from '../src/base/failure.ts';
import { behind, type Denied, type NamedKey } from '../src/diagnose/error-text.ts';
import { type Incident, incidentOf } from '../src/diagnose/incident.ts';
import { readingText } from '../src/explain/diagnosis.ts';
import { preconditionName } from '../src/explain/preconditions.ts';
import { catalogue } from '../src/operations/catalogue.ts';

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
  /** What it can be about. */
  readonly calls?: readonly string[];
  readonly preconditions?: readonly string[];
  /** Parts of what is said of it. */
  readonly says?: readonly string[];
  /** What must not be shown. */
  readonly hides?: string;
}

const url = new URL('./cases/diagnose/error-texts.json', import.meta.url);
const file: {
  readonly about: string;
  readonly cases: readonly { readonly name: string; readonly text: string; readonly expect: Expected }[];
  readonly refused: readonly string[];
} = JSON.parse(readFileSync(url, 'utf8'));

describe(file.about, () => {
  test.each(file.cases)('$name', ({ text, expect: expected }) => {
    const incident = incidentOf({ is: 'error text', text });
    const { error, api, principal, region, source, parameters, call } = incident;
    const { calls, preconditions, says, hides, ...told } = expected;
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
    };
    expect(JSON.parse(JSON.stringify(found))).toEqual(told);
    if (error === undefined) throw new Error('no error');
    const about = behind(
      error,
      catalogue.filter((one) => api === undefined || one.api === api),
    );
    if (calls !== undefined) expect(about.calls).toEqual(calls);
    if (preconditions !== undefined) expect(about.preconditions.map(preconditionName)).toEqual(preconditions);
    for (const part of says ?? []) expect(error.says.map(readingText).join('\n')).toContain(part);
    if (hides !== undefined) expect(JSON.stringify(incident)).not.toContain(hides);
    expect(text.replaceAll(/[\s│╷╵]+/g, ' ')).toContain(error.message.replace(/\.\.\.$/, ''));
  });

  test.each(file.refused)('refused: %s', (text) => {
    expect(() => incidentOf({ is: 'error text', text })).toThrow(Failure);
  });
});
