import { patchResource } from '../actions/change.ts';
import { type CreatedResource, createResource } from '../actions/create.ts';
import { removeResource } from '../actions/delete.ts';
import { readById, targetOf } from '../actions/look-up.ts';
import { attributesLost } from '../actions/require-kept.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { Resource } from '../connector/resource.ts';
import { fill } from '../schemas/fill.ts';
import type { GivenAttribute } from '../scim/patch/build-operations.ts';
import type { PatchOperation } from '../scim/patch/patch-operation.ts';
import { modelOf, type ResourceModel } from '../scim/schema/resource-model.ts';
import type { ChangeResult } from './apply-result.ts';
import {
  type ApplyRun,
  asPlanned,
  contextOfCreation,
  isFirstHere,
  type NewRecord,
  refusedResult,
  wasSentBefore,
  whenDone,
} from './apply-run.ts';
import { isSameValue, valueAt } from './compare-user.ts';
import { type AttributeChange, nameOfUser, type PlannedUser, type UserChange } from './plan.ts';
import { planTexts } from './plan-texts.ts';
import { shortPath } from './row-texts.ts';

/**
 * Makes the change of one user, if the user is as it was when the plan was made. The user is read first, and the
 * provider must show the change afterwards.
 *
 * @throws ConnectorError if the provider rejects the change
 */
export async function applyUserChange(run: ApplyRun, change: UserChange): Promise<ChangeResult> {
  if (change.kind === 'create') return createUser(run, change);
  const id = change.user.id ?? run.createdIds.get(change.user.createdBy ?? '');
  if (id === undefined) return { change, outcome: 'waiting', message: planTexts.userNotCreated };
  const resolved = withCreatedIds(run, change);
  // A user that someone else changes between the read and the change is read again.
  for (let race = 0; ; race += 1) {
    const user = await readById(run.context, run.users, id);
    if (user === undefined) return whenGone(run, change);
    const model = modelOf(run.users);
    const differences = differencesOf(model, user, resolved);
    if (differences.length > 0)
      return refusedResult(run, change, refusalText(user, differences), differences);
    const open = resolved.attributes.filter((one) => !isDone(model, user, one, change.user));
    if (change.kind !== 'delete' && open.length === 0) return whenDone(run, change);
    try {
      const result =
        change.kind === 'delete'
          ? await deleteUser(run, resolved, user)
          : await updateUser(run, resolved, user, open, race);
      return { ...result, change };
    } catch (error) {
      const isChanged = error instanceof ConnectorError && error.code === 'precondition_failed';
      if (!isChanged || race === maxRaces) throw error;
    }
  }
}

/** The number of times that a user is read again because someone else changed it. */
const maxRaces = 2;

async function createUser(run: ApplyRun, change: UserChange): Promise<ChangeResult> {
  const { attributes } = withCreatedIds(run, change);
  const context = contextOfCreation(run, change.id);
  const isFirst = isFirstHere(run, change.id);
  await run.record([sendingCreation({ ...change, attributes })]);
  let created: CreatedResource;
  try {
    created = await createResource(context, run.users, givenOf(attributes));
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'conflict') throw error;
    return refusedResult(run, change, fill(planTexts.userExists, { message: error.message }));
  }
  const { resource, wasThere } = created;
  const differences = shownChanges(modelOf(run.users), resource, attributes);
  const isFound = wasThere && isFirst;
  if (isFound && differences.length > 0)
    return refusedResult(run, change, foundText(resource, differences), differences);
  await recordCreated(run, { ...change, attributes }, resource);
  return isFound ? asPlanned(change) : { change, outcome: 'changed' };
}

/** The record before a creation is sent. */
export function sendingCreation({ id, kind, user, attributes }: UserChange): NewRecord {
  return { type: 'sending', id, kind, user, attributes };
}

/** The values of a creation. */
export function givenOf(attributes: readonly AttributeChange[]): readonly GivenAttribute[] {
  return attributes.map(({ path, to }) => ({ path, value: to }));
}

/** Records that a user was created, and how the provider shows it. */
export async function recordCreated(
  run: ApplyRun,
  change: UserChange,
  created: Resource,
): Promise<ChangeResult> {
  run.createdIds.set(change.id, created.id);
  const after = shownChanges(modelOf(run.users), created, change.attributes);
  await run.record([
    { type: 'done', id: change.id, createdId: created.id, ...(after.length > 0 && { after }) },
  ]);
  return { change, outcome: 'changed' };
}

