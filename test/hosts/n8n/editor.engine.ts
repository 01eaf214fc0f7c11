import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnector } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import type { ImportedCredential } from './support/n8n-home.ts';
import { openEditor, openForm, type Page } from './support/open-editor.ts';
import { type N8nBench, openN8nBench } from './support/open-n8n-bench.ts';
import { manualWorkflow, scimCredential, scimNode } from './support/scim-workflow.ts';
import { nodeTypes, workflow, workflowNode } from './support/workflow.ts';

let bench: N8nBench;
/** A provider that only accepts OAuth client credentials. */
let oauth: Sandbox;
let page: Page;
let closeEditor: (() => Promise<void>) | undefined;
/** The folder of the screenshots. */
const pictures = process.env.ROLECALL_PICTURES ?? mkdtempSync(join(tmpdir(), 'rolecall-pictures-'));

const create = manualWorkflow(
  'create',
  scimNode({
    resource: 'user',
    operation: 'create_user',
    userName: '={{ $json.userName }}',
    additionalFields: {
      department: 'Engineering',
      workato_role: { __rl: true, mode: 'name', value: 'Analyst' },
    },
  }),
);
const role = manualWorkflow(
  'role',
  scimNode({
    resource: 'role',
    operation: 'set_workato_role',
    user: { __rl: true, mode: 'list', value: '' },
    environment: 'prod',
    role: { __rl: true, mode: 'list', value: 'Operator', cachedResultName: 'Operator' },
  }),
);
const trigger = workflow('trigger', [
  workflowNode({
    name: 'SCIM Trigger',
    type: nodeTypes.scimTrigger,
    parameters: { event: 'user_role_changed', options: { massChangeLimit: 50 } },
    credentials: scimCredential,
  }),
]);

const webhook = workflow('webhook', [
  workflowNode({
    name: 'SCIM Webhook Trigger',
    type: nodeTypes.scimWebhookTrigger,
    parameters: { event: 'user_deprovisioned' },
    webhookId: 'events',
  }),
]);

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  oauth = await startSandbox({ auth: { type: 'oauth_client_credentials' } });
  bench = await openN8nBench({
    workflows: [create, role, trigger, webhook],
    credentials: () => [oauthCredential(oauth), providerCredential, eventsCredential],
    prepare: async ({ scimBaseUrl: baseUrl, token }) => {
      const { actions, close } = createConnector({ baseUrl, token });
      await actions.create_user({ userName: 'ada@example.com', displayName: 'Ada Lovelace' });
      close();
    },
  });
  ({ page, close: closeEditor } = await openEditor(bench.n8n));
});

afterAll(async () => {
  await closeEditor?.();
  await bench?.close();
  await oauth?.close();
});

/** The credential, as its form stores it. */
function oauthCredential({ auth, scimBaseUrl: baseUrl }: Sandbox): ImportedCredential {
  if (auth.type !== 'oauth_client_credentials') throw new TypeError('The sandbox takes another method');
  const { tokenUrl: accessTokenUrl, clientId, clientSecret, scope } = auth;
  const data = { baseUrl, accessTokenUrl, clientId, clientSecret, scope };
  return { id: 'oauth-credential', name: 'SCIM OAuth2 account', type: 'scimOAuth2Api', data };
}

/** The credential of a provider, without its base URL. */
const providerCredential: ImportedCredential = {
  id: 'provider-credential',
  name: 'Slack account',
  type: 'scimApi',
  data: { profile: 'slack', token: 'a-token' },
};

const eventsCredential: ImportedCredential = {
  id: 'events-credential',
  name: 'Workato audit log',
  type: 'scimEventsApi',
  data: { source: 'workato_audit_log', token: 'a-token-of-the-sender' },
};

