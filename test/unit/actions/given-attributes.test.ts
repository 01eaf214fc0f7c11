import { describe, expect, it } from 'vitest';
import { givenAttributes } from '../../../actions/given-attributes.ts';
import { toResource } from '../../../actions/to-resource.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { actionOf, resourceNamed } from '../../support/open-test-session.ts';

const workato = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';
const user = resourceNamed('User');
const given = (input: Readonly<Record<string, unknown>>) =>
  givenAttributes(actionOf('create_user'), user, input);

describe('the attributes in an input', () => {
  it('are found by field name and by SCIM name, once each', () => {
    expect(
      given({
        userName: 'a',
        workato_role: 'Admin',
        [workato]: { workato_role: 'Admin', workato_role_prod: 'x' },
      }),
    ).toEqual([
      { path: 'userName', value: 'a' },
      { path: `${workato}:workato_role`, value: 'Admin' },
      { path: `${workato}:workato_role_prod`, value: 'x' },
    ]);
  });

  it('are own properties only, whatever an attribute is called', () => {
    const action = actionOf('create_user');
    const [field] = action.fields;
    const fields = field === undefined ? [] : [{ ...field, key: 'constructor', attribute: 'constructor' }];

    expect(givenAttributes({ ...action, fields }, user, {})).toEqual([]);
    expect(givenAttributes({ ...action, fields }, user, { constructor: 'Bob' })).toEqual([
      { path: 'constructor', value: 'Bob' },
    ]);
  });

  it('that are set twice with different values are rejected, with their place', () => {
    expect(() =>
      given({ userName: 'a', workato_role: 'Admin', [workato]: { workato_role: 'admin' } }),
    ).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        problems: [{ path: `${workato}.workato_role`, message: 'is set twice, to different values' }],
      }),
    );
    expect(() => given({ workato_role: null, [workato]: { workato_role: 'x' } })).toThrow(ConnectorError);
  });

  it('omit undefined, and keep null', () => {
    expect(given({ userName: undefined, title: null })).toEqual([{ path: 'title', value: null }]);
  });
});

describe('the resource that they make', () => {
  it('has no null, and lists an extension only if it has values', () => {
    expect(
      toResource(user, given({ userName: 'a', title: null, workato_role: null, department: 'D' })),
    ).toEqual({
      schemas: [user.schema, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
      userName: 'a',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'D' },
    });
  });
});
