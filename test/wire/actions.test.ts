import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../../runtime/index.ts';
import { definition, testToken } from '../support/open-test-session.ts';
import { onTheWire } from '../support/wire.ts';
import { exchanges } from './exchanges.ts';

describe.each(exchanges)('$key', ({ title, key, input, answers, requests, output }) => {
  it(title, async () => {
    const ended = await onTheWire(answers, (connector) =>
      connector
        .run(key, input)
        .catch((error: unknown) => (error instanceof ConnectorError ? error.code : error)),
    );

    expect(ended.requests.map(({ line, body }) => [line, body])).toEqual(
      requests.map(([line, body]) => [line, body]),
    );
    expect(ended.output).toEqual(output);
  });
});

it('every action of the manifest has an exchange', () => {
  expect(new Set(exchanges.map(({ key }) => key))).toEqual(new Set(definition.actions.map(({ key }) => key)));
});

describe('the headers', () => {
  const read = { accept: 'application/scim+json, application/json;q=0.9', 'user-agent': 'rolecall' };

  it('of a request without a body are only those that SCIM needs', async () => {
    const { requests } = await onTheWire([{ body: { id: '1' } }], (connector) =>
      connector.actions.get_user({ user: { id: '1' } }),
    );

    expect(requests[0]?.headers).toEqual({
      ...read,
      authorization: `Bearer ${testToken}`,
      'accept-encoding': 'gzip, compress, deflate, br',
      connection: 'keep-alive',
      host: 'scim.example.com',
    });
  });

  it('of a request with a body have the media type and the length in bytes', async () => {
    const { requests } = await onTheWire([{ status: 201, body: { id: '1' } }], (connector) =>
      connector.actions.create_user({ userName: 'zoë' }),
    );

    expect(requests[0]?.headers).toMatchObject({
      ...read,
      'content-type': 'application/scim+json',
      'content-length': String(Buffer.byteLength(JSON.stringify(requests[0]?.body))),
    });
  });

  it('of a change name the version that the caller gave', async () => {
    const user = { id: '1', title: 'x', meta: { version: 'W/"1"' } };
    const { requests } = await onTheWire([{ body: user }, { body: user }], (connector) =>
      connector.actions.update_user({ user: { id: '1' }, title: 'x', ifVersion: 'W/"1"' }),
    );

    expect(requests[1]?.headers).toMatchObject({ 'if-match': 'W/"1"' });
  });

  it('of a change contain the version from a lookup, and none without a lookup', async () => {
    const found = { totalResults: 1, Resources: [{ id: '1', userName: 'a', meta: { version: 'W/"2"' } }] };
    const looked = await onTheWire([{ body: found }, { body: { id: '1', title: 'x' } }], (connector) =>
      connector.actions.update_user({ user: { userName: 'a' }, title: 'x' }),
    );
    const blind = await onTheWire([{ body: { id: '1', title: 'x' } }], (connector) =>
      connector.actions.update_user({ user: { id: '1' }, title: 'x' }),
    );

    expect(looked.requests[1]?.headers).toMatchObject({ 'if-match': 'W/"2"' });
    expect(blind.requests[0]?.headers).not.toHaveProperty('if-match');
  });
});
