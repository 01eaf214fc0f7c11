import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import { pollOnce } from '../../../hosts/zapier/runtime/poll-trigger.ts';
import { openZapierSession, type ZapierSession } from '../../../hosts/zapier/runtime/zapier-session.ts';
import { definition } from '../../support/open-test-session.ts';

afterEach(() => vi.unstubAllEnvs());

const z = { request: () => Promise.reject(new Error('nothing is sent')), console, errors: {} } as never;
const authData = { baseUrl: 'https://192.0.2.1/scim', token: 'secret' };

describe('a run in Zapier', () => {
  it('ends before the 30 seconds of Zapier, whatever the connection says', async () => {
    vi.stubEnv('ROLECALL_ALLOW_PRIVATE_ADDRESSES', 'true');
    for (const deadlineInMs of [undefined, '600000']) {
      const { client } = await openZapierSession(definition, z, { authData: { ...authData, deadlineInMs } });
      const { connection } = client;

      expect(connection.deadlineInMs).toBe(22_000);
      expect(connection.timeoutInMs).toBeLessThanOrEqual(22_000);
    }
    const short = await openZapierSession(definition, z, { authData: { ...authData, deadlineInMs: '5000' } });
    expect(short.client.connection.deadlineInMs).toBe(5000);
  });
});

const trigger = definition.triggers.find(({ key }) => key === 'user_provisioned');

/** A session whose only poll finds users, the first of which is the oldest. */
function sessionWith(count: number, isDated: boolean): ZapierSession {
  const events = Array.from({ length: count }, (_, number) => {
    const created = new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString();
    const data = { id: `u${number}`, meta: isDated ? { created } : {} };
    return { resource: 'User', subject: { id: data.id }, data } as unknown as ProvisioningEvent;
  });
  const polled = { events, cursor: undefined, more: false };
  return { session: { preparePoll: () => async () => polled } } as unknown as ZapierSession;
}

describe('a poll in Zapier', () => {
  it('returns the newest users if there are more than a result can have', async () => {
    if (trigger === undefined) throw new Error('There is no such trigger');
    const events = await pollOnce(definition, trigger, sessionWith(1500, true), {});

    expect(events).toHaveLength(1000);
    expect([events[0]?.subject.id, events.at(-1)?.subject.id]).toEqual(['u1499', 'u500']);
  });

  it('fails rather than choosing some of many users whose age is unknown', async () => {
    if (trigger === undefined) throw new Error('There is no such trigger');

    expect(await pollOnce(definition, trigger, sessionWith(1000, false), {})).toHaveLength(1000);
    await expect(pollOnce(definition, trigger, sessionWith(1001, false), {})).rejects.toThrow(
      /instant trigger/,
    );
  });
});
