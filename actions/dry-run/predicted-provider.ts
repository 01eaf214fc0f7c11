import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { dryRunTexts } from '../../connector/dry-run-texts.ts';
import { errorTexts, fillError } from '../../connector/error-texts.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { DryRunChange } from '../../connector/generated/types.ts';
import type { ScimRequest, ScimResponse } from '../../connector/http/scim-client.ts';
import { mapConcurrently } from '../../connector/map-concurrently.ts';
import { lastSegment } from '../../connector/provider/resource-path.ts';
import type { Resource } from '../../connector/resource.ts';
import { fill } from '../../schemas/fill.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { Json, JsonObject } from '../../scim/json.ts';
import { applyPatch } from '../../scim/patch/apply-patch.ts';
import { itemValue } from '../../scim/patch/outcome.ts';
import { readPatch } from '../../scim/patch/read-patch.ts';
import { jsonPathOf, valuesAt } from '../../scim/path.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';
import { ScimError } from '../../scim/scim-error.ts';
import { rowOfBulkId } from '../bulk-request.ts';
import type { ActionContext } from '../operation.ts';
import { memberIds } from '../shown-members.ts';
import { adjustList, type Prediction } from './adjust-list.ts';
import { differencesMade, nameOf, replaced } from './compare-resources.ts';
import { CurrentState, type Found, isSameValue, type UniqueValue, uniqueValues } from './current-state.ts';
import { isSecret, maskSecrets, secretAttributes, secretMask, secretsIn } from './mask-secrets.ts';
import type { Recording } from './recording.ts';

/** A request that would change something. */
export type ChangingRequest = Pick<ScimRequest, 'method' | 'path' | 'body'>;

/** The error of a read that depends on a change which cannot be predicted. It ends the run. */
export class UnpredictableError extends ConnectorError {
  constructor({ method, path }: ChangingRequest) {
    super('unsupported', fillError(errorTexts.dryRunEnds, { method, path }));
  }
}

/** How a change names its resource. */
type Subject = Pick<DryRunChange, 'kind' | 'resource' | 'id' | 'name'>;

/**
 * The provider as it would be after the requests so far. It answers changing requests as RFC 7644 says, without sending
 * them, and later reads show their result.
 */
export class PredictedProvider {
  readonly #context: ActionContext;
  readonly #state: CurrentState;
  readonly #secrets: ReadonlySet<string>;
  readonly #predictions = new Map<ResourceDefinition, Map<string, Prediction>>();
  /** The resources whose state is unknown, by path, with the request after which it is. */
  readonly #unpredictable = new Map<string, ChangingRequest>();
  #placeholders = 0;

  /** @param context - of the run, whose requests are sent */
  constructor(context: ActionContext) {
    this.#context = context;
    this.#state = new CurrentState(context);
    this.#secrets = secretAttributes(Object.values(context.definition.resources));
  }

