import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import { subjectOf } from '../../../connector/definition/events.ts';
import type { EventChange, EventSubject, EventType, ProvisioningEvent } from '../../../connector/event.ts';
import type { SourceType } from '../../../connector/manifest/source.zod.ts';
import { createNormalizer, type Normalizer } from '../../../connector/provider/normalize.ts';
import type { Resource } from '../../../connector/resource.ts';
import { fill } from '../../../schemas/fill.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { operationsIn } from '../../../scim/patch/flatten-patch.ts';
import { readPath } from '../../../scim/path.ts';
import { modelOf } from '../../../scim/schema/resource-model.ts';
import { formatTime } from '../../../scim/timestamps.ts';
import { changeOf, changeTo, isOfTheRecord, memberChanges } from '../../changes.ts';
import { dedupeKey, type EventParts, makeEvent, updateEvents } from '../event-mapping/make-event.ts';
import { createValueReader, type ValueReader } from '../event-mapping/value-reader.ts';
import type { SourceContext } from '../source.ts';
import { rejectionTexts } from '../webhook-auth/rejection-texts.ts';
import { RejectedRequest } from '../webhook-auth/request-checks.ts';
import { type PatchChanges, patchChanges } from './patch-changes.ts';
import { readSetSubject } from './set-subject.ts';
import type { VerifiedSet } from './verify-set.ts';

/** Maps a verified token to events. @throws RejectedRequest if it does not follow RFC 9967 */
export type SetReader = (set: VerifiedSet) => readonly ProvisioningEvent[];

/** The options of a token source. */
export interface SetReaderOptions {
  readonly source: SourceType;
  /** Whether a PUT with an inactive user counts as a deactivation. */
  readonly treatInactivePutAsDeactivation: boolean;
}

/** Creates a reader. One token describes one change of one resource (RFC 8417 §2, RFC 9967 §2.1). */
export function createSetReader(
  { definition, platform }: SourceContext,
  { source, treatInactivePutAsDeactivation }: SetReaderOptions,
): SetReader {
  const tools = new Map<string, Tools>();

  const toolsOf = (resource: ResourceDefinition): Tools => {
    const known = tools.get(resource.name) ?? {
      resource,
      normalize: createNormalizer(resource),
      readValue: createValueReader(resource),
    };
    tools.set(resource.name, known);
    return known;
  };

  return (set) => {
    const reports = readReports(set.events);
    if (reports.size === 0) {
      platform.log({ level: 'debug', event: 'set_ignored', jti: set.id, why: 'it has no known event' });
      return [];
    }
    const shownData = [...reports.values()].find(({ data }) => data !== undefined && !isPatch(data))?.data;
    const { resource, id, shown } = readSetSubject(definition, set.claims.sub_id, shownData);
    if (resource === undefined) {
      platform.log({
        level: 'debug',
        event: 'set_ignored',
        jti: set.id,
        why: 'its resource type is unknown',
      });
      return [];
    }
    const known = toolsOf(resource);
    const data = shownData === undefined ? null : known.normalize({ ...shownData, id });
    const key = dedupeKey('set', set.issuer, set.id);
    const parts: EventParts = {
      id: set.id,
      source,
      occurredAt: formatTime(set.occurredAtInMs),
      resource: resource.name,
      subject: subjectShown(known.normalize({ ...shown, id }), data),
      data,
      dedupeKeyOf: (type) => `${key}/${type}`,
    };
    if (reports.has('delete')) return [makeEvent('delete', parts)];
    if (reports.has('create')) return [makeEvent('create', parts, data === null ? [] : memberChanges(data))];
    return readUpdate(reports, parts, known, treatInactivePutAsDeactivation);
  };
}

interface Tools {
  readonly resource: ResourceDefinition;
  readonly normalize: Normalizer;
  readonly readValue: ValueReader;
}

/** The content under an event URI. */
interface Report {
  /** For `full`: the resource, or the request that changed it. */
  readonly data: Readonly<Record<string, unknown>> | undefined;
  /** For `notice`: the names of the changed attributes; empty if they are missing. */
  readonly attributes: readonly string[];
}

function readReports(events: VerifiedSet['events']): ReadonlyMap<EventType, Report> {
  const reports = new Map<EventType, Report>();
  for (const [uri, payload] of Object.entries(events)) {
    const kind = setKindOf(uri);
    if (kind === undefined) continue;
    const { data, attributes } = isRecord(payload) ? payload : {};
    if (kind.form === 'full') {
      if (!isRecord(data)) throw withoutData(uri);
      reports.set(kind.type, { data, attributes: [] });
    } else if (!reports.has(kind.type)) {
      const names = kind.form === 'notice' && Array.isArray(attributes) ? attributes : [];
      reports.set(kind.type, {
        data: undefined,
        attributes: names.filter((name) => typeof name === 'string'),
      });
    }
  }
  return reports;
}

