import { describe, expect, it } from 'vitest';
import { type ConnectionInput, readConnection } from '../../../connector/connection.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { definition } from '../../support/open-test-session.ts';

const { schema } = definition.connection;
const read = (input: object) =>
  readConnection(schema, {
    baseUrl: 'https://example.com/scim/v2',
    token: 'token',
    ...input,
  } as ConnectionInput);

function problemsOf(input: object): readonly string[] {
  try {
    read(input);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'invalid_input') throw error;
    return error.problems.map(({ path, message }) => `${path} ${message}`);
  }
  return [];
}

describe('a connection', () => {
  it('has the defaults of the manifest, even for undefined values', () => {
    const complete = {
      baseUrl: 'https://example.com/scim/v2',
      auth: { type: 'bearer', token: 'token' },
      timeoutInMs: 30_000,
      deadlineInMs: 120_000,
      concurrency: 32,
      maxResponseBytes: 67_108_864,
      allowPlainHttp: false,
    };

    expect(read({})).toEqual(complete);
    expect(read({ timeoutInMs: undefined, concurrency: undefined, allowPlainHttp: undefined })).toEqual(
      complete,
    );
  });

  it.each([
    ['https://example.com/scim/v2/', 'https://example.com/scim/v2'],
    ['https://example.com/scim/v2///', 'https://example.com/scim/v2'],
    ['https://example.com', 'https://example.com'],
    ['HTTPS://Example.COM:443/a/../scim', 'https://example.com/scim'],
    ['http://localhost:8080/scim', 'http://localhost:8080/scim'],
    ['http://127.0.0.1', 'http://127.0.0.1'],
    ['http://127.8.9.10/scim', 'http://127.8.9.10/scim'],
    ['http://[::1]:80/scim', 'http://[::1]/scim'],
  ])('accepts %s as its base URL', (baseUrl, taken) => {
    expect(read({ baseUrl }).baseUrl).toBe(taken);
  });

  it.each([
    ['example.com/scim', 'must be a full URL'],
    ['ftp://example.com', 'must start with "https://"'],
    ['https://user:pass@example.com', 'must not contain a username or password'],
    ['https://user@example.com', 'must not contain a username or password'],
    ['https://example.com?x=1', 'must not contain "?" or "#"'],
    ['https://example.com#x', 'must not contain "?" or "#"'],
    ['http://example.com/scim', 'must start with "https://", or credentials are sent unencrypted'],
    ['http://localhost.example.com', 'must start with "https://", or credentials are sent unencrypted'],
    ['http://127.0.0.1.example.com', 'must start with "https://", or credentials are sent unencrypted'],
    ['http://10.0.0.1', 'must start with "https://", or credentials are sent unencrypted'],
  ])('rejects %s as its base URL', (baseUrl, said) => {
    const [problem] = problemsOf({ baseUrl });
    expect(problem).toContain(`connection.baseUrl ${said}`);
  });

  it('allows plain HTTP to other machines only by setting', () => {
    expect(read({ baseUrl: 'http://10.0.0.1', allowPlainHttp: true }).baseUrl).toBe('http://10.0.0.1');
  });

  it.each([' x5f2c', 'x5f2c\n', 'x5 f2c', 'x5f2ö', 'Bearer x5f2c'])(
    'rejects %j as its token, without echoing it',
    (token) => {
      const [problem] = problemsOf({ token });
      expect(problem).toMatch(/^connection\.token contains a space, a line break, or another character/);
      expect(problem).not.toContain(token);
    },
  );

  it('reports every problem at once', () => {
    expect(
      problemsOf({ baseUrl: undefined, token: '', timeoutInMs: 0, concurrency: 1.5, retries: 3 }),
    ).toEqual([
      'connection.baseUrl is required',
      'connection.token must not be empty',
      'connection.timeoutInMs must be 1 or more',
      'connection.concurrency must be an integer, not a fraction',
      'connection.retries is not a known field',
    ]);
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(read({}))).toBe(true);
  });
});
