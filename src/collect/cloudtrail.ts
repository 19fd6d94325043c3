import { Failure } from '../base/failure.ts';
import { makeReader } from './reader.ts';
import { CloudTrailClient, LookupEventsCommand } from './sdk.ts';
import { type LiveOptions, settingsFrom } from './settings.ts';

/**
 * An event that CloudTrail has recorded, as JSON text.
 * @throws Failure if the event cannot be looked up, or there is no event with this ID
 */
export async function lookUpEvent(eventId: string, options: LiveOptions): Promise<string> {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const settings = await settingsFrom(options);
  try {
    const client = new CloudTrailClient(settings);
    const reader = makeReader({ endpoint: options.endpointUrl, tolerant: false });
    options.progress?.('reading the event ...');
    const { Events: events } = await reader.need({ what: 'cloudtrail:LookupEvents', resource: eventId }, () =>
      client.send(
        new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventId', AttributeValue: eventId }] }),
      ),
    );
    const text = events?.find((event) => event.EventId === eventId)?.CloudTrailEvent;
    if (text !== undefined) return text;
    throw new Failure(
      'input',
      `CloudTrail has no event \`${eventId}\` in ${settings.region}`,
      'check --region. CloudTrail keeps events for 90 days in the Region of the call, and shows new events after some minutes',
    );
  } finally {
    settings.requestHandler.destroy();
  }
}
