import { describe, expect, it } from 'vitest';
import { migrate, newPollCursor, readPollCursor } from '../../../../triggers/poll/poll-cursor.ts';
import { failureOf } from '../../../support/failure-of.ts';

const provider = 'https://scim.example.com/v2';

describe('a cursor', () => {
  it('is read as it was stored', () => {
    const cursor = newPollCursor(provider, () => 0.5);
    expect(cursor).toEqual({ version: 2, provider, epoch: 'i0000000', sequence: 0, resources: {} });
    expect(readPollCursor(JSON.parse(JSON.stringify(cursor)), provider)).toEqual(cursor);
    expect(readPollCursor(undefined, provider)).toBeUndefined();
    expect(readPollCursor(null, provider)).toBeUndefined();
  });

  it.each([
    ['text'],
    [7],
    [[]],
    [{}],
    [{ version: '1', resources: {} }],
    [{ version: 0, resources: {} }],
    [{ version: 1 }],
  ])('is not %j', async (kept) => {
    const error = await failureOf(async () => readPollCursor(kept, provider));
    expect(error).toMatchObject({ code: 'invalid_input', problems: [{ path: 'cursor' }] });
  });

  it('of another provider is rejected, because every user would look deleted', async () => {
    const kept = newPollCursor('https://other.example.com', () => 0.5);
    const error = await failureOf(async () => readPollCursor(kept, provider));
    expect(error.message).toContain(
      'belongs to https://other.example.com, and the connection is to https://scim.example.com/v2',
    );
  });

  it('of a newer release is rejected', async () => {
    const error = await failureOf(async () => readPollCursor({ version: 3, resources: {} }, provider));
    expect(error).toMatchObject({ code: 'unsupported' });
    expect(error.message).toContain('it has version 3, and this release supports 2');
  });

  it('of version 1 has reported no losses in the past day', () => {
    const stored = { ...newPollCursor(provider, () => 0.5), version: 1, resources: { User: { size: 3 } } };
    expect(readPollCursor(stored, provider)).toMatchObject({
      version: 2,
      resources: { User: { size: 3, recentLosses: {} } },
    });
  });

  it('of any earlier version is migrated, step by step', () => {
    const steps = [
      (cursor: object) => ({ ...cursor, version: 2, two: true }),
      (cursor: object) => ({ ...cursor, version: 3, three: true }),
    ];
    expect(migrate({ version: 1, resources: {} }, steps)).toEqual({
      version: 3,
      resources: {},
      two: true,
      three: true,
    });
    expect(migrate({ version: 2, resources: {} }, steps)).toEqual({ version: 3, resources: {}, three: true });
    expect(migrate({ version: 3, resources: {} }, steps)).toEqual({ version: 3, resources: {} });
  });
});
