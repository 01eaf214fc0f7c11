import { attributePathOf } from '../../../connector/definition/attribute-path.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { syncedResources } from '../../../sync/synced-resources.ts';
import type { Connector, DesiredInput } from '../../connector.ts';
import type { RunOptions } from '../../open-session.ts';

type Values = Readonly<Record<string, unknown>>;
type SearchStream = (input: object, options: RunOptions) => AsyncIterable<Values>;

/**
 * Reads the users of another SCIM provider as a desired state. IDs of the other provider mean nothing here, so that managers
 * and groups are named by their names.
 *
 * @throws ConnectorError
 *
 * @example
 * ```ts
 * const other = createConnector({ baseUrl: 'https://idp.example.com/scim/v2', token: process.env.IDP_TOKEN ?? '' });
 * const plan = await connector.plan(await readProvider(other, connector.definition));
 * ```
 */
export async function readProvider(
  provider: Connector,
  target: Connector['definition'],
  options: RunOptions = {},
): Promise<DesiredInput> {
  const { users: definition } = syncedResources(target);
  const { name } = syncedResources(provider.definition).users;
  const search = provider.definition.actions.find(
    ({ operation }) => operation.type === 'search' && operation.resource === name,
  );
  if (search === undefined)
    throw new ConnectorError('unsupported', {
      what: 'The manifest declares no action that searches users.',
      nextStep: 'Declare one, or export the users to a file.',
    });
  const stream = (provider.stream as Readonly<Record<string, SearchStream>>)[search.key];
  const found: Values[] = [];
  for await (const user of stream?.({}, options) ?? []) found.push(user);
  const nameOf = new Map(found.map(({ id, userName }) => [id, userName]));
  const unknown = new Set<string>();
  const users = found.map((user) => {
    const known = Object.entries(user).filter(([key]) => {
      const isKnown = definition.extensions.includes(key) || attributePathOf(definition, key) !== undefined;
      if (!isKnown) unknown.add(key);
      return isKnown && key !== 'id';
    });
    return Object.fromEntries(known.map(([key, value]) => [key, withManagerName(value, nameOf)]));
  });
  const notes = [...unknown].map((key) => `${key} was omitted, because the target does not have it.`);
  return { users, source: 'the other provider', notes };
}

/** An extension whose manager is named by username. */
function withManagerName(value: unknown, nameOf: ReadonlyMap<unknown, unknown>): unknown {
  if (!isRecord(value) || !isRecord(value.manager)) return value;
  const { manager, ...others } = value;
  const name = nameOf.get(manager.value);
  // A manager whom the other provider does not show stays who it is here.
  return name === undefined ? others : { ...others, manager: name };
}
