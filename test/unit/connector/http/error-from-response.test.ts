import { describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../../../connector/auth/create-authenticator.ts';
import { errorFromResponse, errorStatusIn } from '../../../../connector/http/error-from-response.ts';
import { createFakePlatform } from '../../../support/fake-platform.ts';

const authenticator = createAuthenticator(
  { auth: { type: 'bearer', token: 'secret' }, timeoutInMs: 1_000 },
  createFakePlatform(() => ({})),
);
const context = { attempts: 1, authenticator, isUnknown: false };
const answer = (status: number, body: unknown = {}, isHtml = false) => ({
  status,
  headers: {},
  body,
  isHtml,
});

describe('the error for a response', () => {
  it.each([
    ['invalidFilter', 'Use a simpler filter'],
    ['tooMany', 'Narrow the search.'],
    ['mutability', 'Remove the attribute that cannot be changed.'],
    ['invalidPath', 'Check the attribute name.'],
    ['noTarget', 'Check that the value to change exists.'],
    ['invalidValue', 'Role names are case-sensitive.'],
    ['sensitive', 'Move sensitive values from the URL'],
    ['invalidCursor', 'Start the search again.'],
    ['expiredCursor', 'Start the search again.'],
    ['invalidCount', 'Lower `pageSize`.'],
    ['invalidSyntax', 'Correct the input and try again.'],
  ])('says what to do about %s', (scimType, nextStep) => {
    const error = errorFromResponse(answer(400, { scimType }), context);

    expect(error).toMatchObject({ code: 'invalid_input', scimType });
    expect(error.nextStep).toContain(nextStep);
  });

  it('says that the request may have succeeded when the outcome is unknown', () => {
    const error = errorFromResponse(answer(503), { ...context, isUnknown: true });

    expect(error.message).toMatch(/The request may have succeeded. Check before you retry\.$/);
  });

  it('says how long to wait, in whole seconds', () => {
    for (const status of [429, 503])
      expect(errorFromResponse(answer(status), { ...context, retryAfterInMs: 1_200 }).message).toContain(
        'in 2 seconds',
      );
  });

  it.each([
    [403, 'forbidden', 'A proxy or firewall rejected the request with a web page.'],
    [404, 'provider_fault', 'The response is a web page (status 404), not SCIM.'],
    [302, 'provider_fault', 'The response is a web page (status 302), not SCIM.'],
  ])('of a web page with status %i is %s', (status, code, what) => {
    const error = errorFromResponse(answer(status, undefined, true), context);

    expect(error.code).toBe(code);
    expect(error.message).toContain(what);
  });

  it.each([
    [null],
    ['text'],
    [[]],
    [{ detail: 5 }],
    [{ Errors: 'x' }],
    [{ Errors: [null] }],
    [{ scimType: {} }],
  ])('is created from any body: %j', (body) => {
    const error = errorFromResponse(answer(400, body), context);
    expect(error).toMatchObject({ code: 'invalid_input', detail: undefined, scimType: undefined });
  });

  it('is plain data as JSON, without a stack or a cause', () => {
    const error = errorFromResponse(answer(409, { scimType: 'uniqueness', detail: 'Taken.' }), context);

    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'conflict',
      transient: false,
      message:
        'The request conflicts with existing data at the provider. Provider message: Taken. If the user or group already exists, update it instead of creating it. Otherwise, choose another name.',
      nextStep:
        'If the user or group already exists, update it instead of creating it. Otherwise, choose another name.',
      status: 409,
      scimType: 'uniqueness',
      detail: 'Taken.',
      attempts: 1,
    });
  });
});

const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error';

it.each([
  ['an error', { schemas: [errorUrn], status: '409', detail: 'taken' }, 409],
  ['an error with a numeric status', { schemas: [errorUrn], status: 404 }, 404],
  ['an error with a keyword and no status', { schemas: [errorUrn], scimType: 'invalidValue' }, 400],
  ['an error with a status of success', { schemas: [errorUrn], status: '200', detail: 'failed' }, 500],
  ['an error of SCIM 1.1', { Errors: [{ code: '403', description: 'no' }] }, 403],
  ['an empty list with errors', { totalResults: 0, Errors: [{ description: 'no' }] }, 500],
  ['a list with results and errors', { Resources: [], Errors: [{ code: '500' }] }, undefined],
  ['a list without errors', { Resources: [], Errors: [] }, undefined],
  ['a resource with a status', { schemas: ['urn:x'], id: '1', status: 'ACTIVE' }, undefined],
  ['text', 'no', undefined],
])('reads the status in %s', (_, body, status) => {
  expect(errorStatusIn(body)).toBe(status);
});
