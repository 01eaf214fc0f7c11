import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { ScimResponse } from '../connector/http/scim-client.ts';
import type { Equality } from '../connector/provider/equality-filter.ts';
import { lookUp } from '../connector/provider/references.ts';
import { lastSegment } from '../connector/provider/resource-path.ts';
import type { Resource } from '../connector/resource.ts';
import { jsonPathOf, valuesAt } from '../scim/attribute-values.ts';
import { type GivenAttribute, givenToOperations, withoutNoOps } from '../scim/patch/build-operations.ts';
import { sendChange } from './change.ts';
import { givenAttributes } from './given-attributes.ts';
import { type ActionContext, type OperationHandler, resourceOf } from './operation.ts';
import { patchChange } from './patch.ts';
import { readById } from './read.ts';
import { targetOf } from './target.ts';
import { toResource } from './to-resource.ts';

/** POST of a new resource, which is never repeated without a look whether the one before was done. */
export const create: OperationHandler<'create'> = {
  type: 'create',
  async run(context, action, input) {
    const creation = new Creation(
      context,
      resourceOf(context, action),
      givenAttributes(action, resourceOf(context, action), input),
    );
    switch (action.operation.onConflict) {
      case 'fail':
        return creation.create();
      case 'return':
        return (await creation.findExisting()) ?? creation.createOr((existing) => Promise.resolve(existing));
      case 'update': {
        const update = (existing: Resource): Promise<Resource> => creation.update(existing);
        const existing = await creation.findExisting();
        return existing === undefined ? creation.createOr(update) : update(existing);
      }
    }
  },
  async toBulkStep(context, action, input) {
    const definition = resourceOf(context, action);
    return {
      method: 'POST',
      path: definition.endpoint,
      body: toResource(definition, givenAttributes(action, definition, input)),
    };
  },
};

/** `Date` counts whole seconds, and an answer takes a while to come: so much older may a resource of ours look. */
const clockToleranceInMs = 3_000;

class Creation {
  readonly #context: ActionContext;
  readonly #definition: ResourceDefinition;
  readonly #given: readonly GivenAttribute[];
  readonly #body: Readonly<Record<string, unknown>>;
  readonly #startedAtInMs: number;

  constructor(context: ActionContext, definition: ResourceDefinition, given: readonly GivenAttribute[]) {
    this.#context = context;
    this.#definition = definition;
    this.#given = given;
    this.#body = toResource(definition, given);
    this.#startedAtInMs = context.maybeSentSinceInMs ?? context.platform.now();
  }

  async create(): Promise<Resource> {
    const { client, normalize } = this.#reader;
    try {
      const answer = await client.send({
        method: 'POST',
        path: this.#definition.endpoint,
        body: this.#body,
        signal: this.#context.signal,
        ...(this.#identity !== undefined && {
          recoverLostResponse: (deadlineAtInMs: number) => this.#lookForOwn(deadlineAtInMs),
        }),
      });
      return answer.body === undefined ? await this.#readCreated(answer) : normalize(answer.body);
    } catch (error) {
      // The look came before the provider was done with the attempt that was lost: its user is in our way now.
      const own = isConflict(error) && this.#mayBeOwn(error) ? await this.#lookForOwn() : undefined;
      if (own === undefined) throw error;
      return normalize(own.body);
    }
  }

  /** Creates it, unless somebody was faster: then `otherwise` is done with what is there. */
  async createOr(otherwise: (existing: Resource) => Promise<Resource>): Promise<Resource> {
    try {
      return await this.create();
    } catch (error) {
      const existing = isConflict(error) ? await this.findExisting() : undefined;
      if (existing === undefined) throw error;
      return otherwise(existing);
    }
  }

  /** What is there under the name that the new one would have. */
  async findExisting(): Promise<Resource | undefined> {
    if (this.#identity === undefined) return undefined;
    const { found } = await lookUp(this.#reader, this.#definition, this.#identity);
    if (found.length < 2) return found[0];
    throw new ConnectorError('conflict', {
      what: `${found.length} of them have ${this.#identity.path} "${this.#identity.value}", so it is not clear which one is meant.`,
      nextStep: 'Update the right one by its id.',
    });
  }

  /** Sets what was given where it differs; nothing is sent when nothing does. */
  async update(existing: Resource): Promise<Resource> {
    const given = this.#given.filter(({ path }) => path !== this.#identity?.path);
    const operations = withoutNoOps(givenToOperations(given), this.#definition, existing);
    if (operations.length === 0) return existing;
    return sendChange(this.#context, this.#definition, targetOf(existing), patchChange(operations));
  }

  get #reader(): ReturnType<ActionContext['reader']> {
    return this.#context.reader(this.#definition, this.#context.signal);
  }

  get #identity(): Equality | undefined {
    for (const path of this.#definition.uniqueKeys) {
      const [value] = valuesAt(this.#body, jsonPathOf(this.#definition, path));
      if (typeof value === 'string') return { path, value };
    }
    return undefined;
  }

  #mayBeOwn(error: ConnectorError): boolean {
    return error.attempts > 1 || this.#context.maybeSentSinceInMs !== undefined;
  }

  /** Looks for what this creation may have made: it has the same name, and is no older than the first attempt. */
  async #lookForOwn(deadlineAtInMs?: number): Promise<ScimResponse | undefined> {
    if (this.#identity === undefined) return undefined;
    const options = deadlineAtInMs === undefined ? {} : { deadlineAtInMs };
    const { found, clockAheadInMs } = await lookUp(this.#reader, this.#definition, this.#identity, options);
    const own = found.find((resource) => this.#isOwn(resource, clockAheadInMs));
    return own === undefined ? undefined : { status: 201, headers: {}, body: own, attempts: 1 };
  }

  #isOwn({ meta, externalId }: Resource, clockAheadInMs: number): boolean {
    const sent = this.#body.externalId;
    if (sent !== undefined && externalId !== undefined && externalId !== sent) return false;
    const createdAtInMs = Date.parse(meta?.created ?? '');
    // A provider that does not say when it was created leaves nothing to go by but the name.
    return (
      Number.isNaN(createdAtInMs) ||
      createdAtInMs >= this.#startedAtInMs + clockAheadInMs - clockToleranceInMs
    );
  }

  /**
   * RFC 7644 §3.3 wants the resource in the answer; some providers only say where it is. Where nothing does, it is
   * looked for, and must be new: an empty answer may be that of a proxy which has sent nothing on.
   */
  async #readCreated({ headers }: ScimResponse): Promise<Resource> {
    const id = lastSegment(
      URL.parse(headers.location ?? '', `${this.#reader.client.connection.baseUrl}/`)?.pathname ?? '',
    );
    const created = id === '' ? undefined : await readById(this.#context, this.#definition, id);
    if (created !== undefined) return created;
    const own = await this.#lookForOwn();
    if (own !== undefined) return this.#reader.normalize(own.body);
    throw new ConnectorError('provider_fault', {
      what: 'The provider said that it was created, but neither showed it nor said where it is.',
      nextStep: 'Look for it at the provider before you run the step again.',
    });
  }
}

function isConflict(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && error.code === 'conflict';
}
