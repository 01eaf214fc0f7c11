import { describe, expect, it } from 'vitest';
import { errorFromResponse } from '../../../connector/http/error-from-response.ts';

const context = { attempts: 1, token: 'secret', isUnknown: false };
const answer = (status: number, body: unknown = {}, isHtml = false) => ({
  status,
  headers: {},
  body,
  isHtml,
});

describe('the error of an answer', () => {
  it.each([
    ['invalidFilter', 'Use a simpler filter'],
    ['tooMany', 'Narrow the search.'],
    ['mutability', 'Leave out the attribute that cannot be changed.'],
    ['invalidPath', 'Check the name of the attribute.'],
    ['noTarget', 'Check that what is to be changed is there.'],
    ['invalidValue', 'role names count both.'],
    ['sensitive', 'Put what is secret into the body'],
    ['invalidCursor', 'Start the search again.'],
    ['expiredCursor', 'Start the search again.'],
    ['invalidCount', 'Use a smaller page size.'],
    ['invalidSyntax', 'Change the input and run the step again.'],
  ])('says what to do about %s', (scimType, nextStep) => {
    const error = errorFromResponse(answer(400, { scimType }), context);

    expect(error).toMatchObject({ code: 'invalid_input', scimType });
    expect(error.nextStep).toContain(nextStep);
  });

  it('says that it may have been done, where that cannot be known', () => {
    const error = errorFromResponse(answer(503), { ...context, isUnknown: true });

    expect(error.message).toMatch(/It may have been done all the same: look before you do it again\.$/);
  });

  it('says how long to wait, in whole seconds', () => {
    for (const status of [429, 503])
      expect(errorFromResponse(answer(status), { ...context, retryAfterInMs: 1_200 }).message).toContain(
        'in 2 seconds',
      );
  });

  it.each([
    [403, 'forbidden', 'Something on the way to the provider refused the request with a web page.'],
    [404, 'provider_fault', 'The answer is a web page with status 404, not SCIM.'],
    [302, 'provider_fault', 'The answer is a web page with status 302, not SCIM.'],
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
  ])('is made of any body: %j', (body) => {
    const error = errorFromResponse(answer(400, body), context);
    expect(error).toMatchObject({ code: 'invalid_input', detail: undefined, scimType: undefined });
  });

  it('is plain data as JSON, without a stack or a cause', () => {
    const error = errorFromResponse(answer(409, { scimType: 'uniqueness', detail: 'Taken.' }), context);

    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'conflict',
      message:
        'Something at the provider is in the way. It says: "Taken". If it is the same user or group, update it instead of creating it; otherwise choose another name.',
      nextStep:
        'If it is the same user or group, update it instead of creating it; otherwise choose another name.',
      status: 409,
      scimType: 'uniqueness',
      detail: 'Taken.',
      attempts: 1,
    });
  });
});
