import type { Projection } from '../connector/provider/find-by-value.ts';
import { notFound } from '../connector/provider/look-up.ts';
import { readReferenced, referenceIn } from './look-up.ts';
import { type Input, type OperationHandler, resourceOf } from './operation.ts';

/** GET of one resource, by ID or by a unique attribute. */
export const read: OperationHandler<'read'> = {
  type: 'read',
  async run(context, action, input) {
    const definition = resourceOf(context, action);
    const reference = referenceIn(input, definition);
    const found = await readReferenced(context, definition, reference, projectionOf(input));
    if (found === undefined && action.operation.onMissing === 'fail') throw notFound(definition, reference);
    return found ?? null;
  },
};

/** The projection in an input (RFC 7644 §3.9). */
export function projectionOf(input: Input): Projection {
  return {
    attributes: input.attributes as readonly string[] | undefined,
    excludedAttributes: input.excludedAttributes as readonly string[] | undefined,
  };
}
