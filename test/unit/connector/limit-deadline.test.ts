import { expect, it } from 'vitest';
import { limitDeadline } from '../../../connector/limit-deadline.ts';
import { definition } from '../../support/open-test-session.ts';

const baseUrl = 'https://scim.example.com/scim/v2';

it.each([
  ['the usual deadline', {}, 48_000, { deadlineInMs: 48_000 }],
  ['a longer deadline', { deadlineInMs: 600_000 }, 48_000, { deadlineInMs: 48_000 }],
  ['not a shorter deadline', { deadlineInMs: 5_000 }, 48_000, { deadlineInMs: 5_000 }],
  ['not the usual deadline by a longer limit', {}, 600_000, {}],
])('limits %s', (_, given, limit, expected) => {
  expect(limitDeadline(definition, { baseUrl, ...given }, limit)).toEqual({ baseUrl, ...expected });
});
