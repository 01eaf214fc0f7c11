import { describe, expect, it } from 'vitest';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import type { N8nPollFunctions } from '../../../hosts/n8n/runtime/n8n-functions.ts';
import type { N8nSession } from '../../../hosts/n8n/runtime/n8n-session.ts';
import { createPipelineOpener } from '../../../hosts/n8n/runtime/open-source.ts';
import { createPollTrigger } from '../../../hosts/n8n/runtime/poll-trigger.ts';
import { definition } from '../../support/open-test-session.ts';
import { sampleEvent } from '../../support/sample-event.ts';

/** A node whose provider counts the looks: each goes on from the previous one, and tells of its number. */
function openNode() {
  const looks: unknown[] = [];
  const node = {
    baseUrl: 'https://one.example/scim',
    credential: 'one',
    mode: 'trigger',
    /** n8n keeps the static data of each node by its name. */
    name: 'SCIM Trigger',
    id: 'node',
    staticData: new Map<string, Record<string, unknown>>(),
    looks,
    look: async (cursor: unknown): Promise<readonly ProvisioningEvent[]> => [sampleEvent(String(cursor))],
    poll: () => poll(functions),
  };
  const functions = {
    getNodeParameter: (name: string, fallback?: unknown) => (name === 'event' ? 'user_updated' : fallback),
    getMode: () => node.mode,
    getWorkflowStaticData(type: 'node' | 'global') {
      const key = type === 'node' ? `node:${node.name}` : type;
      const stored = node.staticData.get(key) ?? {};
      node.staticData.set(key, stored);
      return stored;
    },
    getWorkflow: () => ({ id: 'workflow' }),
    getNode: () => ({ id: node.id, credentials: { scimApi: { id: node.credential } } }),
  } as unknown as N8nPollFunctions;
  const session = {
    async poll(_: string, __: unknown, cursor: number | undefined) {
      looks.push(cursor);
      return { events: await node.look(cursor), cursor: (cursor ?? 0) + 1, more: false, pages: new Map() };
    },
  };
  const refuse = (): never => {
    throw new Error('No source is opened');
  };
  const poll = createPollTrigger(
    definition,
    async () => ({ session, baseUrl: node.baseUrl }) as unknown as N8nSession,
    refuse,
    refuse,
  );
  return node;
}

describe('the cursor of a polling trigger', () => {
  it('resumes from the last poll', async () => {
    const node = openNode();
    expect(await node.poll()).toMatchObject([{ id: 'undefined' }]);
    expect(await node.poll()).toMatchObject([{ id: '1' }]);
    expect(node.looks).toEqual([undefined, 1]);
  });

  it('stays unchanged if a poll fails, or a user fetches a test event', async () => {
    const node = openNode();
    await node.poll();
    const { look } = node;
    node.look = () => Promise.reject(new Error('Nobody answers'));
    await expect(node.poll()).rejects.toThrow('Nobody answers');
    node.look = look;
    node.mode = 'manual';
    expect(await node.poll()).toMatchObject([{ id: '1' }]);
    node.look = async () => [];
    // A workflow can tell that nobody has changed.
    const sample = definition.triggers.find(({ key }) => key === 'user_updated')?.sample as object;
    expect(await node.poll()).toEqual([{ ...sample, isSample: true }]);
    expect(node.looks).toEqual([undefined, 1, 1, 1]);
    expect(node.staticData.get('node:SCIM Trigger')).toMatchObject({ cursor: 1 });
  });

  it('starts over at another provider, where all known users would look deleted', async () => {
    const node = openNode();
    await node.poll();
    node.baseUrl = 'https://other.example/scim';
    await node.poll();
    await node.poll();
    // All workspaces of Workato have one address: another credential may be that of another workspace.
    node.credential = 'other';
    await node.poll();
    expect(node.looks).toEqual([undefined, undefined, 1, undefined]);
  });

  it('is kept when the node is renamed, and is not that of another node with the same name', async () => {
    const node = openNode();
    await node.poll();
    node.name = 'Leavers';
    await node.poll();
    node.id = 'other node';
    await node.poll();
    // Their names are swapped.
    node.name = 'SCIM Trigger';
    await node.poll();
    node.name = 'Leavers';
    node.id = 'node';
    await node.poll();
    expect(node.looks).toEqual([undefined, 1, undefined, 1, 2]);
  });

  it('is that of a node whose state was stored by an earlier version', async () => {
    const node = openNode();
    const targetKey = `${node.baseUrl} one`;
    node.staticData.set('node:SCIM Trigger', { targetKey, cursor: 7 });
    await node.poll();
    expect(node.looks).toEqual([7]);
  });

  it('skips a poll while another is in progress', async () => {
    const node = openNode();
    let answer = (_: readonly ProvisioningEvent[]): void => undefined;
    node.look = () => new Promise((resolve) => (answer = resolve));
    const first = node.poll();
    expect(await node.poll()).toBeNull();
    answer([]);
    expect(await first).toBeNull();
    expect(node.looks).toEqual([undefined]);
  });
});

describe('a log', () => {
  /** A node that polls a source with the credential of an event source. */
  function openLogNode(type: string) {
    const polled: unknown[] = [];
    const staticData: Record<string, unknown> = {};
    const parameters: Readonly<Record<string, unknown>> = { event: 'user_deprovisioned', source: 'log' };
    const functions = {
      getNodeParameter: (name: string, fallback?: unknown) => parameters[name] ?? fallback,
      getMode: () => 'trigger',
      getWorkflowStaticData: (type: 'node' | 'global') => (type === 'node' ? staticData : {}),
      getWorkflow: () => ({ id: 'workflow' }),
      // The credential of a provider that was selected before is still there.
      getNode: () => ({ id: 'node', credentials: { scimEventsApi: { id: 'two' }, scimApi: { id: 'one' } } }),
      helpers: {},
    } as unknown as N8nPollFunctions;
    const receiver = {
      async poll(cursor: unknown) {
        polled.push(cursor);
        const events = [sampleEvent('a', { type: 'deactivate' }), sampleEvent('b')];
        return { events, cursor: 'next', more: false, pages: new Map() };
      },
      testConnection: async () => undefined,
    };
    const noProvider = async (): Promise<never> => {
      throw new Error('No provider is opened');
    };
    const poll = createPollTrigger(
      definition,
      noProvider,
      async () => ({ type, delivery: 'pull', receiver }),
      createPipelineOpener(definition, noProvider, async () => undefined),
    );
    return { poll: () => poll(functions), polled, staticData };
  }

  it('is polled without a provider, and the cursor belongs to its credential', async () => {
    const { poll, polled, staticData } = openLogNode('workato_activity_log');
    expect(await poll()).toMatchObject([{ id: 'a' }]);
    expect(await poll()).toMatchObject([{ id: 'a' }]);
    expect(polled).toEqual([undefined, 'next']);
    expect(staticData).toEqual({
      nodeId: 'node',
      targetKey: 'workato_activity_log two',
      cursor: 'next',
      losses: { users: [[expect.any(Number), 2, 0]] },
    });
  });

  it('is not a stream of tokens, whose values would be missing', async () => {
    const { poll, polled } = openLogNode('security_event_poll');
    await expect(poll()).rejects.toThrow('Set Source to Event Stream (RFC 8936)');
    expect(polled).toEqual([]);
  });
});
