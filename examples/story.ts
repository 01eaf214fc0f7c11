// The life cycle of one user, from the identity provider to the workspace and back, only over HTTP:
//   node examples/story.ts [okta|okta-put|entra|entra-flag|onelogin]
// Every step states the expected result, and the script exits with 1 if it differs.
import { table } from '../cli/table.ts';
import { type ActionDefinition, type Connector, createConnector } from '../runtime/index.ts';
import { createIdp, flavorNames, startIdpServer, startSandbox } from '../sandbox/index.ts';

const flavor = flavorNames.find((name) => name === (process.argv[2] ?? 'okta'));
if (flavor === undefined) throw new Error(`Give a flavor: ${flavorNames.join(', ')}`);

const userName = 'ada@example.com';
const root = 'root@workspace.example';
const idp = createIdp({ flavor });
const sandbox = await startSandbox({ idp: { entityId: idp.entityId, certificate: idp.certificate } });
idp.setLogin({ acsUrl: sandbox.acsUrl, audience: sandbox.audience });
idp.setProvisioning({ scimBaseUrl: sandbox.scimBaseUrl, token: sandbox.token });
const control = await startIdpServer(idp, sandbox.adminToken);

type Answer = Readonly<Record<string, unknown>> & { readonly ok?: boolean; readonly error?: string };

try {
  await step('assign: the identity provider creates the user', async () => {
    const roles = { workato_role: 'Analyst', workato_role_test: 'Operator', workato_role_prod: 'NoAccess' };
    await must(order('/assign', { userName, givenName: 'Ada', familyName: 'Lovelace', roles }));
    return roleIs('Analyst');
  });
  await step('role change: it takes effect at once', async () => {
    await must(order('/change', { userName, roles: { workato_role: 'Admin' } }));
    return roleIs('Admin');
  });
  await step('manual change: it holds', async () => {
    await admin(`/members/${userName}`, 'PATCH', { roles: { dev: 'Operator' } });
    return roleIs('Operator');
  });
  await step('login: it overwrites the manual change', async () => {
    await must(order('/login', { userName }));
    return roleIs('Admin');
  });
  await step('manual removal: the user has no access', async () => {
    await admin(`/members/${userName}?actor=${root}`, 'DELETE');
    return (await members()).some((member) => member.email === userName && member.status === 'active')
      ? 'still there'
      : undefined;
  });
  await step('login: it brings the user back', async () => {
    await must(order('/login', { userName }));
    return roleIs('Admin');
  });
  await step('deprovision: access ends', async () => {
    await must(order('/unassign', { userName }));
    return (await members()).some((member) => member.email === userName && member.status === 'active')
      ? 'still active'
      : undefined;
  });
  await step('login: it is refused', async () => {
    const { ok, error } = await order('/login', { userName, isForced: true });
    return ok === true ? 'was let in' : print(error);
  });
  await step('token refresh: the next sync fails, and says what to do', async () => {
    await admin('/tokens/scim/refresh', 'POST', { actor: root });
    const { ok, error = '' } = await order('/reassign', { userName });
    return ok === true || !/token/i.test(error) ? `ok: ${ok}, ${error}` : print(error);
  });
  await step('the new token: the connector finds the user as the identity provider left them', async () => {
    const { token } = await admin('/tokens/scim/refresh', 'POST', { actor: root });
    const connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: String(token) });
    const user = await connector.actions.find_user({ user: { userName } });
    connector.close();
    // OneLogin's Suspend and the others' deactivation leave the account.
    return user?.active === false ? undefined : `active is ${user?.active}`;
  });
  await step('every action of the connector works on the result', async () => {
    const { token } = await admin('/tokens/scim/refresh', 'POST', { actor: root });
    const connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: String(token) });
    // The manager in the sample of set_user_manager.
    await connector.actions.create_user({ userName: 'grace@example.com' });
    for (const action of connector.definition.actions) {
      await prepare(connector, action);
      await connector.run(action.key, await inputOf(connector, action));
    }
    connector.close();
    return undefined;
  });
  await printAuditLog();
} finally {
  await control.close();
  await sandbox.close();
}

/** Runs a step. `act` returns the problem, if there is one. */
async function step(title: string, act: () => Promise<string | undefined>): Promise<void> {
  const wrong = await act();
  if (wrong !== undefined) throw new Error(`${title}: ${wrong}`);
  console.log(`ok  ${title}`);
}

function print(error: string | undefined): undefined {
  console.log(`    ${error}`);
}

/** A request to the identity provider. */
function order(path: string, body: unknown): Promise<Answer> {
  return call(`${control.idpUrl}${path}`, 'POST', body);
}

function admin(path: string, method: string, body?: unknown): Promise<Answer> {
  return call(`${sandbox.adminUrl}${path}`, method, body);
}

async function call(url: string, method: string, body?: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${sandbox.adminToken}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return text === '' ? {} : JSON.parse(text);
}

async function must(result: Promise<Answer>): Promise<void> {
  const { ok, error } = await result;
  if (ok !== true) throw new Error(error ?? 'It was not done');
}

interface Member {
  readonly email: string;
  readonly status: string;
  readonly roles: Readonly<Record<string, string>>;
}

async function members(): Promise<readonly Member[]> {
  const answer = await admin('/members', 'GET');
  return (answer.members ?? answer.data) as readonly Member[];
}

async function roleIs(wanted: string): Promise<string | undefined> {
  const role = (await members()).find(({ email }) => email === userName)?.roles.dev;
  return role === wanted ? undefined : `the role is ${role}, not ${wanted}`;
}

/** Creates the resources that the action's sample input refers to, or deletes those that it creates. */
async function prepare({ actions }: Connector, { operation }: ActionDefinition): Promise<void> {
  await actions.delete_user({ user: { userName } });
  await actions.delete_group({ group: { displayName: 'Engineering' } });
  if (operation.type === 'create') return;
  const emails = [{ value: userName, type: 'work', primary: true }];
  const { id: value } = await actions.create_user({ userName, emails, externalId: '00u1a2b3c4d5E6F7g8h9' });
  await actions.create_group({ displayName: 'Engineering', members: [{ value }] });
}

/** The sample input. A sample of a plan is for another provider, so that one is made here. */
async function inputOf(
  { actions }: Connector,
  { operation, sampleInput }: ActionDefinition,
): Promise<object> {
  if (operation.type !== 'apply') return sampleInput;
  const { plan } = await actions.plan_sync({
    users: [{ userName, title: 'Analyst', groups: ['Engineering'] }],
  });
  return { plan };
}

interface AuditEvent {
  readonly content: {
    readonly tags: readonly string[];
    readonly attributes: {
      readonly event: string;
      readonly resource: { readonly email?: string; readonly name?: string };
    };
  };
}

async function printAuditLog(): Promise<void> {
  const { data } = (await admin('/audit-log?page[size]=14', 'GET')) as unknown as {
    readonly data: readonly AuditEvent[];
  };
  console.log('\nThe first events of the audit log:');
  const rows = data.map(({ content: { tags, attributes } }) => {
    const { event, resource } = attributes;
    return [event, tags.join(' '), resource.email ?? resource.name ?? ''];
  });
  for (const line of table(['event', 'source', 'of'], rows, 120)) console.log(line);
}
