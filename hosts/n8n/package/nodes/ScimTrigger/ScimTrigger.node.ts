import {
  type IDataObject,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type IPollFunctions,
  NodeConnectionTypes,
} from 'n8n-workflow';
import { host } from '../shared/host';
import { orNodeError } from '../shared/or-node-error';
import { testConnection } from '../shared/test-connection';
import { testSource } from '../shared/test-source';
import { properties, triggerPanel } from './properties';

export class ScimTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'SCIM Trigger',
    name: 'scimTrigger',
    icon: { light: 'file:../../icons/scim.svg', dark: 'file:../../icons/scim.dark.svg' },
    group: ['trigger'],
    version: 1,
    subtitle: '={{ $parameter["event"].replaceAll("_", " ") }}',
    // n8n lists this node and the node "SCIM" as one, with this description.
    description: 'Manages users, groups, and roles in any SCIM 2.0 provider, and triggers when they change',
    defaults: { name: 'SCIM Trigger' },
    polling: true,
    triggerPanel,
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      {
        name: 'scimApi',
        required: true,
        testedBy: 'testConnection',
        displayOptions: { show: { authentication: ['bearer'] }, hide: { source: ['log'] } },
      },
      {
        name: 'scimOAuth2Api',
        required: true,
        displayOptions: { show: { authentication: ['oauth_client_credentials'] }, hide: { source: ['log'] } },
      },
      {
        name: 'scimBasicApi',
        required: true,
        testedBy: 'testConnection',
        displayOptions: { show: { authentication: ['basic'] }, hide: { source: ['log'] } },
      },
      {
        name: 'scimHeaderApi',
        required: true,
        testedBy: 'testConnection',
        displayOptions: { show: { authentication: ['header'] }, hide: { source: ['log'] } },
      },
      {
        name: 'scimEventsApi',
        required: true,
        testedBy: 'testSource',
        displayName: 'SCIM Events API',
        displayOptions: { show: { source: ['events', 'log'] } },
      },
    ],
    properties,
  };

  methods = { listSearch: host.listSearch, credentialTest: { testConnection, testSource } };

  async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
    const events: IDataObject[] | null = await orNodeError(this, () => host.poll(this));
    return events === null ? null : [events.map((json) => ({ json }))];
  }
}
