import { expect, it } from 'vitest';
import type { Connector, ConnectorError, ErrorCode, RunOptions } from '../../runtime/index.ts';

// tsc checks what this file says; nothing of it is run but the last test.
async function typed({ actions, stream, run }: Connector, error: ConnectorError): Promise<void> {
  // @ts-expect-error: two ways in one reference are not clear
  await actions.get_user({ user: { id: '1', userName: 'ada@example.com' } });
  // @ts-expect-error: an empty reference is invalid
  await actions.get_user({ user: {} });
  // @ts-expect-error: a group has no userName
  await actions.get_group({ group: { userName: 'ada@example.com' } });
  // @ts-expect-error: members are a list
  await actions.add_group_members({ group: { id: '1' }, members: { id: '2' } });
  // @ts-expect-error: undefined is no value
  await actions.update_user({ user: { id: '1' }, title: undefined });
  // @ts-expect-error: what only the provider sets cannot be given
  await actions.create_user({ userName: 'ada@example.com', id: '1' });
  const workato = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';
  // @ts-expect-error: an extension has no such attribute
  await actions.create_user({ userName: 'a', [workato]: { role: 'x' } });
  // @ts-expect-error: there is no such order
  await actions.search_users({ sortOrder: 'up' });
  // @ts-expect-error: there is no such row action
  await actions.bulk_users({ action: 'create_group', rows: [] });
  // @ts-expect-error: there is no such action
  actions.fly_user;

  const found = await actions.find_user({ user: { email: 'ada@example.com' } });
  // @ts-expect-error: find_user may give nobody
  found.id;
  const { id, userName } = await actions.get_user({ user: { id: '1' } });
  const whole: string = id;
  // @ts-expect-error: a provider may omit all but the ID
  const name: string = userName;
  for await (const group of stream.search_groups({})) group.members?.map(({ value }) => value);
  const { results } = await actions.bulk_users({ rows: [{ userName: 'a' }] });
  const codes: readonly (string | undefined)[] = results.map((row) => row.error?.code);
  const raw: unknown = await run('anything', {}, { signal: AbortSignal.abort() } satisfies RunOptions);
  const code: ErrorCode = error.code;
  // @ts-expect-error: there is no such code
  const other: ErrorCode = 'oops';
  // @ts-expect-error: what an error says cannot be changed
  error.code = 'auth';
  void [whole, name, codes, raw, code, other];
}

it('compiles: tsc checks this file with the rest', () => {
  expect(typed).toBeTypeOf('function');
});
