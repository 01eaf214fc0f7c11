import type { ActionTypes, Connector } from '../../runtime/index.ts';
import type { SeenRequest } from '../support/fault.ts';

/** The actions that the faults are tried on. */
export type FaultedKey =
  | 'create_user'
  | 'upsert_user'
  | 'get_user'
  | 'update_user'
  | 'deactivate_user'
  | 'delete_user'
  | 'add_group_members'
  | 'bulk_users';

/** Who and what is there before the fault. */
export interface World {
  readonly adaId: string;
  readonly groupId: string;
}

/** One action, the request of it that goes wrong, and how to see whether it was done. */
export interface FaultedAction<Key extends FaultedKey = FaultedKey> {
  readonly key: Key;
  readonly input: (world: World) => ActionTypes[Key]['input'];
  /** The request that does the work. */
  readonly isMain: (request: SeenRequest) => boolean;
  /** How many of its changes are at the provider; `whole` of them when it is done. */
  readonly changesSeen: (direct: Connector, world: World) => Promise<number>;
  readonly whole: number;
}

/** The name of the user whom create_user, upsert_user and the first row of bulk_users make. */
export const newName = 'new@example.com';

const is =
  (method: string, path: string) =>
  (request: SeenRequest): boolean =>
    request.method === method && request.path.startsWith(`/scim/v2${path}`);

/** How many users have a name; more than one would be a duplicate. */
export async function countNamed(direct: Connector, userName: string): Promise<number> {
  return (await direct.actions.search_users({ userName })).totalResults;
}

const action = <Key extends FaultedKey>(faulted: FaultedAction<Key>): FaultedAction =>
  faulted as unknown as FaultedAction;

/** Every action that the faults are tried on. */
export const faultedActions: readonly FaultedAction[] = [
  action({
    key: 'create_user',
    input: () => ({ userName: newName, title: 'New' }),
    isMain: is('POST', '/Users'),
    changesSeen: (direct) => countNamed(direct, newName),
    whole: 1,
  }),
  action({
    key: 'upsert_user',
    input: () => ({ userName: newName, title: 'New' }),
    isMain: is('POST', '/Users'),
    changesSeen: (direct) => countNamed(direct, newName),
    whole: 1,
  }),
  action({
    key: 'get_user',
    input: ({ adaId }) => ({ user: { id: adaId } }),
    isMain: is('GET', '/Users/'),
    changesSeen: async () => 0,
    whole: 0,
  }),
  action({
    key: 'update_user',
    input: ({ adaId }) => ({ user: { id: adaId }, title: 'Changed', department: 'Changed' }),
    isMain: is('PATCH', '/Users/'),
    changesSeen: async (direct, { adaId }) => {
      const ada = await direct.actions.get_user({ user: { id: adaId } });
      const { department } = ada['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'] ?? {};
      return [ada.title, department].filter((value) => value === 'Changed').length;
    },
    whole: 2,
  }),
  action({
    key: 'deactivate_user',
    input: ({ adaId }) => ({ user: { id: adaId } }),
    isMain: is('PATCH', '/Users/'),
    changesSeen: async (direct, { adaId }) =>
      (await direct.actions.get_user({ user: { id: adaId } })).active === false ? 1 : 0,
    whole: 1,
  }),
  action({
    key: 'delete_user',
    input: ({ adaId }) => ({ user: { id: adaId } }),
    isMain: is('DELETE', '/Users/'),
    changesSeen: async (direct, { adaId }) =>
      (await direct.actions.find_user({ user: { id: adaId } })) === null ? 1 : 0,
    whole: 1,
  }),
  action({
    key: 'add_group_members',
    input: ({ adaId, groupId }) => ({ group: { id: groupId }, members: [{ id: adaId }] }),
    isMain: is('PATCH', '/Groups/'),
    changesSeen: async (direct, { groupId }) =>
      (await direct.actions.get_group({ group: { id: groupId } })).members?.length ?? 0,
    whole: 1,
  }),
  action({
    key: 'bulk_users',
    input: () => ({
      action: 'create_user',
      rows: [newName, 'second@example.com'].map((userName) => ({ userName, title: 'New' })),
    }),
    isMain: is('POST', '/Bulk'),
    changesSeen: async (direct) =>
      (await countNamed(direct, newName)) + (await countNamed(direct, 'second@example.com')),
    whole: 2,
  }),
];
