import type { HttpResponse } from '../../../connector/platform.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { formatTime } from '../../../scim/timestamps.ts';
import { fetchFromSource, sentAtInMs, unexpectedBody } from '../event-source-client.ts';
import { type EventLog, isLogPage, type LogPage, type LogSettings, openLog } from '../log/poll-log.ts';
import { senderTexts } from '../sender-texts.ts';
import { type PullSource, settingsAs } from '../source.ts';
import { parseJson } from '../webhook-auth/request-checks.ts';
import { secureUrl } from '../webhook-auth/secure-url.ts';
import { auditTime, createAuditEntryReader, workatoAuditNames } from './workato-audit-events.ts';

interface Settings extends LogSettings {
  readonly apiUrl: string;
  readonly apiToken: string;
}

const source = 'workato_activity_log';

/** Workato's activity log, as data. */
export const workatoLog = {
  sender: {
    name: 'Workato activity log',
    nextSteps: {
      auth: 'Use a valid API token of a Workato API client as `apiToken`, and the `apiUrl` of its data center.',
      forbidden:
        'In Workato, grant the role of the API client the endpoint "Get activity audit log" (Environment management). The workspace needs the activity audit log.',
      not_found:
        'Check that `apiUrl` is the Developer API of your data center, such as https://www.workato.com/api.',
      rate_limited: 'Poll less often. Workato allows 60 requests a minute.',
      unavailable:
        'Poll again later. If the error persists, check `apiUrl` and the network, or contact Workato.',
      tooLarge: 'Contact Workato.',
      otherwise: 'Check `apiUrl`. If it is correct, contact Workato.',
    },
  },
  path: '/activity_logs',
  /** The Developer API allows 60 requests a minute; the same client can have others. */
  spacingInMs: 1_200,
  eventNames: [...workatoAuditNames.keys()],
};

/** "The default and maximum number of records is 100" (docs.workato.com, environment management). */
const pageSize = 100;

/**
 * The audit log of a Workato workspace, fetched with `GET /activity_logs` of its Developer API. Workato does not document
 * whether a page begins with the oldest or the newest entry.
 */
export const workatoActivityLog: PullSource = {
  type: source,
  delivery: 'pull',
  // Workato uses its own numbers for members.
  usesScimIds: false,
  connects: true,
  open(context, given) {
    const settings = settingsAs<Settings>(given);
    const { platform } = context;
    const url = `${secureUrl('apiUrl', settings.apiUrl).replace(/\/+$/, '')}${workatoLog.path}`;
    const sender = { ...workatoLog.sender, token: settings.apiToken };
    const log: EventLog = {
      source,
      spacingInMs: workatoLog.spacingInMs,
      read: createAuditEntryReader(context, source),
      async fetchPage({ fromInMs, after }, signal) {
        const query = new URLSearchParams({ 'page[size]': String(pageSize), from: formatTime(fromInMs) });
        if (after !== undefined) query.set('page[after]', after);
        for (const name of workatoLog.eventNames) query.append('include_event_types[]', name);
        const response = await fetchFromSource(platform, sender, {
          method: 'GET',
          url: `${url}?${query}`,
          headers: { authorization: `Bearer ${settings.apiToken}` },
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
  const { data } = isRecord(answer) ? answer : {};
  if (!isLogPage(data, hasId))
    throw unexpectedBody(response, senderTexts.noData, workatoLog.sender.nextSteps.otherwise);
  const identified = data.filter(hasId);
  return {
    entries: identified.map((content) => ({
      id: String(content.id),
      atInMs: auditTime(content.timestamp),
      content,
    })),
    unidentified: data.length - identified.length,
    // A page that is not full is not proof of the end: Workato documents only the largest size.
    isLast: data.length === 0,
    answeredAtInMs: sentAtInMs(response),
  };
}

function hasId(entry: unknown): entry is { readonly id: string | number; readonly timestamp?: unknown } {
  return (
    isRecord(entry) && ((typeof entry.id === 'string' && entry.id !== '') || typeof entry.id === 'number')
  );
}