async function updateUser(
  run: ApplyRun,
  change: UserChange,
  user: Resource,
  open: readonly AttributeChange[],
  race: number,
): Promise<ChangeResult> {
  const model = modelOf(run.users);
  const attributes = open.map(({ path, to }) => ({ path, from: valueAt(user, model, path) ?? null, to }));
  await run.record([{ type: 'sending', id: change.id, kind: change.kind, user: namesOf(user), attributes }]);
  const target = targetOf(user);
  let deleted: Resource | undefined;
  let lost: readonly string[] = [];
  const onGone = (): Resource => {
    deleted = user;
    return { ...user, active: false };
  };
  // A provider that calls each version stale would never accept one.
  const isInsisting = race < maxRaces && !run.context.habits.rejectsVersions;
  const shown = await patchResource(run.context, run.users, target, {
    operations: open.map(operationOf),
    ifVersion: isInsisting ? target.version : undefined,
    before: user,
    onLost: (paths) => {
      lost = paths;
    },
    ...(change.kind === 'deactivate' && { onGone }),
  });
  const after = [
    ...shownChanges(model, shown, attributes),
    ...lost.map((path) => ({
      path,
      from: valueAt(user, model, path) ?? null,
      to: valueAt(shown, model, path) ?? null,
    })),
  ];
  await run.record([
    {
      type: 'done',
      id: change.id,
      ...(after.length > 0 && { after }),
      ...(deleted !== undefined && { deleted }),
    },
  ]);
  if (lost.length === 0) return { change, outcome: 'changed' };
  const { code, message } = attributesLost(run.users, user.id, lost);
  return { change, outcome: 'failed', code, message };
}

async function deleteUser(run: ApplyRun, change: UserChange, user: Resource): Promise<ChangeResult> {
  await run.record([
    { type: 'sending', id: change.id, kind: change.kind, user: namesOf(user), before: user },
  ]);
  const { alreadyGone } = await removeResource(run.context, run.users, { id: user.id });
  await run.record([{ type: 'done', id: change.id }]);
  const isOwn = !alreadyGone || wasSentBefore(run, change.id);
  return { change, outcome: isOwn ? 'changed' : 'unchanged' };
}

/** The user no longer exists: that is what a deletion wants. */
async function whenGone(run: ApplyRun, change: UserChange): Promise<ChangeResult> {
  if (change.kind !== 'delete') return refusedResult(run, change, planTexts.userGone);
  return whenDone(run, change);
}

/** Whether a user has a value already. Who was shown as active, and is not any more, is inactive. */
function isDone(
  model: ResourceModel,
  user: Resource,
  { path, to }: AttributeChange,
  planned: PlannedUser,
): boolean {
  const now = valueAt(user, model, path);
  if (path === 'active' && to === false && now === undefined) return planned.active === true;
  return isSameValue(model, path, now, to);
}

/** What is no longer as it was when the plan was made: the user's names, and the attributes that change. */
function differencesOf(
  model: ResourceModel,
  user: Resource,
  { kind, user: planned, attributes }: UserChange,
): readonly AttributeChange[] {
  const given = new Map(attributes.map((one) => [one.path, one]));
  const basis = [
    ...attributes,
    ...(['userName', 'externalId', 'active'] as const)
      .filter((path) => !given.has(path))
      .map((path) => ({ path, from: planned[path] ?? null, to: planned[path] ?? null })),
  ];
  return basis.flatMap(({ path, from, to }) => {
    const now = valueAt(user, model, path) ?? null;
    const isSame = (wanted: unknown): boolean =>
      path === 'active' ? isSameActive(now, wanted) : isSameValue(model, path, now, wanted);
    const isAsPlanned = isSame(from) || (kind !== 'delete' && isSame(to));
    return isAsPlanned ? [] : [{ path, from, to: now }];
  });
}

/** Lists may not show who is active, so that a plan does not know. Some providers show it only of those who are. */
function isSameActive(now: unknown, wanted: unknown): boolean {
  return wanted === null || now === wanted || (wanted === false && now === null);
}

function refusalText(user: Resource, differences: readonly AttributeChange[]): string {
  const list = differences.map(({ path, from, to }) =>
    fill(planTexts.difference, { attribute: shortPath(path), from: textOf(from), to: textOf(to) }),
  );
  return fill(planTexts.userChanged, { user: nameOfUser(namesOf(user)), differences: list.join('; ') });
}

function foundText(user: Resource, differences: readonly AttributeChange[]): string {
  const attributes = differences.map(({ path }) => shortPath(path)).join(', ');
  return fill(planTexts.createdSince, { user: nameOfUser(namesOf(user)), attributes });
}

/** A value as messages show it. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return planTexts.none;
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}

/** Puts the IDs of users whom the plan creates in the place of their names. */
function withCreatedIds({ createdIds }: ApplyRun, change: UserChange): UserChange {
  if (change.attributes.every(({ toUserOf }) => toUserOf === undefined)) return change;
  return {
    ...change,
    attributes: change.attributes.map(({ toUserOf, ...one }) => {
      const id = createdIds.get(toUserOf ?? '');
      return id === undefined ? one : { ...one, to: id, toUserName: String(one.to) };
    }),
  };
}

/** The values that a provider shows in another form than they were sent, or not at all. */
export function shownChanges(
  model: ResourceModel,
  shown: Resource,
  attributes: readonly AttributeChange[],
): readonly AttributeChange[] {
  return attributes.flatMap((one) => {
    const value = valueAt(shown, model, one.path);
    return isSameValue(model, one.path, value, one.to) ? [] : [{ ...one, to: value ?? null }];
  });
}

function operationOf({ path, to }: AttributeChange): PatchOperation {
  return to === null ? { op: 'remove', path } : { op: 'replace', path, value: to };
}

function namesOf({ id, userName, externalId, active }: Resource): PlannedUser {
  return {
    id,
    ...(typeof userName === 'string' && { userName }),
    ...(typeof externalId === 'string' && { externalId }),
    ...(typeof active === 'boolean' && { active }),
  };
}
