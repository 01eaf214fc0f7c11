import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import type { ScimResponse } from '../connector/http/scim-client.ts';
import { problemTexts } from '../connector/problem-texts.ts';
import { fitsEqualities } from '../connector/provider/equality-filter.ts';
import { lookUpReference } from '../connector/provider/look-up.ts';
import { lastSegment } from '../connector/provider/resource-path.ts';
import type { Resource } from '../connector/resource.ts';
import { isRecord } from '../schemas/is-record.ts';
import { foldCase } from '../scim/fold-case.ts';
import { type GivenAttribute, givenToOperations } from '../scim/patch/build-operations.ts';
import { outcomeOf, remainingOperations } from '../scim/patch/outcome.ts';
import type { PatchOperation } from '../scim/patch/patch-operation.ts';
import { jsonPathOf, valuesAt } from '../scim/path.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { readTime } from '../scim/timestamps.ts';
import { patchResource } from './change.ts';
import { changeMembers, chunkSize, requireMembership } from './change-members.ts';
import { notDone } from './confirm-change.ts';
import { explainTaken } from './explain-taken.ts';
import { givenAttributes } from './given-attributes.ts';
import { earliestCreation, findCreated, findExisting, type Identity, readById, targetOf } from './look-up.ts';
import { type ActionContext, type OperationHandler, resourceOf } from './operation.ts';
import { foldedMemberIds, hidesMembers, memberIds } from './shown-members.ts';
import { toResource } from './to-resource.ts';

/** POST of a new resource. It is never retried without a lookup of the previous attempt. */
export const create: OperationHandler<'create'> = {
  type: 'create',
  async run(context, action, input) {
    const creator = new Creator(
      context,
      resourceOf(context, action),
      givenAttributes(action, resourceOf(context, action), input),
      input.matchBy as string | undefined,
    );
    switch (action.operation.onConflict) {
      case 'fail':
        return creator.create();
      case 'return':
        return (await creator.findExisting()) ?? creator.createOr((existing) => Promise.resolve(existing));
      case 'update': {
        const update = (existing: Resource): Promise<Resource> => creator.update(existing);
        const existing = await creator.findExisting();
        return existing === undefined ? creator.createOr(update) : update(existing);
      }
    }
  },
  async toBulkStep(context, action, input) {
    const definition = resourceOf(context, action);
    // Only a unique value makes the provider reject a second one.
    const { matchBy } = input;
    if (typeof matchBy === 'string' && !definition.uniqueKeys.includes(matchBy)) return undefined;
    const given = givenAttributes(action, definition, input);
    return {
      method: 'POST',
      path: definition.endpoint,
      body: toResource(definition, given),
      confirm: (confirming, response) => confirmCreated(confirming, definition, given, response),
    };
  },
};

/** What decides about access: roles, and whether the user is active. */
function decisiveOperations(
  { roles }: ResourceDefinition,
  given: readonly GivenAttribute[],
): readonly PatchOperation[] {
  const decisive = new Set(['active', ...roles]);
  return givenToOperations(given.filter(({ path }) => decisive.has(path)));
}

/**
 * Creates a resource with the given attributes, and returns it. If it may have been sent before
 * (`maybeSentSinceInMs`), it is looked for first.
 *
 * @throws ConnectorError `conflict` if another one has its unique value
 */
export async function createResource(
  context: ActionContext,
  definition: ResourceDefinition,
  given: readonly GivenAttribute[],
): Promise<CreatedResource> {
  const creator = new Creator(context, definition, given);
  const sent = await creator.findSent();
  return { resource: sent ?? (await creator.create()), wasThere: sent !== undefined };
}

/** A resource that exists now as it was to be created. */
export interface CreatedResource {
  readonly resource: Resource;
  /** Whether it was there before this creation was sent, so that none was. */
  readonly wasThere: boolean;
}

/**
 * The resource that a creation made, whose response came with others. It must be shown as {@link createResource}
 * requires it.
 *
 * @throws ConnectorError
 */
export function confirmCreated(
  context: ActionContext,
  definition: ResourceDefinition,
  given: readonly GivenAttribute[],
  response: ScimResponse,
): Promise<Resource> {
  return new Creator(context, definition, given).confirm(response);
}

class Creator {
  readonly #context: ActionContext;
  readonly #definition: ResourceDefinition;
  readonly #given: readonly GivenAttribute[];
  readonly #body: Readonly<Record<string, unknown>>;
  readonly #startedAtInMs: number;
  /** What an existing resource is found by, if it is not the unique value. */
  readonly #match: Match | undefined;

  constructor(
    context: ActionContext,
    definition: ResourceDefinition,
    given: readonly GivenAttribute[],
    matchBy?: string,
  ) {
    this.#context = context;
    this.#definition = definition;
    this.#given = given;
    this.#body = toResource(definition, given);
    this.#startedAtInMs = context.maybeSentSinceInMs ?? context.platform.now();
    this.#match = matchOf(definition, this.#body, matchBy);
  }

