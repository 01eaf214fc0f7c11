import { describe, expect, it } from 'vitest';
import { readConnection } from '../../../../connector/connection.ts';
import { createScimClient } from '../../../../connector/http/scim-client.ts';
import { type Page, type ReadPagesOptions, readPages } from '../../../../connector/provider/read-pages.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { createFakePlatform, type FakePlatform, json } from '../../../support/fake-platform.ts';
import { definition, testBaseUrl, testToken } from '../../../support/open-test-session.ts';

const size = 5;
const pageSize = 2;

/** A provider with five users that counts from 1. @param refusedAt a `startIndex` that it rejects */
function openProvider(refusedAt?: number): FakePlatform {
  return createFakePlatform(({ url }) => {
    const startIndex = Number(new URL(url).searchParams.get('startIndex') ?? 1);
    if (startIndex === refusedAt) return json({ detail: 'No.' }, 403);
    const ids = Array.from({ length: size }, (_, index) => ({ id: `${index + 1}` }));
    const Resources = ids.slice(startIndex - 1, startIndex - 1 + pageSize);
    return json({ totalResults: size, Resources });
  });
}

function pagesOf(platform: FakePlatform, options?: ReadPagesOptions): AsyncGenerator<Page, void, undefined> {
  const connection = readConnection(definition.connection.schema, { baseUrl: testBaseUrl, token: testToken });
  const reader = {
    client: createScimClient(connection, platform),
    endpoint: '/Users',
    normalize: (entry: unknown) => entry as { readonly id: string },
    sortKeys: [],
    habits: {},
    log: platform.log,
    capabilities: () => Promise.reject(new Error('Nobody asks for the capabilities.')),
    now: platform.now,
  };
  return readPages(reader, { count: pageSize }, options);
}

async function allIds(pages: AsyncIterable<Page>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { resources } of pages) ids.push(...resources.map(({ id }) => id));
  return ids;
}

describe('readPages that reads ahead', () => {
  it('returns the pages that it returns otherwise, with the same requests', async () => {
    const [plain, ahead] = [openProvider(), openProvider()];
    const expected = await allIds(pagesOf(plain));
    expect(expected).toEqual(['1', '2', '3', '4', '5']);
    expect(await allIds(pagesOf(ahead, { readsAhead: true }))).toEqual(expected);
    expect(ahead.sent.map(({ url }) => url)).toEqual(plain.sent.map(({ url }) => url));
  });

  it.each([
    [true, 2],
    [false, 1],
  ])('requests the next page before the caller asks for it: %s', async (readsAhead, requests) => {
    const provider = openProvider();
    const pages = pagesOf(provider, { readsAhead });
    await pages.next();
    expect(provider.sent).toHaveLength(requests);
    await pages.return();
  });

  it('fails with the call that needs the page that cannot be read', async () => {
    const pages = pagesOf(openProvider(3), { readsAhead: true });
    expect((await pages.next()).value).toMatchObject({ resources: [{ id: '1' }, { id: '2' }] });
    expect(await failureOf(pages.next())).toMatchObject({ code: 'forbidden' });
  });
});
