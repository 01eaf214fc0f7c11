import type { ConnectorDefinition, ResourceDefinition } from '../../connector/definition/definition.ts';
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

/** Finds resources by a part of their name, for a list in a form that identifies one by its ID. @throws ConnectorError */
export async function findResources(
  { actions }: ConnectorDefinition,
  resource: ResourceDefinition,
  session: Pick<Session, 'runAction'>,
  text: string,
): Promise<readonly ListEntry[]> {
  const action = actions.find(
    ({ operation }) => operation.type === 'search' && operation.resource === resource.name,
  );
  if (action === undefined) return [];
  const names = [...new Set(['displayName', ...resource.uniqueKeys])];
  const search = async (input: object): Promise<readonly ListEntry[]> => {
    const { resources } = (await session.runAction(action.key, { attributes: names, ...input })) as {
      readonly resources: readonly Resource[];
    };
    return resources.map((one) => ({ name: nameOf(one, names), value: one.id }));
  };
  if (text === '') return search({ limit: maxEntries });
  try {
    const filter = names.map((name) => `${name} co ${JSON.stringify(text)}`).join(' or ');
    return await search({ filter, limit: maxEntries });
  } catch (error) {
    // Many providers support only "eq".
    if (!(error instanceof ConnectorError) || !['invalid_input', 'unsupported'].includes(error.code))
      throw error;
    const all = await search({ limit: maxScanned });
    return all.filter(({ name }) => containsText(name, text)).slice(0, maxEntries);
  }
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
