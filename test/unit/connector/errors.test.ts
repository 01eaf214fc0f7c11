import { describe, expect, it } from 'vitest';
import { ConnectorError, type ErrorCode, invalidInput } from '../../../connector/errors.ts';

const transience: Readonly<Record<ErrorCode, boolean>> = {
  invalid_input: false,
  auth: false,
  forbidden: false,
  not_found: false,
  conflict: false,
  precondition_failed: false,
  rate_limited: true,
  unavailable: true,
  provider_fault: true,
  mass_change_blocked: false,
  unsupported: false,
};

describe('ConnectorError', () => {
  it.each(Object.entries(transience))('%s is transient: %s', (code, expected) => {
    const error = new ConnectorError(code as ErrorCode, { what: 'It failed.', nextStep: 'Try again.' });
    expect(error.transient).toBe(expected);
    expect(error.toJSON()).toMatchObject({ code, transient: expected });
  });

  it('has the transience of its own code when it wraps another error', () => {
    const cause = new ConnectorError('not_found', { what: 'There is no user.', nextStep: 'Check the ID.' });
    expect(new ConnectorError('provider_fault', { ...cause, cause }).transient).toBe(true);
  });
});

it.each(['names no group', 'names no group. There is no group "A".'])(
  'ends a problem with one period: %s',
  (message) => {
    expect(invalidInput([{ path: 'ownedBy', message }]).what).toBe(
      `Invalid input: \`ownedBy\` ${message.replace(/\.$/, '')}.`,
    );
  },
);
