import type { HttpResponse } from '../../../connector/platform.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { formatTime, readTime } from '../../../scim/timestamps.ts';
import { fetchFromSource, sentAtInMs, unexpectedBody } from '../event-source-client.ts';
import { type EventLog, isLogPage, type LogPage, type LogSettings, openLog } from '../log/poll-log.ts';
import { senderTexts } from '../sender-texts.ts';
import { type PullSource, settingsAs } from '../source.ts';
import { parseJson } from '../webhook-auth/request-checks.ts';
import { secureUrl } from '../webhook-auth/secure-url.ts';
import { createWorkosEventReader, workosEventNames } from './workos-events.ts';

interface Settings extends LogSettings {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly organizationId?: string;
}

const source = 'workos_events';

/** The log of WorkOS's Events API, as data. */
export const workosLog = {
  sender: {
    name: 'WorkOS Events API',
    nextSteps: {
      auth: 'Use a valid API key of the WorkOS environment as `apiKey`.',
      forbidden: 'In the WorkOS dashboard, grant `apiKey` permission to read events.',
      invalid_input: 'Check `organizationId` and `startAt`. If they are correct, contact WorkOS.',
      rate_limited: 'Poll less often.',
      unavailable: 'Poll again later. If the error persists, check the network, or contact WorkOS.',
      tooLarge: 'Contact WorkOS.',
      otherwise: 'Check `apiUrl`. If it is correct, contact WorkOS.',
    },
  },
  path: '/events',
  /** 6,000 requests a minute are allowed (workos.com/docs/reference/rate-limits). */
  spacingInMs: 0,
  /** "Get a list of all of events up to 30 days old" (workos.com/docs/reference/events). */
  retentionInMs: 30 * 24 * 3600_000,
  eventNames: workosEventNames,
};

const pageSize = 100;

/** Directory Sync of WorkOS, fetched with its Events API (workos.com/docs/reference/events). */
export const workosEvents: PullSource = {
  type: source,
  delivery: 'pull',
  usesScimIds: false,
  connects: true,
  open(context, given) {
    const settings = settingsAs<Settings>(given);
    const { platform } = context;
    const url = `${secureUrl('apiUrl', settings.apiUrl).replace(/\/+$/, '')}${workosLog.path}`;
    const sender = { ...workosLog.sender, token: settings.apiKey };
    const log: EventLog = {
      source,
      spacingInMs: workosLog.spacingInMs,
      retentionInMs: workosLog.retentionInMs,
      read: createWorkosEventReader(context, source),
      async fetchPage({ fromInMs, after }, signal) {
        const query = new URLSearchParams({ limit: String(pageSize), order: 'asc' });
        // Ibid.: "range_start" and "after" are mutually exclusive.
        if (after === undefined) query.set('range_start', formatTime(fromInMs));
        else query.set('after', after);
        if (settings.organizationId !== undefined) query.set('organization_id', settings.organizationId);
        for (const name of workosEventNames) query.append('events[]', name);
        const response = await fetchFromSource(platform, sender, {
          method: 'GET',
          url: `${url}?${query}`,
          headers: { authorization: `Bearer ${settings.apiKey}` },
          signal,
        });
        return readPage(response);
      },
    };
    return openLog(platform, log, settings);
  },
};

function readPage(response: HttpResponse): LogPage {
  const answer = parseJson(response.body);
  const { data, list_metadata: metadata } = isRecord(answer) ? answer : {};
  if (!isLogPage(data, hasId))
    throw unexpectedBody(response, senderTexts.noData, workosLog.sender.nextSteps.otherwise);
  const after = isRecord(metadata) ? metadata.after : undefined;
  const identified = data.filter(hasId);
  return {
    entries: identified.map((content) => ({ id: content.id, atInMs: readTime(content.created_at), content })),
    // Without metadata, an empty page is the last one.
    unidentified: data.length - identified.length,
    isLast: data.length === 0 || after === null || after === '',
    answeredAtInMs: sentAtInMs(response),
  };
}

function hasId(event: unknown): event is { readonly id: string; readonly created_at?: unknown } {
  return isRecord(event) && typeof event.id === 'string' && event.id !== '';
}
