import { beforeEach, describe, expect, it } from 'vitest';
import { ConnectorError } from '../../../../connector/errors.ts';
import { openTestSession } from '../../../support/open-test-session.ts';
import { createPollProvider, type PollProvider } from '../../../support/poll-provider.ts';

let provider: PollProvider;
let account: Readonly<Record<string, unknown>> | undefined;
let cursor: unknown;

beforeEach(() => {
  account = { id: 'acme' };
  cursor = undefined;
  provider = createPollProvider(5);
  provider.lie = ({ url }) =>
    url.pathname.endsWith('/ServiceProviderConfig') && account !== undefined
      ? { status: 200, body: JSON.stringify({ ...account, filter: { supported: true } }) }
      : undefined;
});

/** Polls in a process of its own, as the watch of a state does after a restart. */
async function watch(input: object = { strategy: 'changed_since' }) {
  provider.platform.advance(60_000);
  provider.platform.logged.length = 0;
  const session = openTestSession(provider.platform);
  const poll = session.prepareSharedPoll('user_updated', [{ key: 'user_updated', input }]);
  const result = await poll(cursor, { approvedLosses: new Set() });
  cursor = JSON.parse(JSON.stringify(result.cursor));
  return {
    events: result.events.map(({ event: { type, subject } }) => `${type} ${subject.id}`),
    held: result.held?.losses.length ?? 0,
    why: logOf('poll_done')?.why,
  };
}

function logOf(name: string) {
  return provider.platform.logged.find(({ event }) => event === name);
}

/** Puts another directory behind the URL. @param changed the users whose timestamps are new */
function moveToTenant(
  people: readonly { readonly id: string; readonly userName: string }[],
  changed: number,
) {
  const nowInMs = provider.platform.now() + 30_000;
  provider.people = people.map((person, index) => {
    const lastModified = new Date(index < changed ? nowInMs : 0).toISOString();
    return { ...person, active: false, meta: { created: lastModified, lastModified } };
  });
}

const others = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({ id, userName: `${id}@other.example` }));
/** As many providers do, this one numbers its users. */
const namesakes = others.map(({ userName }, index) => ({ id: `${index + 1}`, userName }));

describe('another tenant behind the same URL', () => {
  it('is held by a poll of changes, although it has changes, and shows no account', async () => {
    account = undefined;
    await watch();
    moveToTenant(others, 2);
    expect(await watch()).toMatchObject({ events: [], held: 1 });
    expect(await watch()).toMatchObject({ events: [], held: 1 });
  });

  it('is held even if its users have the same IDs, once it shows another account', async () => {
    await watch();
    account = { id: 'other' };
    moveToTenant(namesakes, 2);
    expect(await watch()).toMatchObject({ events: [], held: 1 });
    expect(await watch({})).toMatchObject({ events: [], held: 1 });
    expect(logOf('account_changed')).toBeUndefined();
  });

  it('is held even if only one user was known, and a limit would allow it, once it shows another account', async () => {
    provider.people = provider.people.slice(0, 1);
    const input = { massChangeLimit: 100 };
    await watch(input);
    account = { id: 'acme', meta: { location: 'https://other.example/ServiceProviderConfig' } };
    moveToTenant(others, 6);
    expect(await watch(input)).toMatchObject({ events: [], held: 1 });
  });
});

it('accepts another account that has the known users, logs it once, and reports what changed', async () => {
  await watch();
  account = { meta: { location: 'https://new.example/ServiceProviderConfig' } };
  provider.platform.advance(60_000);
  provider.change('2', { title: 'Countess' });
  expect(await watch()).toEqual({ events: ['patch 2'], held: 0, why: 'account_changed' });
  expect(logOf('account_changed')).toMatchObject({
    level: 'warn',
    from: 'acme',
    to: 'https://new.example/ServiceProviderConfig',
  });
  expect(await watch()).toMatchObject({ events: [], held: 0 });
  expect(logOf('account_changed')).toBeUndefined();
});

it.each([
  ['cannot be read', undefined],
  ['shows no account', {}],
])('goes on as before if the configuration %s', async (_, shown) => {
  await watch();
  account = shown;
  provider.platform.advance(60_000);
  provider.change('2', { title: 'Countess' });
  expect(await watch()).toMatchObject({ events: ['patch 2'], held: 0 });
  // What was known stays known.
  account = { id: 'other' };
  await watch();
  expect(logOf('account_changed')).toMatchObject({ from: 'acme', to: 'other' });
});

it('reads everybody if no changed user is known, and reports a new user if the newest known one is gone', async () => {
  account = undefined;
  await watch();
  provider.platform.advance(60_000);
  provider.change('5', { title: 'Countess' });
  await watch();
  provider.remove('5');
  provider.platform.advance(60_000 * 60);
  provider.add('6');
  const result = await watch();
  expect(result).toMatchObject({ held: 0, why: 'nobody_known' });
  expect(await watch()).toMatchObject({ events: [], held: 0 });
});

it('needs no account to poll without a state', async () => {
  await provider.poll('user_updated');
  provider.platform.sent.length = 0;
  provider.lie = ({ url }) => {
    if (url.pathname.endsWith('/ServiceProviderConfig'))
      throw new ConnectorError('unavailable', { what: 'x', nextStep: 'y' });
    return undefined;
  };
  expect((await provider.poll('user_updated')).events).toEqual([]);
});
