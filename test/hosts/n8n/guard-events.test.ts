import { describe, expect, it } from 'vitest';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import { lossesOfEvent } from '../../../connector/safeguard/safeguard.ts';
import { guardFetched, guardPushed, type LossMemory } from '../../../hosts/n8n/runtime/guard-events.ts';
import { ConnectorError } from '../../../runtime/index.ts';
import { definition } from '../../support/open-test-session.ts';
import { sampleEvent } from '../../support/sample-event.ts';

const hourInMs = 3_600_000;
const startInMs = Date.parse('2026-05-13T08:00:00Z');

const lossesOf = (event: ProvisioningEvent) => {
  const resource = definition.resources[event.resource];
  return resource === undefined ? [] : lossesOfEvent(resource, event);
};

const leaver = (user: number): ProvisioningEvent =>
  sampleEvent(`left-${user}`, {
    type: 'deactivate',
    subject: { id: `u${user}`, externalId: null, userName: `u${user}@example.com`, displayName: null },
  });
const leavers = (from: number, to: number): readonly ProvisioningEvent[] =>
  Array.from({ length: to - from + 1 }, (_, index) => leaver(from + index));

/** A webhook node, whose static data is stored as JSON at the end of each execution. */
function openNode(number?: number) {
  const node = {
    memory: {} as LossMemory,
    approve: undefined as unknown,
    nowInMs: startInMs,
    execute(events: readonly ProvisioningEvent[]): readonly object[] | string {
      const { memory, approve, nowInMs } = node;
      try {
        return guardPushed(events, memory, { limits: { number }, lossesOf, approve, nowInMs });
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        expect(error.code).toBe('mass_change_blocked');
        return error.message;
      } finally {
        node.memory = JSON.parse(JSON.stringify(memory));
      }
    },
  };
  return node;
}

const late = (events: readonly ProvisioningEvent[]) => events.map((event) => ({ ...event, isLate: true }));

const idIn = (outcome: readonly object[] | string): string =>
  /"(hold-[0-9a-f]{16})"/.exec(String(outcome))?.[1] ?? expect.fail(`Nothing is held: ${outcome}`);

describe('an execution with too many losses', () => {
  it('fails with the number, the first ten, and the way out', () => {
    expect(openNode().execute(leavers(1, 11))).toMatch(
      /^11 users would be reported as deactivated or deleted within 24 hours, and the limit is 10\. These events were not reported\. Affected: u1@example\.com \(active → inactive\), .*u10@example\.com \(active → inactive\), and 1 more\. Check at the provider whether this is correct\. If it is, set `approve` to "hold-[0-9a-f]{16}", publish the workflow, and retry this execution/,
    );
  });

  it('reports them when it is retried after the approval, marked as possibly late', () => {
    const node = openNode();
    node.approve = idIn(node.execute(leavers(1, 11)));
    expect(node.execute(leavers(1, 11))).toEqual(late(leavers(1, 11)));
  });

  it('can be retried after the approval without static data, as on a worker', () => {
    const node = openNode();
    node.approve = idIn(node.execute(leavers(1, 11)));
    node.memory = {};
    expect(node.execute(leavers(1, 11))).toEqual(late(leavers(1, 11)));
  });

  it('can be retried with a higher limit, and counts once', () => {
    const node = openNode();
    node.execute(leavers(1, 11));
    node.execute(leavers(1, 11));
    expect(node.memory.holds).toHaveLength(1);
    const higher = openNode(11);
    higher.memory = node.memory;
    expect(higher.execute(leavers(1, 11))).toEqual(late(leavers(1, 11)));
    expect(higher.execute([leaver(12)])).toContain('12 users');
  });

  it('does not hold up the messages about others', () => {
    const node = openNode();
    node.execute(leavers(1, 11));
    const other = [sampleEvent('other')];
    expect(node.execute(other)).toEqual(other);
  });
});

describe('executions about one user each', () => {
  it('fail from the first that exceeds the limit of a day', () => {
    const node = openNode();
    for (const one of leavers(1, 10)) expect(node.execute([one])).toEqual([one]);
    expect(node.execute([leaver(11)])).toContain('(10 of them were reported before)');
    node.nowInMs += 25 * hourInMs;
    expect(node.execute([leaver(12)])).toEqual([leaver(12)]);
  });

  it('are all approved by the ID of the last hold, also after days', () => {
    const node = openNode(1);
    node.execute([leaver(1)]);
    const held = leavers(2, 5);
    const ids = held.map((one) => idIn(node.execute([one])));
    expect(new Set(ids).size).toBe(4);
    node.nowInMs += 70 * hourInMs;
    const outcomes = () => held.map((one) => node.execute([one]));
    node.approve = ids[2];
    expect(outcomes().slice(0, 3)).toEqual(held.slice(0, 3).map((one) => late([one])));
    node.approve = ids[3];
    expect(outcomes()).toEqual(held.map((one) => late([one])));
  });

  it('count while they are held, and no more once they are approved', () => {
    const node = openNode();
    const id = idIn(node.execute(leavers(1, 11)));
    expect(node.execute([leaver(12)])).toContain('12 users would be reported');
    node.approve = id;
    node.memory = { ...node.memory, holds: node.memory.holds?.slice(0, 1) ?? [] };
    expect(node.execute([leaver(13)])).toEqual([leaver(13)]);
  });

  it('are not approved by an ID that is unknown, or of an earlier hold', () => {
    const node = openNode(0);
    const [first] = leavers(1, 2).map((one) => idIn(node.execute([one])));
    for (const approve of ['hold-0123456789abcdef', first, '', undefined]) {
      node.approve = approve;
      expect(node.execute([leaver(2)])).toContain('These events were not reported.');
    }
  });
});

describe('events that are fetched', () => {
  const guard = (approve?: unknown) => ({ limits: {}, lossesOf, approve, nowInMs: startInMs });

  it('are held as a whole, until exactly these losses are approved', () => {
    const fetch = (events: readonly ProvisioningEvent[], approve?: unknown): unknown => {
      try {
        return guardFetched(events, undefined, guard(approve));
      } catch (error) {
        return (error as Error).message;
      }
    };
    const held = fetch(leavers(1, 11));
    expect(held).toContain('No events were reported and none are lost: the next poll checks again.');
    const id = idIn(String(held));
    expect(fetch(leavers(1, 11), id)).toEqual({});
    expect(fetch(leavers(1, 12), id)).toContain('12 users');
  });

  it('count for a day', () => {
    const recent = guardFetched(leavers(1, 10), undefined, guard());
    expect(guardFetched([sampleEvent('other')], recent, guard())).toEqual(recent);
    expect(() => guardFetched([leaver(11)], recent, guard())).toThrow('(10 of them were reported before)');
    const tomorrow = { ...guard(), nowInMs: startInMs + 25 * hourInMs };
    expect(guardFetched([leaver(11)], recent, tomorrow)).not.toEqual(recent);
  });
});
