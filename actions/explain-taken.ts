import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { detailText, errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import { isSameId } from '../connector/provider/look-up.ts';
import type { PatchOperation } from '../scim/patch/patch-operation.ts';
import { findExisting } from './look-up.ts';
import type { ActionContext } from './operation.ts';

type Values = readonly Pick<PatchOperation, 'path' | 'value'>[];

/** Whether values include one that no two resources share, such as a username. */
export function setsUnique({ uniqueKeys }: ResourceDefinition, values: Values): boolean {
  return values.some(({ path }) => uniqueKeys.includes(path));
}

/**
 * The error of a rejected change or creation, which says who has the unique value, if that is the reason. Some providers
 * answer 400 to a value that is taken.
 *
 * @param id - of the changed resource; undefined for a new one
 */
export async function explainTaken(
  context: ActionContext,
  definition: ResourceDefinition,
  id: string | undefined,
  values: Values,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof ConnectorError) || (error.status !== 409 && error.status !== 400)) return error;
  const resource = definition.title.toLowerCase();
  const detail = detailText(error.detail);
  for (const { path, value } of values) {
    if (!definition.uniqueKeys.includes(path) || typeof value !== 'string') continue;
    const holder = await findHolder(context, definition, path, value);
    if (holder === undefined || (id !== undefined && isSameId(holder, id))) continue;
    const text = fillError(errorTexts.nameTaken, { resource, path, value, id: holder, detail });
    return new ConnectorError('conflict', { ...error, ...text, cause: error });
  }
  return error;
}

/** The ID of the resource that has a unique value; undefined if the provider does not show it. */
async function findHolder(
  context: ActionContext,
  definition: ResourceDefinition,
  path: string,
  value: string,
): Promise<string | undefined> {
  try {
    return (await findExisting(context, definition, { path, value }))?.id;
  } catch (error) {
    // The rejection is the error to report.
    if (error instanceof ConnectorError) return undefined;
    throw error;
  }
}
