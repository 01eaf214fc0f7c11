import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox } from '../../../sandbox/index.ts';
import { listen } from '../../support/listen.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openZapier, type ZapierRuntime } from './support/open-zapier.ts';

const folder = temporaryFolder();
let zapier: ZapierRuntime;
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  zapier = await openZapier(folder.path);
});
afterAll(() => folder[Symbol.dispose]());
afterEach(async () => {
  await close?.();
  close = undefined;
});

/** Starts a provider that answers changes so, and lists with no resource. */
async function startRefusing(
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const provider = await listen((request, response) => {
    const isList = request.method === 'GET' && request.url?.startsWith('/Users?') === true;
    response.writeHead(isList ? 200 : status, { 'content-type': 'application/scim+json', ...headers });
    response.end(JSON.stringify(isList ? { totalResults: 0, Resources: [] } : { detail: 'No.' }));
  });
  ({ close } = provider);
  return provider.origin;
}

function create(baseUrl: string, form: Readonly<Record<string, unknown>> = {}): Promise<Error> {
  const inputData = { userName: 'ada@example.com', ...form };
  const authData = { baseUrl, token: 'secret-token' };
  const { perform } = zapier.app.creates.create_user?.operation ?? {};
  return zapier.call(perform, { authData, inputData }).then(
    () => new Error('The step succeeded.'),
    (error: unknown) => error as Error,
  );
}

describe('an error in Zapier', () => {
  it.each([
    [401, 'ExpiredAuthError'],
    [403, 'AppError'],
    [409, 'HaltedError'],
    [412, 'HaltedError'],
    [501, 'AppError'],
  ])('has, for status %i of the provider, the type %s', async (status, name) => {
    expect(await create(await startRefusing(status))).toMatchObject({ name });
  });

  it('makes Zapier repeat a step after a wait that is longer than the run', async () => {
    const { name, message } = await create(await startRefusing(429, { 'retry-after': '3600' }));

    expect(name).toBe('ThrottledError');
    expect(JSON.parse(message)).toMatchObject({ delay: 3600 });
  });

  it('has neither the token nor the password of a new user', async () => {
    const { message } = await create(await startRefusing(409), { password: 'correct horse' });

    expect(message).not.toMatch(/correct horse|secret-token/);
  });
});

describe('a search in Zapier', () => {
  it('rejects a criterion that an earlier step left empty', async () => {
    const sandbox = await startSandbox();
    ({ close } = sandbox);
    const { perform } = zapier.app.searches.search_users?.operation ?? {};
    const authData = { baseUrl: sandbox.scimBaseUrl, token: sandbox.token };

    for (const empty of ['', null, []])
      await expect(zapier.call(perform, { authData, inputData: { department: empty } })).rejects.toThrow(
        /Department.* is empty/,
      );
  });
});
