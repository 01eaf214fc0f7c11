import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connector, createConnector } from '../../../runtime/index.ts';
import { defaultEventAudience, defaultEventIssuer } from '../../../sandbox/assumptions.ts';
import { type Okta, startOkta } from '../../support/start-okta.ts';
import { type N8nBench, openN8nBench } from './support/open-n8n-bench.ts';
import { scimCredential } from './support/scim-workflow.ts';
import type { Item } from './support/start-n8n.ts';
import { until } from './support/until.ts';
import { nodeTypes, type Workflow, type WorkflowNode, workflow, workflowNode } from './support/workflow.ts';

let bench: N8nBench;
let connector: Connector;
let organization: Okta;

const pushed = { id: 'pushed-credential', name: 'Events that are pushed' };
const okta = { id: 'okta-credential', name: 'An event hook of Okta' };
const administered = { id: 'administered-credential', name: 'An event hook that n8n sets up' };
const bearerToken = 'token-of-the-stream';
const secret = 'secret-of-the-hook';

function receiving(
  id: string,
  parameters: Readonly<Record<string, unknown>>,
  credentials: WorkflowNode['credentials'],
): Workflow {
  return workflow(id, [
    workflowNode({
      name: 'SCIM Webhook Trigger',
      type: nodeTypes.scimWebhookTrigger,
      parameters,
      webhookId: id,
      credentials: credentials ?? {},
    }),
    workflowNode({ name: 'Then', type: 'n8n-nodes-base.noOp', parameters: {} }),
  ]);
}

const published = [
  receiving('stream', { event: 'provisioning_event' }, { scimEventsApi: pushed, ...scimCredential }),
  receiving(
    'narrowed',
    { event: 'user_updated', options: { group: { __rl: true, mode: 'displayName', value: 'Engineering' } } },
    { scimEventsApi: pushed, ...scimCredential },
  ),
  receiving('administered', { event: 'user_deprovisioned' }, { scimEventsApi: administered }),
  receiving('hook', { event: 'user_deprovisioned' }, { scimEventsApi: okta }),
  receiving(
    'guarded',
    { event: 'provisioning_event', options: { massChangeLimit: 2 } },
    { scimEventsApi: okta },
  ),
];

/** An invalid filter: "Engineering" has no quotes. */
const mistaken = receiving(
  'mistaken',
  { event: 'user_updated', options: { filter: 'department eq Engineering' } },
  { scimEventsApi: pushed },
);
/** The events of its source are fetched. */
const fetched = { id: 'fetched-credential', name: 'Events that are fetched' };
const fetching = receiving('fetching', { event: 'user_updated' }, { scimEventsApi: fetched });

const urlOf = (id: string): string => bench.n8n.webhookUrl(`${id}/events`);

beforeAll(async () => {
  organization = await startOkta();
  const { orgUrl, apiToken } = organization;
  bench = await openN8nBench({
    sandbox: { eventPolling: true },
    published,
    workflows: [mistaken, fetching],
    credentials: ({ jwksUrl }) => [
      {
        ...pushed,
        type: 'scimEventsApi',
        data: {
          source: 'security_event_token',
          issuer: defaultEventIssuer,
          audience: defaultEventAudience,
          jwksUrl,
          bearerToken,
        },
      },
      { ...okta, type: 'scimEventsApi', data: { source: 'okta_event_hook', secret } },
      {
        ...fetched,
        type: 'scimEventsApi',
        data: {
          source: 'security_event_poll',
          issuer: defaultEventIssuer,
          audience: defaultEventAudience,
          jwksUrl,
          pollUrl: jwksUrl,
          pollToken: 'token',
        },
      },
      {
        ...administered,
        type: 'scimEventsApi',
        data: {
          source: 'okta_event_hook',
          secret,
          orgUrl,
          apiToken,
        },
      },
    ],
  });
  const { scimBaseUrl: baseUrl, token } = bench.sandbox;
  connector = createConnector({ baseUrl, token });
  // n8n says that it is there before its webhooks are.
  await until('the webhook', async () => {
    const { status } = await fetch(urlOf('stream'), { method: 'POST' });
    return status === 404 ? undefined : status;
  });
  await pushTo('stream');
});