  /** Creates it; a group with many members, or whose members are rejected, is created first and filled afterwards. */
  async create(): Promise<Resource> {
    const ids = [...(memberIds(this.#body) ?? [])];
    if (ids.length > (this.#context.habits.membersPerRequest ?? chunkSize)) return this.#createAndFill(ids);
    try {
      return await this.#confirm(await this.#post(this.#body), ids);
    } catch (error) {
      const isRejected = error instanceof ConnectorError && error.code === 'invalid_input' && ids.length > 0;
      if (!isRejected) throw error;
      return this.#createAndFill(ids);
    }
  }

  async confirm(response: ScimResponse): Promise<Resource> {
    const created = this.#requireNew(await this.#readCreated(response), response);
    return this.#confirm(created, [...(memberIds(this.#body) ?? [])]);
  }

  async #createAndFill(ids: readonly string[]): Promise<Resource> {
    const { members: _, ...body } = this.#body;
    const created = await this.#post(body);
    return this.#fill(created, ids);
  }

  async #fill(created: Resource, ids: readonly string[]): Promise<Resource> {
    try {
      await changeMembers(this.#context, this.#definition, created.id, {
        change: 'add',
        ids,
        chunkSize,
        isReadAfterwards: true,
      });
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      throw new ConnectorError(error.code, {
        ...error,
        ...fillError(errorTexts.createdWithoutMembers, {
          resource: this.#definition.title.toLowerCase(),
          id: created.id,
          message: error.message,
        }),
        cause: error,
      });
    }
    const filled = { ...created, members: ids.map((value) => ({ value })) };
    // The members are added, whether or not the group can be read.
    const group = await readById(this.#context, this.#definition, created.id).catch(() => undefined);
    if (group === undefined) return filled;
    const isShown =
      !(await hidesMembers(this.#context, this.#definition, group)) &&
      (await requireMembership(this.#context, this.#definition, group, 'add', ids));
    return isShown ? group : { ...group, members: undefined };
  }

  /** Compares what was created with what decides about access, members included. */
  async #confirm(created: Resource, ids: readonly string[]): Promise<Resource> {
    const model = modelOf(this.#definition);
    const wanted = decisiveOperations(this.#definition, this.#given);
    const isOpen = (resource: Resource) => (operation: PatchOperation) =>
      outcomeOf(operation, model, resource) === 'open';
    const lacks = (resource: Resource): boolean => {
      const held = foldedMemberIds(resource);
      return held !== undefined && ids.some((id) => !held.has(foldCase(id)));
    };
    if (!wanted.some(isOpen(created)) && !lacks(created)) return created;
    const resource = (await readById(this.#context, this.#definition, created.id)) ?? created;
    const open = wanted.find(isOpen(resource));
    if (open !== undefined) throw notDone(this.#definition, open, resource);
    return lacks(resource) ? this.#fill(resource, ids) : resource;
  }

  async #post(body: Readonly<Record<string, unknown>>): Promise<Resource> {
    const { client } = this.#reader;
    try {
      const response = await client.send({
        method: 'POST',
        path: this.#definition.endpoint,
        body,
        signal: this.#context.signal,
        ...(this.#identity !== undefined && {
          recoverLostResponse: (deadlineAtInMs: number) => this.#recoverLostResponse(deadlineAtInMs),
        }),
      });
      return this.#requireNew(await this.#readCreated(response), response);
    } catch (error) {
      // The check ran before the provider completed the lost attempt: its user is now the conflict.
      const own = isConflict(error) && this.#mayBeOwn(error) ? await this.#findCreated() : undefined;
      if (own === undefined) throw error;
      return own;
    }
  }

  /** Creates it, unless it exists in the meantime: then `otherwise` handles the existing resource. */
  async createOr(otherwise: (existing: Resource) => Promise<Resource>): Promise<Resource> {
    try {
      return await this.create();
    } catch (error) {
      const existing = isConflict(error) ? await this.findExisting() : undefined;
      if (existing === undefined && this.#match !== undefined)
        throw await explainTaken(this.#context, this.#definition, undefined, this.#given, error);
      if (existing === undefined) throw error;
      return otherwise(existing);
    }
  }

  /** The resource that already has the unique value, or the value that it is matched by. */
  async findExisting(): Promise<Resource | undefined> {
    if (this.#match !== undefined) return this.#findMatch(this.#match);
    return this.#identity === undefined
      ? undefined
      : findExisting(this.#context, this.#definition, this.#identity);
  }

  async #findMatch({ key, path, value }: Match): Promise<Resource | undefined> {
    const { found, isAbsenceProved } = await lookUpReference(this.#reader, this.#definition, {
      [key]: value,
    });
    // Nothing else would keep a second resource with this value from being created.
    if (found === undefined && !isAbsenceProved)
      throw new ConnectorError(
        'unsupported',
        fillError(errorTexts.matchUnproved, {
          resource: this.#definition.title.toLowerCase(),
          path,
          value,
        }),
      );
    return found;
  }

  /** The resource that an earlier run of the same creation may have made. */
  async findSent(): Promise<Resource | undefined> {
    return this.#context.maybeSentSinceInMs === undefined ? undefined : this.#findCreated();
  }

  /** Sets the given values that differ; sends nothing if none do. */
  async update(existing: Resource): Promise<Resource> {
    const matched = this.#match?.path ?? this.#identity?.path;
    const given = this.#given.filter(({ path }) => path !== matched);
    const operations = remainingOperations(givenToOperations(given), modelOf(this.#definition), existing);
    if (operations.length === 0) return existing;
    return patchResource(this.#context, this.#definition, targetOf(existing), {
      operations,
      before: existing,
    });
  }

  get #reader(): ReturnType<ActionContext['reader']> {
    return this.#context.reader(this.#definition, this.#context.signal);
  }

  get #identity(): Identity | undefined {
    for (const path of this.#definition.uniqueKeys) {
      const [value] = valuesAt(this.#body, jsonPathOf(modelOf(this.#definition), path));
      if (typeof value === 'string') return { path, value };
    }
    return undefined;
  }

  #mayBeOwn(error: ConnectorError): boolean {
    return error.attempts > 1 || this.#context.maybeSentSinceInMs !== undefined;
  }

  /** Finds the resource that an earlier attempt can have created. */
  async #findCreated(deadlineAtInMs?: number): Promise<Resource | undefined> {
    if (this.#identity === undefined) return undefined;
    const creation = {
      identity: this.#identity,
      externalId: this.#body.externalId,
      startedAtInMs: this.#startedAtInMs,
    };
    return findCreated(this.#context, this.#definition, creation, deadlineAtInMs);
  }

  async #recoverLostResponse(deadlineAtInMs: number): Promise<ScimResponse | undefined> {
    const body = await this.#findCreated(deadlineAtInMs);
    return body === undefined ? undefined : { status: 201, headers: {}, body, attempts: 1 };
  }

  /**
   * RFC 7644 §3.3 has the resource in the response; some providers only say where it is, or return another object.
   * Without either, it is looked up, and must be new: an empty response may be that of a proxy which sent nothing on.
   */
  async #readCreated({ headers, body }: ScimResponse): Promise<Resource> {
    if (isRecord(body) && body.id !== undefined && body.id !== null && body.id !== '')
      return this.#requireOwn(this.#reader.normalize(body));
    const location = URL.parse(headers.location ?? '', `${this.#reader.client.connection.baseUrl}/`);
    const id = lastSegment(location?.pathname ?? '');
    const created = id === '' ? undefined : await readById(this.#context, this.#definition, id);
    if (created !== undefined) return this.#requireOwn(created);
    const own = await this.#findCreated();
    if (own !== undefined) return own;
    throw new ConnectorError('provider_fault', errorTexts.creationUnclear);
  }

  #requireOwn(created: Resource): Resource {
    const identity = this.#identity;
    if (identity === undefined || fitsEqualities(this.#definition, created, [identity]) !== false)
      return created;
    const { path, value } = identity;
    const resource = this.#definition.title.toLowerCase();
    throw new ConnectorError(
      'provider_fault',
      fillError(errorTexts.createdOther, { resource, path, value, id: created.id }),
    );
  }

  /**
   * RFC 7644 §3.3 has status 201 for a creation. Some providers answer 200 with the resource that has the unique value
   * already.
   */
  #requireNew(created: Resource, { status, headers }: ScimResponse): Resource {
    const createdAtInMs = readTime(created.meta?.created);
    const answeredAtInMs = Date.parse(headers.date ?? '');
    const nowInMs = this.#context.platform.now();
    const earliestInMs = earliestCreation(
      this.#startedAtInMs,
      nowInMs,
      Number.isNaN(answeredAtInMs) ? nowInMs : answeredAtInMs,
    );
    if (status === 201 || createdAtInMs === undefined || createdAtInMs >= earliestInMs) return created;
    const values = { resource: this.#definition.title.toLowerCase(), id: created.id };
    throw new ConnectorError('conflict', { ...fillError(errorTexts.createdEarlier, values), status });
  }
}

/** A value that identifies an existing resource, although the provider may accept a second one with it. */
interface Match {
  /** The lookup key. */
  readonly key: string;
  readonly path: string;
  readonly value: string;
}

/** @throws ConnectorError `invalid_input` if the value is missing */
function matchOf(
  definition: ResourceDefinition,
  body: Readonly<Record<string, unknown>>,
  key: string | undefined,
): Match | undefined {
  const [path] = definition.lookupKeys.find((lookup) => lookup.key === key)?.attributes ?? [];
  if (key === undefined || path === undefined || definition.uniqueKeys.includes(path)) return undefined;
  const [value] = valuesAt(body, jsonPathOf(modelOf(definition), path));
  if (typeof value === 'string' && value !== '') return { key, path, value };
  throw invalidInput([{ path: key, message: problemTexts.matchMissing }]);
}

function isConflict(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && error.code === 'conflict';
}
