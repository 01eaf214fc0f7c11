import { isSameJson, type JsonObject } from '../../scim/json.ts';
import { eventNames, manualSource, resourceTypesOfEvents, workspaceIdentity } from '../assumptions.ts';
import type { Change } from '../scim/resource/resource-record.ts';
import { type Actor, lastEventNumber, recordEvent } from './audit/audit-event.ts';
import { differenceOf } from './audit/difference.ts';
import { settingsId, streamId, type WorkspaceData } from './open-workspace-data.ts';
import { patchSettings } from './read-settings.ts';
import { openStreams, type Settings } from './settings.ts';

/** Changes settings. No change if they have these values already. */
export function changeSettings(data: WorkspaceData, patch: JsonObject, actor: Actor): readonly Change[] {
  const before = data.settings();
  const after = patchSettings(before, patch);
  if (isSameJson(before, after)) return [];
  return [
    data.settingsRecords.put(settingsId, after),
    ...(before.auditStreamUrl === after.auditStreamUrl ? [] : streamTo(data, after.auditStreamUrl)),
    ...closeStreams(data, before, after),
    recordEvent(data, {
      event: eventNames.settingsUpdated,
      user: actor,
      resource: { ...workspaceIdentity, type: resourceTypesOfEvents.workspace },
      details: { source: manualSource, ...differenceOf(publicOf(before), publicOf(after)) },
    }),
  ];
}

/** Starts streaming to a URL: the next event is the first. */
export function streamTo(data: WorkspaceData, url: string | null): readonly Change[] {
  if (url === null) return data.streams.drop(streamId);
  return [data.streams.put(streamId, { url, deliveredTo: lastEventNumber(data) })];
}

// The pending SETs of a closed stream are never fetched. A stream with a new URL keeps them.
function closeStreams({ outboxes }: WorkspaceData, before: Settings, after: Settings): readonly Change[] {
  const open = openStreams(after);
  return openStreams(before)
    .filter((name) => !open.includes(name))
    .flatMap((name) => outboxes[name].list().flatMap(({ id }) => outboxes[name].drop(id)));
}

function publicOf(settings: Settings): Settings {
  return {
    ...settings,
    auditStreamUrl: publicUrl(settings.auditStreamUrl),
    eventPushUrl: publicUrl(settings.eventPushUrl),
    eventPushToken: settings.eventPushToken === null ? null : 'hidden',
  };
}

// The URL of a log service often contains its secret in the user info or the query.
function publicUrl(url: string | null): string | null {
  if (url === null) return null;
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
