import type { Connector, TriggerTypes } from '../../../runtime/index.ts';

/** What was there before a provider did something. */
export interface Scene {
  readonly ada: string;
  readonly bob: string;
  /** A group that has Ada. */
  readonly group: string;
}

type TriggerKey = keyof TriggerTypes;

/** One thing that providers and identity providers do, and the events that each trigger starts with because of it. */
export interface Behavior {
  readonly name: string;
  act(send: Send, scene: Scene): Promise<void>;
  /** The types of the events, by trigger; `provisioning_event` has all of them. Those that are not named have none. */
  readonly expected: { readonly [key in TriggerKey]?: readonly string[] };
  /** The paths that the events say have changed, in their order. */
  readonly changes?: readonly string[];
  /** Providers that do not do it that way. */
  readonly not?: readonly string[];
}

/** Sends a request as an identity provider would: the body goes out as it is. */
export type Send = (
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
) => Promise<unknown>;

/** Creates the sender over a connector's escape hatch, which changes nothing in a body. */
export function senderOf({ actions }: Connector): Send {
  return async (method, path, body) =>
    actions.custom_request({
      method,
      path,
      ...(body !== undefined && { body: body as Record<string, unknown> }),
    });
}

const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
const role = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const patch = (...Operations: readonly object[]): object => ({ schemas: [patchOp], Operations });

const deactivated = {
  expected: { user_deprovisioned: ['deactivate'], provisioning_event: ['deactivate'] },
  changes: ['active'],
} as const;

const member = (id: string): string => `members[value eq "${id}"]`;

