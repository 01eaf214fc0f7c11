import type { ActionDefinition } from '../connector/definition/definition.ts';
import type { OperationType } from '../connector/manifest/operation.zod.ts';
import { apply } from './apply.ts';
import { bulk } from './bulk.ts';
import { create } from './create.ts';
import { remove } from './delete.ts';
import { discover } from './discover.ts';
import { listGroups } from './list-groups.ts';
import { listMembers } from './list-members.ts';
import { members } from './members.ts';
import type { AnyHandler, OperationHandler } from './operation.ts';
import { patch } from './patch.ts';
import { plan } from './plan.ts';
import { read } from './read.ts';
import { replace } from './replace.ts';
import { request } from './request.ts';
import { search } from './search.ts';
import { sequence } from './sequence.ts';

/** The whole language of actions: one handler for each type of operation. */
const handlers: { readonly [Type in OperationType]: OperationHandler<Type> } = {
  create,
  read,
  search,
  patch,
  replace,
  delete: remove,
  members,
  list_groups: listGroups,
  list_members: listMembers,
  sequence,
  bulk,
  plan,
  apply,
  discover,
  request,
};

/** The handler of an action's operation. No handler knows an action by its key. */
export function handlerOf({ operation }: ActionDefinition): AnyHandler {
  return handlers[operation.type] as AnyHandler;
}
