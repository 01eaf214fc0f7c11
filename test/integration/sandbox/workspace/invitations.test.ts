import { describe, expect, it } from 'vitest';
import { openWorkspace, patchUrn } from './workspace-fixture.ts';

const deactivation = {
  schemas: [patchUrn],
  Operations: [{ op: 'replace', path: 'active', value: false }],
};

describe('a user with a pending invitation', () => {
  it('cannot be updated, replaced, or deactivated until the invitation is accepted', async () => {
    const { user, scim, admin } = await openWorkspace({ invitations: true });
    const path = `/Users/${await user('ada@example.com')}`;
    const { body } = await scim('GET', path);
    for (const response of [await scim('PATCH', path, deactivation), await scim('PUT', path, body)])
      expect({ status: response.status, detail: response.body.detail }).toEqual({
        status: 403,
        detail: expect.stringMatching(
          /^ada@example.com has not accepted the invitation .* Wait until it is accepted/,
        ),
      });
    expect((await scim('GET', path)).body).toEqual(body);

    const accepted = await admin('POST', '/members/ada@example.com/accept-invitation');
    expect(accepted.body.invited_at).toBeNull();
    const response = await scim('PATCH', path, deactivation);
    expect([response.status, response.body.active]).toEqual([200, false]);
  });

  it('is shown as invited, and can be deleted', async () => {
    const { user, scim, admin } = await openWorkspace({ invitations: true });
    const id = await user('ada@example.com');
    expect((await admin('GET', '/members/ada@example.com')).body.invited_at).toMatch(/^\d{4}-/);
    expect((await scim('DELETE', `/Users/${id}`)).status).toBe(204);
  });

  it('does not exist without the setting', async () => {
    const { user, scim } = await openWorkspace();
    expect((await scim('PATCH', `/Users/${await user('ada@example.com')}`, deactivation)).status).toBe(200);
  });
});