/** Deactivation in each form that identity providers send, and everything around it. */
export const behaviors: readonly Behavior[] = [
  {
    name: 'Okta deactivates without a path',
    act: async (send, { ada }) =>
      void (await send('PATCH', `/Users/${ada}`, patch({ op: 'replace', value: { active: false } }))),
    ...deactivated,
  },
  {
    name: 'Entra ID deactivates with a capital "Replace" and the text "False"',
    act: async (send, { ada }) =>
      void (await send('PATCH', `/Users/${ada}`, patch({ op: 'Replace', path: 'active', value: 'False' }))),
    ...deactivated,
    not: ['scimmy-routers'],
  },
  {
    name: 'Entra ID deactivates with the flag, by a boolean',
    act: async (send, { ada }) =>
      void (await send('PATCH', `/Users/${ada}`, patch({ op: 'replace', path: 'active', value: false }))),
    ...deactivated,
  },
  {
    name: "Okta's wizard deactivates by PUT",
    act: async (send, { ada }) =>
      void (await send('PUT', `/Users/${ada}`, {
        ...body('ada'),
        id: ada,
        active: false,
      })),
    ...deactivated,
  },
  {
    name: 'a user is deactivated twice',
    async act(send, { ada }) {
      for (let time = 0; time < 2; time += 1)
        await send('PATCH', `/Users/${ada}`, patch({ op: 'replace', path: 'active', value: false }));
    },
    ...deactivated,
  },
  {
    name: 'a user is deactivated and gets another role at once',
    act: async (send, { ada }) =>
      void (await send(
        'PATCH',
        `/Users/${ada}`,
        patch(
          { op: 'replace', path: 'active', value: false },
          { op: 'replace', path: `${role}:workato_role`, value: 'Operator' },
        ),
      )),
    expected: {
      user_deprovisioned: ['deactivate'],
      user_role_changed: ['patch'],
      user_updated: ['patch'],
      provisioning_event: ['deactivate', 'patch'],
    },
    changes: ['active', `${role}:workato_role`],
  },
  {
    name: 'a user is deleted',
    act: async (send, { bob }) => void (await send('DELETE', `/Users/${bob}`)),
    expected: { user_deprovisioned: ['delete'], provisioning_event: ['delete'] },
    changes: [],
  },
  {
    name: 'a user comes back',
    async act(send, { bob }) {
      await send('PATCH', `/Users/${bob}`, patch({ op: 'replace', path: 'active', value: true }));
    },
    expected: {},
  },
  {
    name: 'a user is created',
    act: async (send) => void (await send('POST', '/Users', body('cyd'))),
    expected: { user_provisioned: ['create'], provisioning_event: ['create'] },
    changes: [],
  },
  {
    name: 'a user is created who is not active yet',
    act: async (send) => void (await send('POST', '/Users', { ...body('cyd'), active: false })),
    expected: { user_provisioned: ['create'], provisioning_event: ['create'] },
    changes: [],
  },
  {
    name: 'a role in the extension changes',
    act: async (send, { ada }) =>
      void (await send(
        'PATCH',
        `/Users/${ada}`,
        patch({ op: 'replace', path: `${role}:workato_role`, value: 'Admin' }),
      )),
    expected: { user_role_changed: ['patch'], user_updated: ['patch'], provisioning_event: ['patch'] },
    changes: [`${role}:workato_role`],
  },
  {
    name: 'a role in "roles" changes',
    act: async (send, { ada }) =>
      void (await send(
        'PATCH',
        `/Users/${ada}`,
        patch({ op: 'replace', path: 'roles', value: [{ value: 'editor' }] }),
      )),
    expected: { user_role_changed: ['patch'], user_updated: ['patch'], provisioning_event: ['patch'] },
    changes: ['roles[value eq "reader"]', 'roles[value eq "editor"]'],
  },
  {
    name: 'a profile is updated',
    act: async (send, { ada }) =>
      void (await send(
        'PATCH',
        `/Users/${ada}`,
        patch(
          { op: 'replace', path: 'title', value: 'Countess' },
          { op: 'replace', path: 'name.familyName', value: 'King' },
        ),
      )),
    expected: { user_updated: ['patch'], provisioning_event: ['patch'] },
    changes: ['title', 'name'],
  },
  {
    name: 'a PATCH sets what is so already',
    act: async (send, { ada }) =>
      void (await send(
        'PATCH',
        `/Users/${ada}`,
        patch(
          { op: 'replace', path: 'active', value: true },
          { op: 'replace', path: 'title', value: 'Analyst' },
        ),
      )),
    expected: {},
  },
  {
    name: 'the emails come in another order',
    act: async (send, { ada }) =>
      void (await send('PUT', `/Users/${ada}`, {
        ...body('ada'),
        id: ada,
        emails: body('ada').emails.toReversed(),
      })),
    expected: {},
  },
  {
    name: 'a group is created with a member',
    act: async (send, { bob }) =>
      void (await send('POST', '/Groups', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: 'Research',
        members: [{ value: bob }],
      })),
    expected: {
      group_created: ['create'],
      group_membership_changed: ['create'],
      provisioning_event: ['create'],
    },
  },
  {
    name: 'Okta renames a group, with the id in the value',
    act: async (send, { group }) =>
      void (await send(
        'PATCH',
        `/Groups/${group}`,
        patch({ op: 'replace', value: { id: group, displayName: 'Analysts' } }),
      )),
    expected: { group_updated: ['patch'], provisioning_event: ['patch'] },
    changes: ['displayName'],
    not: ['scimmy-routers'],
  },
  {
    name: "Okta's rename that comes with every membership update renames nothing",
    async act(send, { group, bob }) {
      await send(
        'PATCH',
        `/Groups/${group}`,
        patch({ op: 'replace', value: { id: group, displayName: 'Engineering' } }),
      );
      await send('PATCH', `/Groups/${group}`, patch({ op: 'add', path: 'members', value: [{ value: bob }] }));
    },
    expected: { group_membership_changed: ['patch'], provisioning_event: ['patch'] },
    not: ['scimmy-routers'],
  },
  {
    name: 'a group PATCH changes nothing',
    act: async (send, { group, ada }) =>
      void (await send(
        'PATCH',
        `/Groups/${group}`,
        patch({ op: 'add', path: 'members', value: [{ value: ada }] }),
      )),
    expected: {},
  },
  {
    name: 'a member leaves and another comes',
    act: async (send, { group, ada, bob }) =>
      void (await send(
        'PATCH',
        `/Groups/${group}`,
        patch({ op: 'remove', path: member(ada) }, { op: 'add', path: 'members', value: [{ value: bob }] }),
      )),
    expected: { group_membership_changed: ['patch'], provisioning_event: ['patch'] },
  },
  {
    name: 'a group is deleted',
    act: async (send, { group }) => void (await send('DELETE', `/Groups/${group}`)),
    expected: {
      group_deleted: ['delete'],
      group_membership_changed: ['delete'],
      provisioning_event: ['delete'],
    },
  },
];

/** A user, as sent to a provider. */
export function body(
  name: string,
): Readonly<Record<string, unknown>> & { readonly emails: readonly object[] } {
  return {
    schemas: [core, enterprise, role],
    userName: `${name}@example.com`,
    name: { givenName: name, familyName: 'Byron' },
    title: 'Analyst',
    active: true,
    emails: [
      { value: `${name}@example.com`, type: 'work', primary: true },
      { value: `${name}@home.example.com`, type: 'home' },
    ],
    roles: [{ value: 'reader' }],
    [enterprise]: { department: 'Engineering' },
    [role]: { workato_role: 'Analyst' },
  };
}
