import type {
  ActionDefinition,
  ConnectorDefinition,
  ResourceDefinition,
} from '../../connector/definition/definition.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { Resource } from '../../connector/resource.ts';
import type { Session } from '../../runtime/open-session.ts';

/** An entry of a list in a form, with the value to store. */
export interface ListEntry {
  readonly name: string;
  readonly value: string;
}

/** The maximum number of entries in a list; users find others by typing a part of the name. */
const maxEntries = 100;
/** The maximum number of resources to scan at a provider that cannot search by a part of the name. */
const maxScanned = 1000;

/**
 * Lists resources page by page, for a list in a form that cannot search.
 *
 * @param page - from 0. A page is the end of a longer list, because providers do not know pages of the same size
 * @throws ConnectorError
 */
export async function listResources(
  { actions }: ConnectorDefinition,
  resource: ResourceDefinition,
  session: Pick<Session, 'runAction'>,
  page: number,
): Promise<readonly ListEntry[]> {
  const entries = await searchEntries(actions, resource, session, { limit: maxEntries * (page + 1) });
  return entries.slice(maxEntries * page);
}

/** Finds resources by a part of their name, for a list in a form that identifies one by its ID. @throws ConnectorError */
export async function findResources(
  { actions }: ConnectorDefinition,
  resource: ResourceDefinition,
  session: Pick<Session, 'runAction'>,
  text: string,
): Promise<readonly ListEntry[]> {
  const search = (input: object): Promise<readonly ListEntry[]> =>
    searchEntries(actions, resource, session, input);
  if (text === '') return search({ limit: maxEntries });
  try {
    const filter = namesOf(resource)
      .map((name) => `${name} co ${JSON.stringify(text)}`)
      .join(' or ');
    return await search({ filter, limit: maxEntries });
  } catch (error) {
    // Many providers support only "eq".
    if (!(error instanceof ConnectorError) || !['invalid_input', 'unsupported'].includes(error.code))
      throw error;
    const all = await search({ limit: maxScanned });
    return all.filter(({ name }) => containsText(name, text)).slice(0, maxEntries);
  }
}

async function searchEntries(
  actions: readonly ActionDefinition[],
  resource: ResourceDefinition,
  session: Pick<Session, 'runAction'>,
  input: object,
): Promise<readonly ListEntry[]> {
  const action = searchOf(actions, resource);
  if (action === undefined) return [];
  const names = namesOf(resource);
  const { resources } = (await session.runAction(action.key, { attributes: names, ...input })) as {
    readonly resources: readonly Resource[];
  };
  return resources.map((one) => ({ name: nameOf(one, names), value: one.id }));
}

/** The action that lists resources of a type; undefined if none is declared. */
export function searchOf(
  actions: readonly ActionDefinition[],
  { name }: ResourceDefinition,
): ActionDefinition | undefined {
  return actions.find(({ operation }) => operation.type === 'search' && operation.resource === name);
}

function namesOf({ uniqueKeys }: ResourceDefinition): readonly string[] {
  return [...new Set(['displayName', ...uniqueKeys])];
}

/** Whether a text contains another one, in any case. */
export function containsText(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

/** "Ada Lovelace (ada@example.com)". */
function nameOf(resource: Resource, names: readonly string[]): string {
  const [first, second] = names
    .map((name) => resource[name])
    .filter((value) => typeof value === 'string' && value !== '');
  if (first === undefined) return resource.id;
  return second === undefined || second === first ? String(first) : `${first} (${second})`;
}
