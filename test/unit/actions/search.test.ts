import { expect, it } from 'vitest';
import { failureOf } from '../../support/failure-of.ts';
import { createFakePlatform, json } from '../../support/fake-platform.ts';
import { filterCases, populate } from '../../support/filter-cases.ts';
import { openTestSession } from '../../support/open-test-session.ts';
import { makeService } from '../../support/scim-fixture.ts';

const service = makeService();
populate(service);
const platform = createFakePlatform(({ method, url }) => {
  const { pathname, search } = new URL(url);
  const { status, body } = service.call(method, pathname.replace('/scim/v2', '') + search);
  return json(body, status);
});
const session = openTestSession(platform);

const { unknownAttributes, ...known } = filterCases;

it.each(Object.values(known).flat())('search_users returns for %s the users %j', async (filter, expected) => {
  const output = await session.runAction('search_users', { filter });
  const { resources } = output as { readonly resources: readonly { readonly userName: string }[] };
  expect(resources.map(({ userName }) => userName)).toEqual(expected);
});

it.each(unknownAttributes.filter(([text]) => !text.startsWith('urn:')))(
  'search_users rejects %s before any request',
  async (filter) => {
    const before = platform.sent.length;
    expect(await failureOf(session.runAction('search_users', { filter }))).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('is not an attribute of a user'),
    });
    expect(platform.sent).toHaveLength(before);
  },
);

it.each([{ department: undefined }, { filter: undefined }, { active: true, workato_role: undefined }])(
  'search_users does not drop a criterion without a value: %o',
  async (input) => {
    const before = platform.sent.length;
    expect(await failureOf(session.runAction('search_users', input))).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('is undefined: pass a value, or omit the field to match everything'),
    });
    expect(platform.sent).toHaveLength(before);
  },
);
