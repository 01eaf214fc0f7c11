import { describe, expect, it } from 'vitest';
import { failureOf } from '../support/failure-of.ts';
import { onTheWire, type WireAnswer } from '../support/wire.ts';

const group = (...ids: readonly string[]): WireAnswer => ({
  body: { id: '9', displayName: 'Crew', members: ids.map((value) => ({ value })) },
});
const bare: WireAnswer = { body: { id: '9', displayName: 'Crew' } };
const list = (...groups: readonly WireAnswer[]): WireAnswer => ({
  body: { totalResults: groups.length, Resources: groups.map(({ body }) => body) },
});
/** The page after the last one. */
const end: WireAnswer = { body: { totalResults: 2, Resources: [] } };
const other: WireAnswer = { body: { id: '8', displayName: 'Staff', members: [{ value: '7' }] } };
const noList: WireAnswer = { status: 404, body: { detail: 'no such endpoint' } };
const created: WireAnswer = { status: 201, body: { id: '9', displayName: 'Crew', members: [] } };

const add = (...answers: readonly WireAnswer[]) =>
  onTheWire(answers, (connector) =>
    connector.actions.add_group_members({ group: { id: '9' }, members: [{ id: '1' }, { id: '2' }] }),
  );
const create = (...answers: readonly WireAnswer[]) =>
  onTheWire(answers, (connector) =>
    connector.actions.create_group({ displayName: 'Crew', members: [{ value: '1' }] }),
  );

describe('an addition of members whose response does not show them', () => {
  it.each([
    ['the read shows them', [{ body: {} }, group('1', '2', '3')]],
    ['the group hides its members, as all do', [{ body: {} }, bare, list(bare), end]],
    ['a filter finds the group by one that is hidden', [{ body: {} }, group('1'), list(group('1')), list()]],
  ])('is a success when %s', async (_, answers) => {
    expect((await add(...answers)).output).toMatchObject({ id: '9', requests: 1 });
  });

  it.each([
    ['no filter finds the group by them', [{ body: {} }, group('1'), list()]],
    ['filters are ignored', [{ body: {} }, group('1'), list(group('1')), list(group('1'))]],
    ['filters are rejected', [{ body: {} }, group('1'), { status: 400, body: {} }]],
    ['groups cannot be listed', [{ body: {} }, group('1'), noList, noList]],
    ['only this group is without members', [{ body: {} }, bare, list(other, bare), end]],
  ])('names the missing members when %s', async (_, answers) => {
    const error = await failureOf(add(...answers));

    expect(error.code).toBe('provider_fault');
    expect(error.message).toContain('are not members of the group');
  });
});

describe('a created group that does not show the members it was given', () => {
  it('has no members in the output when no group shows any', async () => {
    const { output } = await create(created, created, { status: 204 }, created, list(created), end);

    expect(output).toMatchObject({ id: '9' });
    expect((output as { members?: unknown }).members).toBeUndefined();
  });

  it('has them in the output when it shows them after they were added', async () => {
    const { output } = await create(created, created, { status: 204 }, group('1'));

    expect(output).toMatchObject({ members: [{ value: '1' }] });
  });

  it('is an error when another group shows members', async () => {
    const error = await failureOf(
      create(created, created, { status: 204 }, created, list(created, other), end, list()),
    );

    expect(error.code).toBe('provider_fault');
  });
});
