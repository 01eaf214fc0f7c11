import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ConnectorError } from '../../../runtime/index.ts';
import { answerUsers, contradictoryLists } from '../../support/contradictory-copies.ts';
import { answerContradictory, contradictoryPlans, shownChanges } from '../../support/contradictory-plans.ts';
import { definition } from '../../support/open-test-session.ts';
import { everybody, type PagingHabit, pagingHabits, unreadableLists } from '../../support/paging-habits.ts';
import { type ListServer, startListServer } from '../../support/start-list-server.ts';
import { asJobError, readJobError } from './job-error.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

let ruby: RubyConnector;
let server: ListServer;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});

afterEach(() => server.close());

afterAll(() => ruby.close());

interface Found {
  readonly ids?: readonly string[];
  readonly totalResults?: number;
  readonly truncated?: boolean;
  readonly code?: string;
  readonly message?: string;
}

interface SearchOutput {
  readonly resources: readonly { readonly id: string }[];
  readonly totalResults: number;
  readonly truncated: boolean;
}

const found = ({ resources, totalResults, truncated }: SearchOutput): Found => ({
  ids: resources.map(({ id }) => id).toSorted((one, other) => Number(one) - Number(other)),
  totalResults,
  truncated,
});

async function searchOnNode(input: object): Promise<Found> {
  try {
    return found((await server.connector.run('search_users', input)) as SearchOutput);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return asJobError(error, definition);
  }
}

async function searchOnRuby(input: object): Promise<Found> {
  await ruby.ask({ do: 'reset' });
  const settings = { baseUrl: server.baseUrl, token: 'token' };
  const { value, error } = await ruby.ask({ do: 'execute', key: 'search_users', input, settings });
  return error === undefined ? found(value as SearchOutput) : readJobError(error);
}

it.each(pagingHabits)('reads all users of a list with $name, on Node and on Ruby', async ({ answer }) => {
  server = await startListServer(answer);
  for (const input of [{}, { pageSize: 20 }, { pageSize: 500 }]) {
    const whole = { ids: everybody.map(({ id }) => id), totalResults: 130, truncated: false };
    expect(await searchOnNode(input)).toEqual(whole);
    expect(await searchOnRuby(input)).toEqual(whole);
  }
});

it.each(unreadableLists)(
  'fails the same way on Node and on Ruby for a list with $name',
  async ({ name, answer }: PagingHabit) => {
    server = await startListServer(answer);
    const onNode = await searchOnNode({});
    const onRuby = await searchOnRuby({});
    expect(onNode.code).toBe('provider_fault');
    expect(onRuby.code).toBe('provider_fault');
    // How far a list in random order comes is chance.
    if (!name.includes('order')) expect(onRuby.message).toBe(onNode.message);
  },
);

it.each(contradictoryLists)(
  'polls a user with contradictory copies in the same way on Node and on Ruby: one $name',
  async ({ copies, byId, events }) => {
    let list = { copies: [true] as readonly boolean[], byId: true as boolean | number };
    server = await startListServer((request) => answerUsers(request, list.copies, list.byId));
    await ruby.ask({ do: 'reset' });
    const input = { strategy: 'snapshot' } as const;
    const settings = { baseUrl: server.baseUrl, token: 'token' };
    let closure: unknown = null;
    let cursor: Parameters<typeof server.connector.triggers.user_deprovisioned.poll>[1];
    const types: string[][] = [];
    for (const next of [list, { copies, byId }]) {
      list = next;
      const onNode = await server.connector.triggers.user_deprovisioned.poll(input, cursor);
      cursor = onNode.cursor;
      const { value, error } = await ruby.ask({
        do: 'poll',
        key: 'user_deprovisioned',
        input,
        closure,
        settings,
      });
      expect(error).toBeUndefined();
      const onRuby = value as { events: readonly { type: string }[]; next_poll: unknown };
      closure = onRuby.next_poll;
      types.push(
        onNode.events.map(({ type }) => type),
        onRuby.events.map(({ type }) => type),
      );
    }
    expect(types).toEqual([[], [], events, events]);
  },
);

it.each(contradictoryPlans)(
  'plans for a user with contradictory copies in the same way on Node and on Ruby: one $name',
  async ({ listed, byId, rows, changes, problems = [], notes = [], isRead }) => {
    server = await startListServer((request) => answerContradictory({ listed, byId }, request));
    await ruby.ask({ do: 'reset' });
    const input = { users: rows, ownedBy: 'externalId:hr-', safetyLimit: 100 };
    const onNode = await server.connector.actions.plan_sync(input);
    const before = server.asked.length;
    const settings = { baseUrl: server.baseUrl, token: 'token' };
    const { value, error } = await ruby.ask({ do: 'execute', key: 'plan_sync', input, settings });
    expect(error).toBeUndefined();
    const onRuby = value as typeof onNode;
    for (const plan of [onNode, onRuby])
      expect({
        changes: shownChanges(plan.changes),
        problems: plan.problems.map(({ message }) => message),
        notes: plan.notes,
      }).toEqual({ changes, problems, notes });
    const asked = server.asked.slice(before).map(({ line }) => line);
    expect(asked.includes('GET /Users/1')).toBe(isRead);
  },
);