afterAll(async () => {
  connector?.close();
  await bench?.close();
  await organization?.close();
});

/** Has the provider push its events to a workflow. */
async function pushTo(id: string): Promise<void> {
  const { adminUrl, adminToken } = bench.sandbox;
  const answer = await fetch(`${adminUrl}/settings`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ eventPushUrl: urlOf(id), eventPushToken: bearerToken }),
  });
  expect(answer.status).toBe(200);
}

/** The number of unacknowledged security event tokens at the provider. */
async function waiting(): Promise<unknown> {
  const { adminUrl, adminToken } = bench.sandbox;
  const answer = await fetch(`${adminUrl}/event-streams`, {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  return ((await answer.json()) as { push: { pending: number } }).push.pending;
}

async function eventsOf(id: string): Promise<readonly Item['json'][]> {
  const executions = await bench.n8n.executions(id);
  return executions.flatMap(({ data }) =>
    (data.resultData.runData['SCIM Webhook Trigger']?.[0]?.data?.main[0] ?? []).map(({ json }) => json),
  );
}

const untilReported = (id: string, count: number): Promise<readonly Item['json'][]> =>
  until(`${count} events of ${id}`, async () => {
    const events = await eventsOf(id);
    return events.length >= count ? events : undefined;
  });

const oktaEvent = (eventType: string): object => ({
  eventType: 'com.okta.event_hook',
  data: {
    events: [
      {
        uuid: `uuid-of-${eventType}`,
        published: '2026-05-13T04:42:34.000Z',
        eventType,
        target: [{ id: '00u1', type: 'User', alternateId: 'ada@example.com', displayName: 'Ada Lovelace' }],
      },
    ],
  },
});

const post = (
  id: string,
  body: object | string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> =>
  fetch(urlOf(id), { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });

describe('the webhook trigger, in the real engine', () => {
  it('emits signed events in order, enriched, and acknowledges each', async () => {
    const { id } = await connector.actions.create_user({ userName: 'ada@example.com', title: 'Analyst' });
    await connector.actions.update_user({ user: { id }, title: 'Lead' });
    await connector.actions.deactivate_user({ user: { id } });

    expect(await untilReported('stream', 3)).toMatchObject([
      { type: 'create', source: 'security_event_token', subject: { id }, data: { title: 'Analyst' } },
      { type: 'patch', subject: { id }, changes: [{ path: 'title', to: 'Lead' }] },
      { type: 'deactivate', subject: { id, userName: 'ada@example.com' }, data: { title: 'Lead' } },
    ]);
    await until('the acknowledgements', async () => ((await waiting()) === 0 ? true : undefined));
  });

  it('rejects a forged token, a wrong bearer token, and garbage, and starts no execution', async () => {
    const headers = { 'content-type': 'application/secevent+jwt', authorization: `Bearer ${bearerToken}` };
    const forged = `${btoa('{"alg":"none"}')}.${btoa('{"events":{}}')}.`;
    const before = (await bench.n8n.executions('stream')).length;

    expect((await post('stream', forged, headers)).status).toBe(400);
    expect((await post('stream', 'garbage', headers)).status).toBe(400);
    expect((await post('stream', forged, { ...headers, authorization: 'Bearer wrong' })).status).toBe(401);
    const form = new FormData();
    form.set('file', new Blob(['garbage']), 'garbage.txt');
    const sent = await fetch(urlOf('stream'), { method: 'POST', body: form });
    expect(sent.status).toBe(401);
    expect(await bench.n8n.executions('stream')).toHaveLength(before);
  });

  it('looks up the members of the group in its scope filter', async () => {
    const { create_user, create_group, update_user } = connector.actions;
    const { id } = await create_user({ userName: 'member@example.com' });
    const other = await create_user({ userName: 'other@example.com' });
    await create_group({ displayName: 'Engineering', members: [{ value: id }] });
    await until('all that was pushed', async () => ((await waiting()) === 0 ? true : undefined));
    await pushTo('narrowed');
    await update_user({ user: { id: other.id }, title: 'Nobody' });
    await update_user({ user: { id }, title: 'Engineer' });

    expect(await untilReported('narrowed', 1)).toMatchObject([
      { type: 'patch', subject: { userName: 'member@example.com' }, data: { title: 'Engineer' } },
    ]);
    await until('the acknowledgements', async () => ((await waiting()) === 0 ? true : undefined));
    expect(await bench.n8n.executions('narrowed')).toHaveLength(1);
  });

  it("answers Okta's verification", async () => {
    const answer = await fetch(urlOf('hook'), {
      headers: { authorization: secret, 'x-okta-verification-challenge': 'xyz' },
    });

    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ verification: 'xyz' });
  });

  it('emits only the selected events', async () => {
    const headers = { authorization: secret, 'content-type': 'application/json' };
    expect((await post('hook', oktaEvent('user.lifecycle.create'), headers)).ok).toBe(true);
    expect((await post('hook', oktaEvent('user.lifecycle.deactivate'), headers)).ok).toBe(true);
    expect(
      (await post('hook', oktaEvent('user.lifecycle.deactivate'), { ...headers, authorization: 'no' }))
        .status,
    ).toBe(401);

    expect(await untilReported('hook', 1)).toMatchObject([
      { type: 'deactivate', source: 'okta_event_hook', subject: { userName: 'ada@example.com' } },
    ]);
    expect(await bench.n8n.executions('hook')).toHaveLength(1);
  });

  it('fails the execution of too many losses, keeps them in it, and reports them once they are approved', async () => {
    const headers = { authorization: secret, 'content-type': 'application/json' };
    const about = (user: number, eventType: string): object => ({
      uuid: `${eventType} ${user}`,
      published: '2026-05-13T04:42:34.000Z',
      eventType,
      target: [{ id: `00u${user}`, type: 'User', alternateId: `${user}@example.com` }],
    });
    const send = async (users: readonly number[], eventType: string): Promise<void> => {
      const events = users.map((user) => about(user, `user.lifecycle.${eventType}`));
      const body = { eventType: 'com.okta.event_hook', data: { events } };
      // An acknowledged event is in an execution.
      expect((await post('guarded', body, headers)).status).toBe(202);
    };
    const ended = (count: number) =>
      until(`${count} executions of guarded`, async () => {
        const executions = await bench.n8n.executions('guarded');
        return executions.length >= count ? executions : undefined;
      });
    await send([1, 2, 3], 'deactivate');
    await ended(1);
    await send([9], 'create');
    await ended(2);
    await send([4], 'deactivate');
    const executions = await ended(3);
    expect(executions.map(({ status }) => status)).toEqual(['error', 'success', 'error']);
    expect(await eventsOf('guarded')).toMatchObject([{ type: 'create' }]);
    const errors = executions.map(({ data }) => data.resultData.error);
    expect(errors[0]).toMatchObject({
      message: expect.stringMatching(
        /^3 users would be reported as deactivated or deleted within 24 hours, and the limit is 2\. These events were not reported\. Affected: 1@example\.com \(active → inactive\), 2@/,
      ),
      description: expect.stringMatching(
        /If it is, set "Approved Hold" to "hold-[0-9a-f]{16}", publish the workflow, and retry this execution/,
      ),
    });
    expect(errors[2]?.message).toMatch(/^4 users/);

    const [approve] = /hold-[0-9a-f]{16}/.exec(errors[2]?.description ?? '') ?? [];
    const { nodes, versionId } = (await bench.n8n.rest('GET', '/workflows/guarded')) as {
      readonly nodes: readonly { readonly name: string; readonly parameters: object }[];
      readonly versionId: string;
    };
    const changed = nodes.map((node) =>
      node.name === 'SCIM Webhook Trigger'
        ? { ...node, parameters: { ...node.parameters, options: { massChangeLimit: 2, approve } } }
        : node,
    );
    await bench.n8n.rest('PATCH', '/workflows/guarded', { nodes: changed, versionId });
    for (const { id, status } of executions)
      if (status === 'error') await bench.n8n.rest('POST', `/executions/${id}/retry`, { loadWorkflow: true });
    await ended(5);
    const reported = (await eventsOf('guarded')).map(({ type, subject, isLate }) => [
      type,
      subject.id,
      isLate,
    ]);
    expect(reported.toSorted()).toEqual([
      ['create', '00u9', false],
      ...['00u1', '00u2', '00u3', '00u4'].map((id) => ['deactivate', id, true]),
    ]);
  });

  it('creates a hook at Okta when the workflow is activated, and deletes it on deactivation', async () => {
    const [hook] = await until('the hook', async () =>
      [...organization.hooks.values()].some(({ verificationStatus }) => verificationStatus === 'VERIFIED')
        ? [...organization.hooks.values()]
        : undefined,
    );
    expect(hook).toMatchObject({
      status: 'ACTIVE',
      channel: { config: { uri: urlOf('administered'), authScheme: { value: secret } } },
    });
    const headers = {
      authorization: hook?.channel.config.authScheme.value ?? '',
      'content-type': 'application/json',
    };
    expect((await post('administered', oktaEvent('user.lifecycle.suspend'), headers)).ok).toBe(true);
    expect(await untilReported('administered', 1)).toMatchObject([{ type: 'deactivate' }]);

    await bench.n8n.rest('POST', '/workflows/administered/deactivate', {});
    await until('the end of the hook', async () => (organization.hooks.size === 0 ? true : undefined));
  });

  it.for([
    ['mistaken', 'is not a valid SCIM filter'],
    ['fetching', 'This source is polled for events and does not push them.'],
  ] as const)('cannot be activated if it could not receive events: %s', async ([id, reason]) => {
    const { versionId } = (await bench.n8n.rest('GET', `/workflows/${id}`)) as { versionId: string };
    await bench.n8n.rest('POST', `/workflows/${id}/activate`, { versionId });

    await until('the refusal', async () => (bench.n8n.child.output().includes(reason) ? true : undefined));
    expect((await fetch(urlOf(id), { method: 'POST' })).status).toBe(404);
  });

  const test = (data: object): Promise<unknown> =>
    bench.n8n.rest('POST', '/credentials/test', { credentials: { ...okta, type: 'scimEventsApi', data } });

  it('connects to the sender in the credential test', async () => {
    const { orgUrl, apiToken } = organization;
    const hook = { source: 'okta_event_hook', secret, orgUrl, apiToken };
    expect(await test(hook)).toMatchObject({ status: 'OK', message: 'Connection successful!' });
    expect(await test({ ...hook, apiToken: 'wrong' })).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('Use a valid Okta token as "API Token".'),
    });

    const { jwksUrl, eventPollUrl: pollUrl, eventPollToken: pollToken } = bench.sandbox;
    const stream = {
      source: 'security_event_poll',
      issuer: defaultEventIssuer,
      audience: defaultEventAudience,
      jwksUrl,
      pollUrl,
      pollToken,
    };
    expect(await test(stream)).toMatchObject({ status: 'OK', message: 'Connection successful!' });
    expect(await test({ ...stream, pollToken: 'wrong' })).toMatchObject({
      status: 'Error',
      message: 'The event stream responded with status 401. Use a valid token as "Poll Token".',
    });
    expect(await test({ ...stream, jwksUrl: `${pollUrl}/none` })).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('Check "JWKS URL".'),
    });
  });

  it('reports invalid settings in the credential test', async () => {
    expect(await test({ source: 'okta_event_hook', secret })).toMatchObject({
      status: 'OK',
    });
    expect(await test({ source: 'okta_event_hook', secret, apiToken: 'alone' })).toMatchObject({
      status: 'Error',
      message: 'Invalid credential: "Okta Domain" is required. Correct the credential.',
    });
    const settings = {
      source: 'security_event_token',
      issuer: 'i',
      audience: 'a',
      jwksUrl: 'http://keys.example/jwks',
    };
    expect(await test(settings)).toMatchObject({
      status: 'Error',
      message: expect.stringContaining('https://'),
    });
  });
});
