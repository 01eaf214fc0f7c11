import { describe, expect, it } from 'vitest';
import { readConnection } from '../../../../connector/connection.ts';
import { createScimClient } from '../../../../connector/http/scim-client.ts';
import { type Page, type ReadPagesOptions, readPages } from '../../../../connector/provider/read-pages.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { createFakePlatform, type FakePlatform, json } from '../../../support/fake-platform.ts';
import { definition, testBaseUrl, testToken } from '../../../support/open-test-session.ts';

const size = 5;
const pageSize = 2;

/**
 * A provider with five users that counts from 1.
 *
 * @param refusedAt a `startIndex` that it rejects
 * @param lengthAt the number of entries of the page at a `startIndex`
 */
function openProvider(
  refusedAt?: number,
  lengthAt: (startIndex: number) => number = () => pageSize,
): FakePlatform {
  return createFakePlatform(({ url }) => {
    const startIndex = Number(new URL(url).searchParams.get('startIndex') ?? 1);
    if (startIndex === refusedAt) return json({ detail: 'No.' }, 403);
    const ids = Array.from({ length: size }, (_, index) => ({ id: `${index + 1}` }));
    const Resources = ids.slice(startIndex - 1, startIndex - 1 + lengthAt(startIndex));
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
    [true, 3],
    [false, 1],
  ])('requests the next two pages before the caller asks for them: %s', async (readsAhead, requests) => {
    const provider = openProvider();
    const pages = pagesOf(provider, { readsAhead });
    await pages.next();
    expect(provider.sent).toHaveLength(requests);
    await pages.return();
  });

  it.each([
    [3, ['1', '2']],
    [5, ['3', '4']],
  ])('fails with the call that needs the page at %i, which cannot be read', async (refusedAt, last) => {
    const pages = pagesOf(openProvider(refusedAt), { readsAhead: true });
    const read: (readonly string[])[] = [];
    const readAll = async (): Promise<void> => {
      for await (const { resources } of pages) read.push(resources.map(({ id }) => id));
    };
    expect(await failureOf(readAll())).toMatchObject({ code: 'forbidden' });
    expect(read.at(-1)).toEqual(last);
  });

  it('reads on where a shorter page ends', async () => {
    const provider = openProvider(undefined, (startIndex) => (startIndex === 3 ? 1 : pageSize));
    expect(await allIds(pagesOf(provider, { readsAhead: true }))).toEqual(['1', '2', '3', '4', '5']);
  });
});