  /** Answers a request that only reads. @throws ConnectorError */
  async read(request: ScimRequest, send: () => Promise<ScimResponse>): Promise<ScimResponse> {
    const target = this.#target(request.path);
    if (target === undefined) return send();
    const { definition, id } = target;
    const predictions = this.#predictionsOf(definition);
    if (id === undefined) {
      const { body, ...response } = await send();
      const filter = request.query?.filter;
      const list = predictions.size === 0 ? body : adjustList(definition, body, filter, predictions);
      return { ...response, body: this.#withMemberships(list) };
    }
    const cause = this.#unpredictable.get(request.path);
    if (cause !== undefined) throw new UnpredictableError(cause);
    const prediction = predictions.get(id);
    if (prediction !== undefined && prediction.after === undefined) throw absent();
    const response = prediction === undefined ? await send() : answer(200, prediction.after);
    return { ...response, body: this.#withMemberships(response.body) };
  }

  /** A user, or a list of users, with the groups that they would be in. */
  #withMemberships(body: unknown): unknown {
    if (!isRecord(body)) return body;
    if (Array.isArray(body.Resources))
      return { ...body, Resources: body.Resources.map((one: unknown) => this.#withMemberships(one)) };
    if (!Array.isArray(body.groups)) return body;
    const predicted = [...this.#predictions.values()].flatMap((ofType) => [...ofType]);
    const changed = predicted.filter(
      ([, { before, after }]) => memberIds(before ?? after ?? {}) !== undefined,
    );
    const left = body.groups.filter((one: unknown) => !changed.some(([id]) => id === itemValue(one)));
    const joined = changed.filter(([, { after }]) => memberIds(after ?? {})?.has(String(body.id)) === true);
    return { ...body, groups: [...left, ...joined.map(([value]) => ({ value }))] };
  }

  /** Answers a request that changes something, and records what it changes. @throws ConnectorError if it would be rejected */
  async change(request: ChangingRequest, recording: Recording): Promise<ScimResponse> {
    const operations = bulkOperations(request);
    if (operations === undefined) {
      await this.#load(request, recording);
      return this.#apply(request, recording);
    }
    const parts = operations.map((operation) => ({
      bulkId: operation.bulkId,
      request: {
        method: operation.method as ChangingRequest['method'],
        path: String(operation.path),
        body: operation.data,
      },
      recording: recording.row(rowOfBulkId(operation.bulkId) ?? 0),
    }));
    const { concurrency } = this.#context.client.connection;
    await mapConcurrently(parts, concurrency, (part) => this.#load(part.request, part.recording));
    const answers = parts.map((part) => ({
      bulkId: part.bulkId,
      ...this.#answerOf(part.request, part.recording),
    }));
    return answer(200, { Operations: answers });
  }

  /** The answer to one operation of a bulk request. */
  #answerOf(request: ChangingRequest, recording: Recording): object {
    try {
      const { status, body } = this.#apply(request, recording);
      const id = status === 201 && isRecord(body) ? `/${encodeURIComponent(String(body.id))}` : '';
      const { baseUrl } = this.#context.client.connection;
      return {
        method: request.method,
        status: String(status),
        location: `${baseUrl}${request.path}${id}`,
      };
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      return { method: request.method, status: String(error.status ?? 400) };
    }
  }

  /** Reads what the prediction of a request depends on. */
  async #load({ path, body }: ChangingRequest, recording: Recording): Promise<void> {
    const target = this.#target(path);
    if (target === undefined) return;
    const { definition, id } = target;
    if (id !== undefined && this.#predictionsOf(definition).has(id)) return;
    if (id !== undefined) await this.#state.load(definition, id);
    else if (isRecord(body)) await this.#state.loadOwners(definition, uniqueValues(definition, body));
    const namesMembers = JSON.stringify(body ?? '').includes('"members');
    if (namesMembers && (await this.#state.hidesMembers(definition, id)))
      recording.noteUnknown(dryRunTexts.membersHidden);
  }

  #apply(request: ChangingRequest, recording: Recording): ScimResponse {
    const { method, path } = request;
    const target = this.#target(path);
    if (target !== undefined && (target.id === undefined) === (method === 'POST'))
      return target.id === undefined
        ? this.#create(target.definition, request, recording)
        : this.#changeOne(target.definition, target.id, request, recording);
    recording.noteUnknown(fill(dryRunTexts.unpredictable, { method, path }));
    return answer(200, undefined);
  }

  #create(definition: ResourceDefinition, { body }: ChangingRequest, recording: Recording): ScimResponse {
    const given = isRecord(body) ? body : {};
    for (const value of uniqueValues(definition, given)) this.#requireFree(definition, value, recording);
    const id = this.#placeholder(definition.name);
    const created = this.#normalize(definition, { ...replaced(definition, undefined, given), id });
    this.#predictionsOf(definition).set(id, { before: undefined, after: created });
    const subject: Subject = {
      kind: 'create',
      resource: definition.name,
      id,
      name: nameOf(definition, created),
    };
    this.#record(definition, subject, { id }, created, recording);
    for (const path of secretsIn(given, this.#secrets))
      recording.changes.push({ ...subject, path, from: null, to: secretMask });
    return answer(201, created);
  }

  #changeOne(
    definition: ResourceDefinition,
    id: string,
    request: ChangingRequest,
    recording: Recording,
  ): ScimResponse {
    const { method, path, body } = request;
    const found = this.#current(definition, id);
    if (found.kind === 'absent') throw found.error;
    if (found.kind === 'unreadable') {
      const values = { method, path, resource: definition.title.toLowerCase(), reason: found.error.what };
      return this.#giveUp(request, fill(dryRunTexts.unreadable, values), recording);
    }
    const before = found.resource;
    const about = { resource: definition.name, id, name: nameOf(definition, before) };
    if (method === 'DELETE') {
      recording.changes.push({ kind: 'delete', ...about, path: null, from: null, to: null });
      this.#predictionsOf(definition).set(id, { before, after: undefined });
      return answer(204, undefined);
    }
    const changed = this.#changed(definition, before, request);
    if (changed === undefined)
      return this.#giveUp(request, fill(dryRunTexts.notApplicable, { method, path }), recording);
    const prediction = this.#predictionsOf(definition).get(id);
    if (prediction !== undefined && prediction.before === undefined)
      recording.notes.add(fill(dryRunTexts.maybeVersion, { method, placeholder: id }));
    if (prediction !== undefined && method === 'PUT')
      recording.notes.add(fill(dryRunTexts.maybeAdded, { path }));
    const { meta } = changed;
    const after =
      meta?.version === undefined
        ? changed
        : { ...changed, meta: { ...meta, version: this.#placeholder('Version') } };
    const isDeleted = this.#deletesInactive && before.active !== false && after.active === false;
    if (isDeleted) recording.notes.add(dryRunTexts.deactivationDeletes);
    this.#predictionsOf(definition).set(id, { before, after: isDeleted ? undefined : after });
    this.#record(definition, { kind: 'update', ...about }, before, after, recording);
    for (const secret of secretsIn(body, this.#secrets)) {
      recording.changes.push({ kind: 'update', ...about, path: secret, from: null, to: secretMask });
      recording.noteUnknown(fill(dryRunTexts.secret, { path: secret }));
    }
    return isDeleted ? answer(204, undefined) : answer(200, after);
  }

  /** The resource after a PATCH or PUT; undefined if RFC 7644 has the request rejected. */
  #changed(
    definition: ResourceDefinition,
    before: Resource,
    { method, body }: ChangingRequest,
  ): Resource | undefined {
    const { id } = before;
    if (method === 'PUT')
      return isRecord(body)
        ? this.#normalize(definition, { ...replaced(definition, before, body), id })
        : undefined;
    const current = before as unknown as JsonObject;
    try {
      const operations = readPatch(body as Json | undefined);
      const context = { shown: () => current, maxComparisons: Number.POSITIVE_INFINITY };
      return this.#normalize(definition, applyPatch(modelOf(definition), current, operations, context));
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
      return undefined;
    }
  }

  #record(
    definition: ResourceDefinition,
    subject: Subject,
    before: Resource,
    after: Resource,
    recording: Recording,
  ): void {
    for (const { path, from = null, to = null } of differencesMade(definition, before, after)) {
      if (isSecret(path, this.#secrets)) continue;
      const [shownFrom, shownTo] = [from, to].map((value) => maskSecrets(value, this.#secrets));
      recording.changes.push({ ...subject, path, from: shownFrom, to: shownTo });
    }
  }

  /** What follows depends on a state that cannot be known. */
  #giveUp(request: ChangingRequest, note: string, recording: Recording): ScimResponse {
    this.#unpredictable.set(request.path, request);
    recording.noteUnknown(note);
    return answer(204, undefined);
  }

  #current(definition: ResourceDefinition, id: string): Found {
    const prediction = this.#predictionsOf(definition).get(id);
    const { after: resource } = prediction ?? {};
    if (resource !== undefined) return { kind: 'resource', resource };
    const found = prediction === undefined ? this.#state.found(definition, id) : undefined;
    return found ?? { kind: 'absent', error: absent() };
  }

  /** @throws ConnectorError `conflict` */
  #requireFree(definition: ResourceDefinition, value: UniqueValue, recording: Recording): void {
    const predictions = this.#predictionsOf(definition);
    const owner = this.#state.owner(definition, value) ?? { id: undefined };
    if ('error' in owner)
      recording.noteUnknown(fill(dryRunTexts.uniquenessUnknown, { ...value, reason: owner.error.what }));
    const jsonPath = jsonPathOf(modelOf(definition), value.path);
    const has = (resource: Resource | undefined): boolean =>
      resource !== undefined && valuesAt(resource, jsonPath).some((other) => isSameValue(value.value, other));
    const isKept = 'id' in owner && owner.id !== undefined && !predictions.has(owner.id);
    if (isKept || [...predictions.values()].some(({ after }) => has(after))) throw taken();
  }

  #target(path: string): { readonly definition: ResourceDefinition; readonly id?: string } | undefined {
    const pathname = URL.parse(`http://provider${path}`)?.pathname ?? path;
    for (const definition of Object.values(this.#context.definition.resources)) {
      const { endpoint } = definition;
      if (pathname === endpoint || pathname === `${endpoint}/.search`) return { definition };
      const id = pathname.startsWith(`${endpoint}/`) ? pathname.slice(endpoint.length + 1) : '';
      if (id !== '' && !id.includes('/')) return { definition, id: lastSegment(id) };
    }
    return undefined;
  }

  #predictionsOf(definition: ResourceDefinition): Map<string, Prediction> {
    const known = this.#predictions.get(definition) ?? new Map<string, Prediction>();
    this.#predictions.set(definition, known);
    return known;
  }

  /** What stands for a value that the provider will assign, until the placeholders are numbered in order. */
  #placeholder(name: string): string {
    this.#placeholders += 1;
    return `{new${name}#${this.#placeholders}}`;
  }

  #normalize(definition: ResourceDefinition, body: Readonly<Record<string, unknown>>): Resource {
    return this.#context.reader(definition).normalize(body);
  }

  /** Whether the profile of the provider says that it deletes users that are deactivated. */
  get #deletesInactive(): boolean {
    const { profile } = this.#context.definition;
    return profile?.traits.some(({ name }) => name === 'deactivate-deletes') === true;
  }
}

/** The operations of a bulk request; undefined for other requests. */
function bulkOperations({
  path,
  body,
}: ChangingRequest): readonly Readonly<Record<string, unknown>>[] | undefined {
  if (path !== '/Bulk' || !isRecord(body) || !Array.isArray(body.Operations)) return undefined;
  return body.Operations.filter(isRecord);
}

function answer(status: number, body: unknown): ScimResponse {
  return { status, headers: {}, body, attempts: 1 };
}

function absent(): ConnectorError {
  const text = fillError(errorTexts.resourceNotFound, { detail: '' });
  return new ConnectorError('not_found', { ...text, status: 404, attempts: 1 });
}

function taken(): ConnectorError {
  const text = fillError(errorTexts.conflict, { detail: '' });
  return new ConnectorError('conflict', { ...text, status: 409, scimType: 'uniqueness', attempts: 1 });
}