function isPatch(data: Readonly<Record<string, unknown>>): boolean {
  return operationsIn(data) !== undefined;
}

/** An update, a change of `active`, or both: reported once each, however many URIs contain it. */
function readUpdate(
  reports: ReadonlyMap<EventType, Report>,
  parts: EventParts,
  tools: Tools,
  treatInactivePutAsDeactivation: boolean,
): readonly ProvisioningEvent[] {
  const updates = [reports.get('patch'), reports.get('put')].filter((update) => update !== undefined);
  const read = updates.map((update) => changesOf(update, tools));
  const changes = read.flatMap((one) => one.changes);
  const active = activeAfter(reports, changes, parts.data ?? null, treatInactivePutAsDeactivation);
  return updateEvents(
    parts,
    active === undefined
      ? changes
      : [changeTo('active', active), ...changes.filter(({ path }) => path !== 'active')],
    {
      type: reports.has('put') && !reports.has('patch') ? 'put' : 'patch',
      evenWithoutChanges: read.some(({ isComplete }) => !isComplete),
    },
  );
}

function changesOf({ data, attributes }: Report, { resource, readValue }: Tools): PatchChanges {
  if (data === undefined) {
    return {
      changes: [...new Set(attributes)].flatMap((name) => noticed(resource, name)),
      isComplete: attributes.length > 0,
    };
  }
  const operations = operationsIn(data);
  // A whole resource does not show which values are new.
  return operations === undefined
    ? { changes: [], isComplete: false }
    : patchChanges(resource, readValue, operations);
}

function noticed(resource: ResourceDefinition, name: string): readonly EventChange[] {
  const path = readPath(modelOf(resource), name);
  return isOfTheRecord(path) ? [] : [changeOf(path.text)];
}

/** The new value of `active`; undefined if the token does not report a change of it. */
function activeAfter(
  reports: ReadonlyMap<EventType, Report>,
  changes: readonly EventChange[],
  data: Resource | null,
  treatInactivePutAsDeactivation: boolean,
): boolean | undefined {
  const changed = changes.find(({ path, to }) => path === 'active' && typeof to === 'boolean');
  if (changed !== undefined) return changed.to === true;
  if (reports.has('deactivate')) return false;
  if (reports.has('activate')) return true;
  return treatInactivePutAsDeactivation && data?.active === false ? false : undefined;
}

/** The subject, with the identifying attributes of the token's subject and of the resource. */
function subjectShown(subject: Resource, data: Resource | null): EventSubject {
  const named = subjectOf(subject);
  const shown = data === null ? named : subjectOf(data);
  return {
    id: named.id,
    externalId: named.externalId ?? shown.externalId,
    userName: named.userName ?? shown.userName,
    displayName: named.displayName ?? shown.displayName,
  };
}

function withoutData(uri: string): RejectedRequest {
  return new RejectedRequest('invalid_request', {
    what: fill(rejectionTexts.noData, { uri: uri.slice(0, 100) }),
    nextStep: 'Ask the issuer for events that follow RFC 9967 §2.4.',
  });
}

/** The meaning of the URI of a SCIM event (RFC 9967 §2.4). */
export interface SetKind {
  readonly type: EventType;
  /** `full` contains the data, `notice` the names of the changed attributes; the others contain nothing. */
  readonly form: 'full' | 'notice' | 'plain';
}

const kinds: ReadonlyMap<string, SetKind> = new Map([
  ['create:full', { type: 'create', form: 'full' }],
  ['create:notice', { type: 'create', form: 'notice' }],
  ['patch:full', { type: 'patch', form: 'full' }],
  ['patch:notice', { type: 'patch', form: 'notice' }],
  ['put:full', { type: 'put', form: 'full' }],
  ['put:notice', { type: 'put', form: 'notice' }],
  ['delete', { type: 'delete', form: 'plain' }],
  ['activate', { type: 'activate', form: 'plain' }],
  ['deactivate', { type: 'deactivate', form: 'plain' }],
]);

const prefix = 'urn:ietf:params:scim:event:prov:';

/**
 * The meaning of an event URI for a resource; undefined if it has none. A resource that is added to a feed or removed
 * from it has not changed (RFC 9967 §2.3), and the result of an asynchronous request is also reported by
 * the events of its changes (§2.5.1.3). The URIs are URNs, whose `urn:ietf:params` compares case-insensitively;
 * drafts also used `SCIM`, so the whole URI does here.
 */
export function setKindOf(uri: string): SetKind | undefined {
  const name = uri.toLowerCase();
  return name.startsWith(prefix) ? kinds.get(name.slice(prefix.length)) : undefined;
}
