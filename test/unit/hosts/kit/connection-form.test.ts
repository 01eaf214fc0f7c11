import { describe, expect, it } from 'vitest';
import { readConnectionForm } from '../../../../hosts/kit/connection-form.ts';
import { definition } from '../../../support/open-test-session.ts';

const baseUrl = 'https://scim.example.com/scim/v2';

describe('a connection form with the fields of all methods', () => {
  it('has the default method if none is selected', () => {
    for (const authentication of [undefined, ''])
      expect(readConnectionForm(definition, { baseUrl, authentication, token: 'secret' })).toMatchObject({
        connection: { baseUrl, auth: { type: 'bearer', token: 'secret' } },
        profile: undefined,
      });
  });

  it('reads only the fields of the selected method', () => {
    const values = { baseUrl, token: 'unused', authentication: 'basic', username: 'ada', password: 'secret' };
    expect(readConnectionForm(definition, values).connection.auth).toEqual({
      type: 'basic',
      username: 'ada',
      password: 'secret',
    });
  });

  it('reads a secret without the line break that it was copied with', () => {
    const { auth } = readConnectionForm(definition, { baseUrl, token: 'secret\n' }).connection;
    expect(auth).toMatchObject({ token: 'secret' });
  });

  it.each([
    [{ baseUrl, token: ' ' }, /token/],
    [{ baseUrl, token: 'secret', authentication: 'saml' }, /`authentication` is unknown \("saml"\)/],
    [{ baseUrl, token: 'secret', profile: 'nobody' }, /profile/],
  ])('rejects %o', (values, message) => {
    expect(() => readConnectionForm(definition, values)).toThrow(message);
  });

  it('has the profile of the selected provider', () => {
    expect(
      readConnectionForm(definition, { baseUrl, token: 'secret', profile: 'slack' }).profile,
    ).toMatchObject({
      name: 'slack',
    });
  });
});
