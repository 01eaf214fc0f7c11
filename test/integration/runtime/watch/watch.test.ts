import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Connector, createConnector, openWatchStore } from '../../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../../sandbox/index.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

let sandbox: Sandbox;
let connector: Connector;
let folder: ReturnType<typeof temporaryFolder>;

beforeEach(async () => {
  sandbox = await startSandbox();
  connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  folder = temporaryFolder();
});

afterEach(async () => {
  connector.close();
  await sandbox.close();
  folder[Symbol.dispose]();
});

/** The names of the first new users in a loop; at the last one, the loop body ends as `end` says. */
async function newcomers(count: number, end: 'break' | 'throw'): Promise<readonly string[]> {
  const store = await openWatchStore(folder.file('newcomers.state'));
  const names: string[] = [];
  try {
    const input = { startFrom: 'beginning' } as const;
    for await (const { subject } of connector.triggers.user_provisioned.watch(input, {
      store,
      everyInMs: 10,
    })) {
      names.push(subject.userName ?? '');
      if (names.length < count) continue;
      if (end === 'break') break;
      throw new Error('the body failed');
    }
  } catch (error) {
    expect(error).toMatchObject({ message: 'the body failed' });
  } finally {
    store.close();
  }
  return names;
}

it('resumes where a loop stopped, and repeats the event whose loop body did not complete', async () => {
  for (const name of ['ada', 'bob', 'cyd']) await connector.actions.create_user({ userName: name });
  expect(await newcomers(1, 'throw')).toEqual(['ada']);
  expect(await newcomers(2, 'throw')).toEqual(['ada', 'bob']);
  // Who breaks off has not come back for the next one either.
  expect(await newcomers(1, 'break')).toEqual(['bob']);
  await connector.actions.create_user({ userName: 'dan' });
  expect(await newcomers(3, 'break')).toEqual(['bob', 'cyd', 'dan']);
});
