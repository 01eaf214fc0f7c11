import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import { subjectOf } from '../../../connector/definition/events.ts';
import type { EventChange, EventSubject, EventType, ProvisioningEvent } from '../../../connector/event.ts';
import type { SourceType } from '../../../connector/manifest/manifest.zod.ts';
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

/** Reads what a verified token tells. @throws RejectedRequest when it is not as RFC 9967 has it */
export type SetReader = (set: VerifiedSet) => readonly ProvisioningEvent[];

/** How a source of tokens is read. */
export interface SetReaderOptions {
  readonly source: SourceType;
  /** Whether a PUT that shows a user who is not active counts as a deactivation. */
  readonly treatInactivePutAsDeactivation: boolean;
}

/** Makes a reader. All that one token tells is one change of one resource (RFC 8417 §2, RFC 9967 §2.1). */
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
    const told = readTold(set.events);
    if (told.size === 0) {
      platform.log({ level: 'debug', event: 'set_ignored', jti: set.id, why: 'it identifies no resource' });
      return [];
    }
    const shownData = [...told.values()].find(({ data }) => data !== undefined && !isPatch(data))?.data;
    const { resource, id, shown } = readSetSubject(definition, set.claims.sub_id, shownData);
    if (resource === undefined) {
      platform.log({ level: 'debug', event: 'set_ignored', jti: set.id, why: 'unknown event type' });
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
    if (told.has('delete')) return [makeEvent('delete', parts)];
    if (told.has('create')) return [makeEvent('create', parts, data === null ? [] : memberChanges(data))];
    return readUpdate(told, parts, known, treatInactivePutAsDeactivation);
  };
}

interface Tools {
  readonly resource: ResourceDefinition;
  readonly normalize: Normalizer;
  readonly readValue: ValueReader;
}

/** What is told under an event URI. */
interface Told {
  /** Of `full`: the resource, or the request that changed it. */
  readonly data: Readonly<Record<string, unknown>> | undefined;
  /** Of `notice`: the names of the attributes that changed; empty when it does not say. */
  readonly attributes: readonly string[];
}

function readTold(events: VerifiedSet['events']): ReadonlyMap<EventType, Told> {
  const told = new Map<EventType, Told>();
  for (const [uri, payload] of Object.entries(events)) {
    const kind = setKindOf(uri);
    if (kind === undefined) continue;
    const { data, attributes } = isRecord(payload) ? payload : {};
    if (kind.form === 'full') {
      if (!isRecord(data)) throw withoutData(uri);
      told.set(kind.type, { data, attributes: [] });
    } else if (!told.has(kind.type)) {
      const names = kind.form === 'notice' && Array.isArray(attributes) ? attributes : [];
      told.set(kind.type, { data: undefined, attributes: names.filter((name) => typeof name === 'string') });
    }
  }
  return told;
}

function isPatch(data: Readonly<Record<string, unknown>>): boolean {
  return operationsIn(data) !== undefined;
}

/** An update, a change of `active`, or both: told once each, however many URIs say it. */
function readUpdate(
  told: ReadonlyMap<EventType, Told>,
  parts: EventParts,
  tools: Tools,
  treatInactivePutAsDeactivation: boolean,
): readonly ProvisioningEvent[] {
  const updates = [told.get('patch'), told.get('put')].filter((update) => update !== undefined);
  const read = updates.map((update) => changesOf(update, tools));
  const changes = read.flatMap((one) => one.changes);
  const active = activeAfter(told, changes, parts.data ?? null, treatInactivePutAsDeactivation);
  return updateEvents(
    parts,
    active === undefined
      ? changes
      : [changeTo('active', active), ...changes.filter(({ path }) => path !== 'active')],
    {
      type: told.has('put') && !told.has('patch') ? 'put' : 'patch',
      evenWithoutChanges: read.some(({ isComplete }) => !isComplete),
    },
  );
}

function changesOf({ data, attributes }: Told, { resource, readValue }: Tools): PatchChanges {
  if (data === undefined) {
    return {
      changes: [...new Set(attributes)].flatMap((name) => noticed(resource, name)),
      isComplete: attributes.length > 0,
    };
  }
  const operations = operationsIn(data);
  // A whole resource does not say what in it is new.
  return operations === undefined
    ? { changes: [], isComplete: false }
    : patchChanges(resource, readValue, operations);
}

function noticed(resource: ResourceDefinition, name: string): readonly EventChange[] {
  const path = readPath(modelOf(resource), name);
  return isOfTheRecord(path) ? [] : [changeOf(path.text)];
}

/** What `active` was changed to; undefined when the token does not say that it was changed. */
function activeAfter(
  told: ReadonlyMap<EventType, Told>,
  changes: readonly EventChange[],
  data: Resource | null,
  treatInactivePutAsDeactivation: boolean,
): boolean | undefined {
  const changed = changes.find(({ path, to }) => path === 'active' && typeof to === 'boolean');
  if (changed !== undefined) return changed.to === true;
  if (told.has('deactivate')) return false;
  if (told.has('activate')) return true;
  return treatInactivePutAsDeactivation && data?.active === false ? false : undefined;
}

/** Whom it is about, by what the subject shows, and by what the resource shows beyond that. */
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

/** What the URI of a SCIM event says (RFC 9967 §2.4). */
export interface SetKind {
  readonly type: EventType;
  /** `full` carries the data, `notice` the names of what changed; the others carry nothing. */
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
 * What an event URI says of a resource; undefined when it says nothing of that sort. Being added to a feed or removed
 * from it is nothing in the life of a resource (RFC 9967 §2.3), and the end of an asynchronous request is told again by
 * the events of what it did (§2.5.1.3). The URIs are URNs, whose `urn:ietf:params` compares without regard to case;
 * drafts also spelled `SCIM`, so that all of it does here.
 */
export function setKindOf(uri: string): SetKind | undefined {
  const name = uri.toLowerCase();
  return name.startsWith(prefix) ? kinds.get(name.slice(prefix.length)) : undefined;
}
