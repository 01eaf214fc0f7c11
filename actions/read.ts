import { findById } from '../connector/provider/find-by-id.ts';
import { projectionQuery } from '../connector/provider/read-pages.ts';
import { findReferenced, idOfReference, notFound, type Reference } from '../connector/provider/references.ts';
import type { Resource } from '../connector/resource.ts';
import { type ActionContext, type OperationHandler, resourceOf } from './operation.ts';

/** GET of one resource, by id or by a unique attribute. */
export const read: OperationHandler<'read'> = {
  type: 'read',
  async run(context, action, input) {
    const definition = resourceOf(context, action);
    const reference = input[definition.reference.key] as Reference;
    const projection = projectionOf(input);
    const id = idOfReference(reference);
    const found =
      id === undefined
        ? await findReferenced(context.reader(definition, context.signal), definition, reference, projection)
        : await readById(context, definition, id, projection);
    if (found === undefined && action.operation.onMissing === 'fail') throw notFound(definition, reference);
    return found ?? null;
  },
};

/** The projection that an input asks for (RFC 7644 §3.9). */
export function projectionOf(input: Readonly<Record<string, unknown>>): Projection {
  return {
    attributes: input.attributes as readonly string[] | undefined,
    excludedAttributes: input.excludedAttributes as readonly string[] | undefined,
  };
}

type Projection = {
  readonly attributes?: readonly string[] | undefined;
  readonly excludedAttributes?: readonly string[] | undefined;
};

/** Reads a resource by its id; undefined when there is none. */
export async function readById(
  context: ActionContext,
  definition: Parameters<ActionContext['reader']>[0],
  id: string,
  projection: Projection = {},
): Promise<Resource | undefined> {
  const reader = context.reader(definition, context.signal);
  const found = await findById(reader, definition, id, projectionQuery(projection));
  if (found === undefined) await context.confirmService(definition);
  return found;
}
