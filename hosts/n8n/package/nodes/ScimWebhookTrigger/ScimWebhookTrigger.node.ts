import {
  type IDataObject,
  type IHookFunctions,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
  NodeConnectionTypes,
} from 'n8n-workflow';
import { host } from '../shared/host';
import { orNodeError } from '../shared/or-node-error';
import { testSource } from '../shared/test-source';
import { properties } from './properties';

export class ScimWebhookTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'SCIM Webhook Trigger',
    name: 'scimWebhookTrigger',
    icon: { light: 'file:../../icons/scim.svg', dark: 'file:../../icons/scim.dark.svg' },
    group: ['trigger'],
    version: 1,
    subtitle: '={{ $parameter["event"].replaceAll("_", " ") }}',
    description: 'Starts when a provider or an identity service sends signed provisioning events',
    defaults: { name: 'SCIM Webhook Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      { name: 'scimEventsApi', required: true, testedBy: 'testSource' },
      { name: 'scimApi', required: false, displayName: 'SCIM API, to Look up What Events Leave Out (Optional)' },
    ],
    webhooks: [
      // Before the other: a sender that is told of the address asks at once whether somebody is there.
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
        // n8n answers when the execution is kept, so that what was acknowledged is safe.
        responseMode: 'onReceived',
        // A number, which only an expression gives: what is plain text n8n cannot answer with.
        responseCode: '={{ 202 }}',
        responseData: 'noData',
      },
    ],
    properties,
  };

  methods = { listSearch: host.listSearch, credentialTest: { testSource } };

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
}
