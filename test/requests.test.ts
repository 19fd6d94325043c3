import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { demoIncident } from '../src/diagnose/demo-incident.ts';
import { type Incident, incidentOf } from '../src/diagnose/incident.ts';
import { catalogue } from '../src/operations/catalogue.ts';

interface Case {
  readonly name: string;
  readonly api: string;
  readonly requestParameters: Readonly<Record<string, unknown>>;
  readonly expect: { readonly command: string; readonly source?: string; readonly parameters: Incident['parameters'] };
}

const url = new URL('./cases/diagnose/requests.json', import.meta.url);
const file: { readonly about: string; readonly cases: readonly Case[] } = JSON.parse(readFileSync(url, 'utf8'));

describe(file.about, () => {
  test.each(file.cases)('$api: $name', ({ api, requestParameters, expect: { command, ...asked } }) => {
    if (demoIncident.is !== 'CloudTrail event') throw new Error('not an event');
    const event = { ...demoIncident.event, eventName: api, requestParameters };
    const { operation, source, parameters } = incidentOf({ is: 'CloudTrail event', event });
    expect({ command: operation?.command, api: operation?.api, source, parameters }).toEqual({
      command,
      api,
      source: undefined,
      ...asked,
    });
  });

  test('every API of the catalogue is among them', () => {
    const tried = new Set(file.cases.map(({ api }) => api));
    expect(catalogue.filter(({ api }) => !tried.has(api)).map(({ api }) => api)).toEqual([]);
  });
});
