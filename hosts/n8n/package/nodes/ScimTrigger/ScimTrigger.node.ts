import {
  NodeApiError,
  NodeConnectionTypes,
  sleep,
  type ICredentialDataDecryptedObject,
  type ICredentialsDecrypted,
  type ICredentialTestFunctions,
  type IDataObject,
  type INodeCredentialTestResult,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type IPollFunctions,
  type JsonObject,
} from 'n8n-workflow';
import { createHost, errorParts } from '../../connector/host';
import declaration from '../../connector/declaration.json';
import { properties } from './properties';

const host = createHost(declaration, sleep);

export class ScimTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'SCIM Trigger',
    name: 'scimTrigger',
    icon: { light: 'file:../../icons/scim.svg', dark: 'file:../../icons/scim.dark.svg' },
    group: ['trigger'],
    version: 1,
    subtitle: '={{ $parameter["event"].replaceAll("_", " ") }}',
    description: 'Starts when users are provisioned, deprovisioned or changed at a SCIM 2.0 provider',
    defaults: { name: 'SCIM Trigger' },
    polling: true,
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      { name: 'scimApi', required: true },
      {
        name: 'scimEventsApi',
        required: true,
        testedBy: 'testSource',
        displayOptions: { show: { source: ['events'] } },
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

  async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
    try {
      const events: IDataObject[] | null = await host.poll(this);
      return events === null ? null : [events.map((json) => ({ json }))];
    } catch (error) {
      const { data, ...parts } = errorParts(error);
      throw new NodeApiError(this.getNode(), data as JsonObject, parts);
    }
  }
}
