import {
  NodeApiError,
  NodeConnectionTypes,
  sleep,
  type ICredentialDataDecryptedObject,
  type ICredentialsDecrypted,
  type ICredentialTestFunctions,
  type IDataObject,
  type IHookFunctions,
  type INodeCredentialTestResult,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
  type JsonObject,
} from 'n8n-workflow';
import { createHost, errorParts } from '../../connector/host';
import declaration from '../../connector/declaration.json';
import { properties } from './properties';

const host = createHost(declaration, sleep);

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
      // To look up what the events leave out.
      { name: 'scimApi', required: false },
    ],
    webhooks: [
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
      { name: 'setup', httpMethod: 'GET', path: 'events', responseMode: 'onReceived', responseData: 'noData' },
    ],
    properties,
  };

  methods = {
    listSearch: host.listSearch,
    credentialTest: {
      async testSource(
        this: ICredentialTestFunctions,
        credential: ICredentialsDecrypted<ICredentialDataDecryptedObject>,
      ): Promise<INodeCredentialTestResult> {
        const problem: string | undefined = host.sourceProblem(this, credential.data ?? {});
        return problem === undefined
          ? { status: 'OK', message: 'It can be used; the first event shows whether it is right' }
          : { status: 'Error', message: problem };
      },
    },
  };

  // None of the senders lets a receiver subscribe itself: each is told the address where it is administered.
  webhookMethods = {
    default: {
      async checkExists(this: IHookFunctions): Promise<boolean> {
        return true;
      },
      async create(this: IHookFunctions): Promise<boolean> {
        return true;
      },
      async delete(this: IHookFunctions): Promise<boolean> {
        return true;
      },
    },
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    try {
      const events: IDataObject[] | null = await host.receive(this);
      if (events === null) return { noWebhookResponse: true };
      return { workflowData: [events.map((json) => ({ json }))] };
    } catch (error) {
      const { data, ...parts } = errorParts(error);
      throw new NodeApiError(this.getNode(), data as JsonObject, parts);
    }
  }
}
