import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exitCodeOf, exitStatus, UsageError } from '../../../cli/errors.ts';
import { ConnectorError, type ErrorCode } from '../../../connector/errors.ts';
import { ManifestError } from '../../../connector/manifest/manifest-error.ts';

const exits: Readonly<Record<ErrorCode, number>> = {
  invalid_input: 2,
  auth: 3,
  forbidden: 3,
  not_found: 4,
  conflict: 5,
  precondition_failed: 5,
  rate_limited: 6,
  unavailable: 6,
  mass_change_blocked: 7,
  provider_fault: 1,
  unsupported: 1,
};

describe('exitCodeOf', () => {
  it.each(Object.entries(exits) as [ErrorCode, number][])('maps %s to %i', (code, exit) => {
    expect(exitCodeOf(new ConnectorError(code, { what: 'It failed.', nextStep: 'Try again.' }))).toBe(exit);
  });

  it.each([
    ['a wrong command line', new UsageError('--x is missing'), 2],
    ['a wrong manifest', new ManifestError('manifest.json', []), 2],
    ['anything else', new Error('unexpected'), 1],
  ])('maps %s to its own code', (_, error, exit) => {
    expect(exitCodeOf(error)).toBe(exit);
  });

  it('has a code for each result whose output is printed', () => {
    expect(exitStatus).toEqual({ stopped: 1, held: 7, partial: 8, changes: 9 });
  });

  it('agrees with the table in the README', () => {
    const rows = readFileSync('README.md', 'utf8').matchAll(/^\| `(\w+)` \| (\d) \|/gm);
    expect(Object.fromEntries([...rows].map(([, code, exit]) => [code, Number(exit)]))).toEqual(exits);
  });
});
