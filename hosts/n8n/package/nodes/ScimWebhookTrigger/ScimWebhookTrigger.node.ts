import {
  type IDataObject,
  type IExecuteFunctions,
  type IHookFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
  NodeConnectionTypes,
} from 'n8n-workflow';
import { host } from '../shared/host';
import { orNodeError } from '../shared/or-node-error';
import { testConnection } from '../shared/test-connection';
import { testSource } from '../shared/test-source';
import { properties, triggerPanel } from './properties';

export class ScimWebhookTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'SCIM Webhook Trigger',
    name: 'scimWebhookTrigger',
    icon: { light: 'file:../../icons/scim.svg', dark: 'file:../../icons/scim.dark.svg' },
    group: ['trigger'],
    version: 1,
    subtitle: '={{ $parameter["event"].replaceAll("_", " ") }}',
    description: 'Triggers when a provider or an identity service pushes events about users or groups',
    defaults: { name: 'SCIM Webhook Trigger' },
    triggerPanel,
    eventTriggerDescription: 'Waiting for an event at the Test URL',
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      {
        name: 'scimEventsApi',
        required: true,
        testedBy: 'testSource',
        displayName: 'SCIM Events API',
        // Always shown. n8n's editor takes one without conditions for another method of "authentication", and lists those.
        displayOptions: { show: { '@version': [1] } },
      },
      {
        name: 'scimApi',
        required: false,
        testedBy: 'testConnection',
        displayName: 'SCIM API (Optional)',
        displayOptions: { show: { authentication: ['bearer'] } },
      },
      {
        name: 'scimOAuth2Api',
        required: false,
        displayName: 'SCIM OAuth2 API (Optional)',
        displayOptions: { show: { authentication: ['oauth_client_credentials'] } },
      },
      {
        name: 'scimBasicApi',
        required: false,
        testedBy: 'testConnection',
        displayName: 'SCIM Basic Auth API (Optional)',
        displayOptions: { show: { authentication: ['basic'] } },
      },
      {
        name: 'scimHeaderApi',
        required: false,
        testedBy: 'testConnection',
        displayName: 'SCIM Header Auth API (Optional)',
        displayOptions: { show: { authentication: ['header'] } },
      },
    ],
    webhooks: [
      // Before the other: a sender that learns the address verifies at once that it responds.
      {
        name: 'setup',
        httpMethod: 'GET',
        path: 'events',
        responseMode: 'onReceived',
        responseData: 'noData',
        ndvHideUrl: true,
      },
      {
        name: 'default',
        httpMethod: 'POST',
        path: 'events',
        // n8n responds once the execution is saved, so that an acknowledged event is not lost.
        responseMode: 'onReceived',
        // Only an expression returns a number: n8n cannot respond with a plain text.
        responseCode: '={{ 202 }}',
        responseData: 'noData',
      },
    ],
    properties,
  };

  methods = { listSearch: host.listSearch, credentialTest: { testConnection, testSource } };

  webhookMethods = {
    default: {
      async checkExists(this: IHookFunctions): Promise<boolean> {
        return orNodeError(this, () => host.subscription.exists(this));
      },
      async create(this: IHookFunctions): Promise<boolean> {
        return orNodeError(this, () => host.subscription.create(this));
      },
      async delete(this: IHookFunctions): Promise<boolean> {
        return orNodeError(this, () => host.subscription.delete(this));
      },
    },
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    const events: IDataObject[] | null = await orNodeError(this, () => host.receive(this));
    if (events === null) return { noWebhookResponse: true };
    return { workflowData: [events.map((json) => ({ json }))] };
  }

  // n8n runs this first in each execution that the webhook has started. It fails if the safeguard holds the events.
  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    const items = this.getInputData().map(({ json }) => json);
    const released: IDataObject[] = await orNodeError(this, () => host.release(this, items));
    // One item has all events of a message.
    return [released.map((json) => ({ json, pairedItem: { item: 0 } }))];
  }
}