describe("the forms in n8n's editor", () => {
  it('show the fields of a new user', async () => {
    const form = await openForm(page, bench.n8n, { workflowId: 'create', node: 'SCIM', label: 'Username' });
    await page.screenshot({ path: join(pictures, 'create.png') });

    for (const label of [
      'Resource',
      'Operation',
      'Username',
      'Additional Fields',
      'Department',
      'Workato Role (DEV)',
    ])
      expect(form).toContain(label);
    // The subtitle of the node, behind its form.
    expect(form).toContain('Create user');
    expect(form).not.toContain('[object');
  });

  it('offers the credentials of all methods in one list', async () => {
    await openForm(page, bench.n8n, { workflowId: 'create', node: 'SCIM', label: 'Username' });
    await page
      .locator('[data-test-id="node-credentials-select"] input, .node-credentials input')
      .first()
      .click();
    for (const { name } of [scimCredential.scimApi, oauthCredential(oauth), providerCredential])
      await page.locator(`[role="option"]:has-text("${name}")`).first().waitFor();
  });

  it('offers the credentials of event sources to the webhook trigger', async () => {
    const node = 'SCIM Webhook Trigger';
    await openForm(page, bench.n8n, { workflowId: 'webhook', node, label: 'SCIM Events API' });
    await page.locator('[data-test-id="node-credentials-select"] input').first().click();
    await page.locator(`[role="option"]:has-text("${eventsCredential.name}")`).first().waitFor();
  });

  it('shows the form for a role, and finds the user in its list', async () => {
    const form = await openForm(page, bench.n8n, { workflowId: 'role', node: 'SCIM', label: 'Environment' });
    for (const label of ['User', 'Environment', 'Role', 'Options']) expect(form).toContain(label);

    await page.locator('[data-test-id="rlc-input"]').first().click();
    await page.getByText('Ada Lovelace (ada@example.com)').first().waitFor();
    await page.screenshot({ path: join(pictures, 'set-role.png') });
  });

  it('shows the form of the trigger', async () => {
    const form = await openForm(page, bench.n8n, {
      workflowId: 'trigger',
      node: 'SCIM Trigger',
      label: 'Safety Limit (Losses per Day)',
    });
    await page.screenshot({ path: join(pictures, 'trigger.png') });

    for (const label of [
      'Poll Times',
      'Source',
      'Trigger On',
      'Previous Role',
      'Safety Limit (Losses per Day)',
    ])
      expect(form).toContain(label);
  });
});

describe('the form of the OAuth2 credential', () => {
  it('shows its fields, and tests the connection without a person who consents', async () => {
    await page.goto(`${bench.n8n.url}/home/credentials/oauth-credential`);
    await page.getByText('Connection tested successfully').first().waitFor();
    await page.screenshot({ path: join(pictures, 'oauth2.png') });

    const form = await page.locator('body').innerText();
    for (const label of [
      'Provider',
      'SCIM Base URL',
      'Token URL',
      'Client ID',
      'Client Secret',
      'Scope',
      'Audience',
      'Resource',
      'Client Authentication',
      'Advanced Settings',
    ])
      expect(form).toContain(label);
    for (const other of [
      'Grant Type',
      'Additional Body Properties',
      'OAuth Redirect URL',
      'Access Token URL',
    ])
      expect(form).not.toContain(other);
  });
});

describe('the form of a credential with a provider', () => {
  it('says how to connect to the selected provider', async () => {
    const slack = 'input[placeholder="e.g. https://api.slack.com/scim/v2"]';
    await page.goto(`${bench.n8n.url}/home/credentials/provider-credential`);
    await page.getByText('An OAuth token with the scope admin').first().waitFor();
    await page.locator(slack).first().waitFor();
    await page.screenshot({ path: join(pictures, 'provider.png') });

    await page
      .locator('[data-test-id="parameter-input-profile"] input, [data-test-id="parameter-input"] input')
      .first()
      .click();
    await page.getByText('Keycloak', { exact: true }).first().click();
    await page.getByText('Keycloak does not accept this authentication method').first().waitFor();
    await page.locator('input[placeholder^="e.g. https://keycloak.example.com"]').first().waitFor();
    await page.locator(slack).first().waitFor({ state: 'hidden' });
    await page.screenshot({ path: join(pictures, 'other-method.png') });
  });
});
