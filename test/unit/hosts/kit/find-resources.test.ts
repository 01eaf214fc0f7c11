import { describe, expect, it } from 'vitest';
import { ConnectorError, type ErrorCode } from '../../../../connector/errors.ts';
import { findResources } from '../../../../hosts/kit/find-resources.ts';
import { definition, resourceNamed } from '../../../support/open-test-session.ts';

type Search = Readonly<Record<string, unknown>>;

const ada = { id: '1', displayName: 'Ada Lovelace', userName: 'ada@example.com' };
const grace = { id: '2', userName: 'grace@example.com' };
const nameless = { id: '3' };

/** Finds users with a session that returns these, or throws an error of a code for a filter. */
async function find(
  text: string,
  users: readonly object[],
  rejection?: ErrorCode,
): Promise<{ entries: readonly unknown[]; searches: readonly Search[] }> {
  const searches: Search[] = [];
  const session = {
    async runAction(key: string, input: unknown) {
      expect(key).toBe('search_users');
      searches.push(input as Search);
      if (rejection !== undefined && (input as Search).filter !== undefined)
        throw new ConnectorError(rejection, { what: 'The filter failed.', nextStep: 'Use another.' });
      return { resources: users };
    },
  };
  return { entries: await findResources(definition, resourceNamed('User'), session, text), searches };
}

describe('findResources', () => {
  it('names each resource by its display name and its unique name, or by its ID', async () => {
    const { entries, searches } = await find('', [ada, grace, nameless]);
    expect(entries).toEqual([
      { name: 'Ada Lovelace (ada@example.com)', value: '1' },
      { name: 'grace@example.com', value: '2' },
      { name: '3', value: '3' },
    ]);
    expect(searches).toEqual([
      { attributes: expect.arrayContaining(['displayName', 'userName']), limit: 100 },
    ]);
  });

  it('quotes the typed text in the filter', async () => {
    const { searches } = await find('a"b', [ada]);
    expect(searches).toHaveLength(1);
    expect(searches[0]?.filter).toContain('displayName co "a\\"b"');
  });

  it.each(['invalid_input', 'unsupported'] as const)(
    'scans the resources if the provider rejects the filter with %s',
    async (code) => {
      const { entries, searches } = await find('LOVE', [ada, grace], code);
      expect(entries).toEqual([{ name: 'Ada Lovelace (ada@example.com)', value: '1' }]);
      expect(searches.at(-1)).not.toHaveProperty('filter');
    },
  );

  it('fails with any other error of the provider', async () => {
    await expect(find('ada', [ada], 'auth')).rejects.toMatchObject({ code: 'auth' });
  });

  it('returns nothing if the manifest declares no search for the resource type', async () => {
    const session = { runAction: () => Promise.reject(new Error('Nothing to run')) };
    const withoutActions = { ...definition, actions: [] };
    expect(await findResources(withoutActions, resourceNamed('User'), session, 'ada')).toEqual([]);
  });
});
