import { expect, it } from 'vitest';
import type { Commit } from '../../../../../sandbox/scim/service/commit-hooks.ts';
import { ScimError } from '../../../../../scim/scim-error.ts';
import { makeService, userUrn } from '../../../../support/scim-fixture.ts';

it('a hook rejects a change, and nothing of it is visible', () => {
  const seen: Commit[] = [];
  const { call, user, patch } = makeService({
    hooks: {
      beforeCommit: ({ changes }) => {
        if (changes.some(({ after }) => after?.attributes.title === 'King')) {
          throw new ScimError(400, 'There is no king here.', 'invalidValue');
        }
      },
      afterCommit: (commit) => void seen.push(commit),
    },
  });
  const id = user('babs', { title: 'Guide' });
  const refused = patch(`/Users/${id}`, { op: 'replace', path: 'title', value: 'King' });
  expect(refused).toMatchObject({
    status: 400,
    body: { scimType: 'invalidValue', detail: 'There is no king here.' },
  });
  expect(call('GET', `/Users/${id}`)).toMatchObject({ headers: { etag: 'W/"1"' }, body: { title: 'Guide' } });
  expect(call('POST', '/Users', { schemas: [userUrn], userName: 'x', title: 'King' }).status).toBe(400);
  expect(call('GET', '/Users').body.totalResults).toBe(1);
  expect(seen).toMatchObject([{ operation: 'create', principal: { name: 'tester' } }]);
});

it('a hook receives the state before and after a change', () => {
  const { user, patch, commits } = makeService();
  const id = user('babs');
  patch(`/Users/${id}`, { op: 'replace', value: { active: false } });
  expect(commits[1]).toMatchObject({
    operation: 'patch',
    changes: [
      {
        before: { id, version: 1, attributes: { active: true } },
        after: { id, version: 2, attributes: { active: false } },
      },
    ],
  });
});

it('an error of a hook after the commit does not reach the client', () => {
  const { call, errors } = makeService({
    hooks: {
      afterCommit: () => {
        throw new Error('late');
      },
    },
  });
  expect(call('POST', '/Users', { schemas: [userUrn], userName: 'a' }).status).toBe(201);
  expect(errors).toHaveLength(1);
});
