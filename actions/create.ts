import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { ScimResponse } from '../connector/http/scim-client.ts';
import type { Equality } from '../connector/provider/equality-filter.ts';
import { lastSegment } from '../connector/provider/resource-path.ts';
import type { Resource } from '../connector/resource.ts';
import { valuesAt } from '../scim/json-path.ts';
import { type GivenAttribute, givenToOperations, withoutNoOps } from '../scim/patch/build-operations.ts';
import { jsonPathOf } from '../scim/path.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { sendChange } from './change.ts';
import { givenAttributes } from './given-attributes.ts';
import { findCreated, findExisting, readById, targetOf } from './look-up.ts';
import { type ActionContext, type OperationHandler, resourceOf } from './operation.ts';
import { patchChange } from './patch.ts';
import { toResource } from './to-resource.ts';

/** POST of a new resource, which is never repeated without a look whether the one before was done. */
export const create: OperationHandler<'create'> = {
  type: 'create',
  async run(context, action, input) {
    const creator = new Creator(
      context,
      resourceOf(context, action),
      givenAttributes(action, resourceOf(context, action), input),
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
    return {
      method: 'POST',
      path: definition.endpoint,
      body: toResource(definition, givenAttributes(action, definition, input)),
    };
  },
};

class Creator {
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
          recoverLostResponse: (deadlineAtInMs: number) => this.#recoverLostResponse(deadlineAtInMs),
        }),
      });
      return answer.body === undefined ? await this.#readCreated(answer) : normalize(answer.body);
    } catch (error) {
      // The look came before the provider was done with the attempt that was lost: its user is in our way now.
      const own = isConflict(error) && this.#mayBeOwn(error) ? await this.#findCreated() : undefined;
      if (own === undefined) throw error;
      return own;
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

  /** The resource that already has the unique value. */
  async findExisting(): Promise<Resource | undefined> {
    return this.#identity === undefined
      ? undefined
      : findExisting(this.#context, this.#definition, this.#identity);
  }

  /** Sets what was given where it differs; nothing is sent when nothing does. */
  async update(existing: Resource): Promise<Resource> {
    const given = this.#given.filter(({ path }) => path !== this.#identity?.path);
    const operations = withoutNoOps(givenToOperations(given), modelOf(this.#definition), existing);
    if (operations.length === 0) return existing;
    return sendChange(this.#context, this.#definition, targetOf(existing), patchChange(operations));
  }

  get #reader(): ReturnType<ActionContext['reader']> {
    return this.#context.reader(this.#definition, this.#context.signal);
  }

  get #identity(): Equality | undefined {
    for (const path of this.#definition.uniqueKeys) {
      const [value] = valuesAt(this.#body, jsonPathOf(modelOf(this.#definition), path));
      if (typeof value === 'string') return { path, value };
    }
    return undefined;
  }

  #mayBeOwn(error: ConnectorError): boolean {
    return error.attempts > 1 || this.#context.maybeSentSinceInMs !== undefined;
  }

  /** Finds what this creation may have made before. */
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
   * RFC 7644 §3.3 wants the resource in the answer; some providers only say where it is. Where nothing does, it is
   * looked for, and must be new: an empty answer may be that of a proxy which has sent nothing on.
   */
  async #readCreated({ headers }: ScimResponse): Promise<Resource> {
    const id = lastSegment(
      URL.parse(headers.location ?? '', `${this.#reader.client.connection.baseUrl}/`)?.pathname ?? '',
    );
    const created = id === '' ? undefined : await readById(this.#context, this.#definition, id);
    if (created !== undefined) return created;
    const own = await this.#findCreated();
    if (own !== undefined) return own;
    throw new ConnectorError('provider_fault', errorTexts.creationUnclear);
  }
}

function isConflict(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && error.code === 'conflict';
}
