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

/** What a promise gives, or its error as n8n shows it. */
async function orNodeError<Value>(
  functions: IHookFunctions | IWebhookFunctions,
  run: () => Promise<Value>,
): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    const { data, ...parts } = errorParts(error);
    throw new NodeApiError(functions.getNode(), data as JsonObject, parts);
  }
}
