import { describe, expect, it } from 'vitest';
import { failureOf } from '../support/failure-of.ts';
import { onTheWire, type WireAnswer } from '../support/wire.ts';

const ada = { id: '1', userName: 'ada@example.com' };
const bob = { id: '2', userName: 'bob@example.com' };
const list = (resources: readonly unknown[], totalResults = resources.length): WireAnswer => ({
  body: { totalResults, Resources: resources },
});
const noMore = { status: 404, body: { detail: 'no such page' } };

/** Finds ada by userName at a provider that answers so. */
async function findAda(...answers: readonly WireAnswer[]) {
  return onTheWire(answers, (connector) =>
    connector.actions.find_user({ user: { userName: 'ada@example.com' } }),
  );
}

async function deleteAda(...answers: readonly WireAnswer[]) {
  return onTheWire(answers, (connector) =>
    connector.actions.delete_user({ user: { userName: 'ada@example.com' } }),
  );
}

describe('a filtered list that has fewer results than its total', () => {
  it('is no proof of absence: the list is read', async () => {
    const { output } = await findAda(list([], 1), list([]), list([bob, ada]), list([], 2));

    expect(output).toEqual(ada);
  });

  it('proves absence with a complete list', async () => {
    const { output } = await findAda(list([], 1), list([]), list([bob]), list([], 1));

    expect(output).toBeNull();
  });

  it('is an error when the list hides someone as well', async () => {
    const hidden = list([bob], 2);
    const run = findAda(list([], 1), list([]), ...Array.from({ length: 20 }, () => hidden));

    expect(await failureOf(run)).toMatchObject({ code: 'provider_fault' });
  });

  it('is an error for a deletion, too', async () => {
    const hidden = list([bob], 2);
    const run = deleteAda(list([], 1), list([]), ...Array.from({ length: 20 }, () => hidden));

    expect(await failureOf(run)).toMatchObject({ code: 'provider_fault' });
  });

  it('says nothing where the total counts everybody, whatever the filter', async () => {
    // The filter finds bob, who is known to be there, in the other case, so that it also proves that ada is not.
    const { output, lines } = await findAda(list([], 900), list([], 900), list([bob], 900), list([bob], 900));

    expect(output).toBeNull();
    expect(lines.map((line) => decodeURIComponent(line)).at(-1)).toContain('userName eq "BOB@EXAMPLE.COM"');
  });

  it.each([
    ['a total for more', list([ada], 2), 'startIndex=2'],
    ['a cursor for more', { body: { Resources: [ada], nextCursor: 'c1' } }, 'cursor=c1'],
  ])('is a conflict when another page has a second user: %s', async (_, first, position) => {
    const other = { ...ada, id: '7' };
    const { lines, output } = await onTheWire([first, list([other], 2)], async (connector) => {
      const run = connector.actions.find_user({ user: { userName: ada.userName } });
      return (await failureOf(run)).code;
    });

    expect(output).toBe('conflict');
    expect(lines[1]).toContain(position);
  });

  it.each([
    ['is empty', list([], 2)],
    ['has the same user', list([ada], 2)],
    ['is rejected', { status: 400, body: { scimType: 'invalidValue' } }],
  ])('names one user when the next page %s', async (_, next) => {
    const { output } = await findAda(list([ada], 2), next);

    expect(output).toEqual(ada);
  });

  it('follows the cursors of empty pages', async () => {
    const empty = (nextCursor: string): WireAnswer => ({ body: { Resources: [], nextCursor } });
    const { output } = await findAda(empty('c1'), empty('c2'), list([ada]));

    expect(output).toEqual(ada);
  });
});

describe('a filtered list that repeats an entry', () => {
  it.each([
    ['find_user', { user: { userName: ada.userName } }, [list([ada, ada, ada], 3)]],
    [
      'set_workato_role',
      { user: { userName: ada.userName }, role: 'Admin' },
      [
        list([ada, ada]),
        {
          body: { ...ada, 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole': { workato_role: 'Admin' } },
        },
      ],
    ],
    [
      'delete_user',
      { user: { userName: ada.userName } },
      [list([ada, ada]), { status: 204 }, { status: 404, body: {} }],
    ],
    [
      'upsert_user',
      { userName: ada.userName, title: 'T' },
      [list([ada, ada]), { body: { ...ada, title: 'T' } }],
    ],
  ] as const)('names one user: %s', async (key, input, answers) => {
    const { output } = await onTheWire(answers, (connector) => connector.run(key, input));

    expect(output).toMatchObject({ id: '1' });
  });

  it('names several users when their IDs differ', async () => {
    const error = await failureOf(findAda(list([ada, { ...ada, id: '7' }])));

    expect(error.code).toBe('conflict');
  });
});

describe('a group that is found by its name', () => {
  const crew = { id: '9', displayName: 'Crew' };
  const whole = { ...crew, members: [{ value: '1' }, { value: '2' }] };
  const getCrew = (input: object, ...answers: readonly WireAnswer[]) =>
    onTheWire(answers, (connector) =>
      connector.run('get_group', { group: { displayName: 'Crew' }, ...input }),
    );

  it.each([
    ['no members', crew],
    ['an empty list of them', { ...crew, members: [] }],
    ['some of them', { ...crew, members: [{ value: '1' }] }],
  ])('is read by ID, since its list may show %s', async (_, listed) => {
    const { output, lines } = await getCrew({}, list([listed]), { body: whole });

    expect(output).toEqual(whole);
    expect(lines[1]).toBe('GET /scim/v2/Groups/9');
  });

  it.each([
    ['excludes the members', { excludedAttributes: ['members'] }],
    ['asks for other attributes', { attributes: ['displayName'] }],
  ])('takes one request when the input %s', async (_, input) => {
    expect((await getCrew(input, list([crew]))).output).toEqual(crew);
  });

  it('is not found when it was deleted meanwhile', async () => {
    const error = await failureOf(getCrew({}, list([crew]), noMore, list([])));

    expect(error.code).toBe('not_found');
  });
});
