import { expect, it } from 'vitest';
import { ConnectorError } from '../../../../connector/errors.ts';
import { withLimitedTime } from '../../../../hosts/kit/limited-time.ts';

const advice = 'Try fewer rows.';
const failed = (nextStep: string): ConnectorError =>
  new ConnectorError('unavailable', { what: 'No response.', nextStep });

it.each([
  ['Try again later, or raise `timeoutInMs` or `deadlineInMs`.', advice],
  [
    'Try again later, or raise `deadlineInMs`. The request may have succeeded. Check before you retry.',
    `${advice} The request may have succeeded. Check before you retry.`,
  ],
  ['Correct the URL. Raise `timeoutInMs`.', `Correct the URL. ${advice}`],
  ['Correct the URL.', 'Correct the URL.'],
])('replaces only the advice to raise a timeout in %j', (nextStep, expected) => {
  expect(withLimitedTime(failed(nextStep), advice)).toMatchObject({
    code: 'unavailable',
    nextStep: expected,
  });
});

it('leaves other errors as they are', () => {
  const error = new TypeError('no');
  expect(withLimitedTime(error, advice)).toBe(error);
});
