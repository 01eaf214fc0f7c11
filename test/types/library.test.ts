import { expect, it } from 'vitest';
import type { Connector, User } from '../../runtime/index.ts';

// tsc checks what this file says; nothing of it is run but the last test.
async function typed({ actions, stream, triggers, receiver, watch }: Connector): Promise<void> {
  const user: User = await actions.create_user({
    userName: 'ada@example.com',
    department: 'Research',
    workato_role: 'Admin',
  });
  const id: string = user.id;
  // @ts-expect-error: a user name is required
  await actions.create_user({});
  // @ts-expect-error: a misspelled field
  await actions.create_user({ userName: 'ada@example.com', departement: 'Research' });
  // @ts-expect-error: a boolean is no string
  await actions.create_user({ userName: 'ada@example.com', active: 'False' });
  // @ts-expect-error: a reference is no string
  await actions.get_user({ user: id });
  // @ts-expect-error: there may be none
  const found: User = await actions.find_user({ user: { id } });
  await actions.update_user({ user: { email: 'ada@example.com' }, title: null });
  // @ts-expect-error: a user name cannot be removed
  await actions.update_user({ user: { id }, userName: null });
  // @ts-expect-error: there is no such environment
  await actions.set_workato_role({ user: { id }, environment: 'staging', role: 'Admin' });
  for await (const one of stream.search_users({ active: true })) one.emails?.map(({ value }) => value);
  // @ts-expect-error: only searches have a stream
  stream.create_user({ userName: 'ada@example.com' });
  const role: string | undefined =
    user['urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole']?.workato_role_prod;
  for await (const event of triggers.user_deprovisioned.watch({ massChangeLimit: 5 }, { everyInMs: 1000 })) {
    const kind: 'User' = event.resource;
    void kind;
  }
  // @ts-expect-error: a limit is a number
  triggers.user_deprovisioned.watch({ massChangeLimit: 'five' });
  receiver('workos', { secret: 'a-secret' }, { trigger: 'user_deprovisioned' });
  // @ts-expect-error: this source is fetched, and sends nothing
  receiver('security_event_poll', { issuer: '', audience: '', jwksUrl: '', pollUrl: '', pollToken: '' });
  await watch(['user_deprovisioned', { key: 'user_role_changed', input: { roleTo: 'Admin' } }], {
    sources: [{ type: 'workos', settings: { secret: 'a-secret' } }],
    listen: { port: 0 },
    sink({ resource }) {
      const kind: 'User' = resource;
      void kind;
    },
  });
  // @ts-expect-error: there is no such trigger
  await watch('user_promoted', { sink: () => undefined });
  // @ts-expect-error: a limit is a number
  await watch({ key: 'user_deprovisioned', input: { massChangeLimit: 'five' } }, { sink: () => undefined });
  // @ts-expect-error: the source needs a secret
  await watch('user_updated', { sources: [{ type: 'workos', settings: {} }], sink: () => undefined });
  // @ts-expect-error: events have to go somewhere
  await watch('user_updated', {});
  void [found, role];
}

it('compiles: tsc checks this file with the rest', () => {
  expect(typed).toBeTypeOf('function');
});
