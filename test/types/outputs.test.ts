import { expect, it } from 'vitest';
import { type Connector, flattenExtensions, type User } from '../../runtime/index.ts';

/** What an overlay adds to a user, as its author declares it to TypeScript. */
interface AcmeUser extends User {
  'urn:acme:params:scim:schemas:extension:access:1.0:User'?: { acmeRole?: string; approvalLimit?: number };
}

// tsc checks what this file says; nothing of it is run but the last test.
async function typed({ actions, triggers, run }: Connector): Promise<void> {
  const user = await actions.get_user({ user: { id: '1' } });
  // @ts-expect-error: a misspelled attribute
  user.usernam;
  // @ts-expect-error: a misspelled sub-attribute
  user.name?.givenNam;
  // @ts-expect-error: a misspelled attribute of an extension
  user['urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole']?.workato_rol;
  // @ts-expect-error: an attribute of an extension is under its schema
  user.department;
  // What a provider adds on its own is read as data of an unknown form.
  const raw = (await run('get_user', { user: { id: '1' } })) as Readonly<Record<string, unknown>>;
  const nickname: unknown = raw.nickname;

  const flat = flattenExtensions(user);
  const role: string | undefined = flat.workato_role;
  const department: string | undefined = flat.department;
  const manager: string | undefined = flat.manager?.value;
  const name: string | undefined = flat.userName;
  // @ts-expect-error: a misspelled attribute
  flat.departement;
  // @ts-expect-error: the schema is gone from a flat user
  flat['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'];
  // @ts-expect-error: a role is text
  const level: number | undefined = flat.workato_role;
  const { acmeRole, approvalLimit } = flattenExtensions(user as AcmeUser);
  const typedByOverlay: readonly [string | undefined, number | undefined] = [acmeRole, approvalLimit];

  const group = await actions.get_group({ group: { id: '1' } });
  // @ts-expect-error: a group has no such attribute
  group.userName;
  const { displayName } = flattenExtensions(group);
  const groupName: string | undefined = displayName;

  await actions.bulk_users({ rows: [{ userName: 'ada@example.com', department: 'Research' }] });
  await actions.bulk_users({ action: 'deactivate_user', rows: [{ user: { email: 'ada@example.com' } }] });
  // @ts-expect-error: rows of the default action are users
  await actions.bulk_users({ rows: [{ user: { id: '1' } }] });
  await actions.bulk_users({
    action: 'deactivate_user',
    rows: [{ userName: 'ada@example.com' }, { id: '1' }],
  });
  // @ts-expect-error: a row without a user
  await actions.bulk_users({ action: 'deactivate_user', rows: [{}] });
  const roleRows = [{ user: { id: '1' }, environment: 'prod' as const }];
  // @ts-expect-error: a row without its role
  await actions.bulk_users({ action: 'set_workato_role', rows: roleRows });
  const { results } = await actions.bulk_users({
    action: 'delete_user',
    rows: [{ user: { id: '1' } }],
  });
  for (const { output } of results)
    if (output !== undefined && 'deleted' in output) {
      const gone: boolean = output.alreadyGone;
      void gone;
    }

  const { serviceProviderConfig, schemas } = await actions.discover_provider({});
  const canPatch: boolean | undefined = serviceProviderConfig?.patch?.supported;
  // @ts-expect-error: a misspelled option
  serviceProviderConfig?.patch?.suported;
  const names: readonly (string | undefined)[] = schemas.map(({ id }) => id);
  const { headers } = await actions.custom_request({ path: '/Users' });
  const etag: string | undefined = headers.etag;

  for await (const event of triggers.provisioning_event.watch({})) {
    if (event.resource === 'User') {
      const who: string | undefined = event.data?.userName;
      void who;
    } else {
      // @ts-expect-error: a group has members, and no username
      event.data?.userName;
      event.data?.members?.map(({ value }) => value);
    }
  }
  void [nickname, role, department, manager, name, level, typedByOverlay, groupName, canPatch, names, etag];
}

it('compiles: tsc checks this file with the rest', () => {
  expect(typed).toBeTypeOf('function');
});
