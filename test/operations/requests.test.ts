import { describe, expect, test } from 'vitest';
import { demoIncident } from '../../src/diagnose/demo-incident.ts';
import { incidentOf } from '../../src/diagnose/incident.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { requests } from '../matrix-case.ts';

describe('a request as CloudTrail records it', () => {
  test.each(requests)('$api: $name', ({ api, requestParameters, expect: { command, ...asked } }) => {
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

  test('every API of the catalog is among them', () => {
    const tried = new Set(requests.map(({ api }) => api));
    expect(catalogue.filter(({ api }) => !tried.has(api)).map(({ api }) => api)).toEqual([]);
  });
});
