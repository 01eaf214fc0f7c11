import {
  type IDataObject,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type JsonObject,
  NodeApiError,
  NodeConnectionTypes,
} from 'n8n-workflow';
import { errorParts } from '../../connector/host';
import { host } from '../shared/host';
import { orNodeError } from '../shared/or-node-error';
import { testConnection } from '../shared/test-connection';
import { properties, subtitle } from './properties';

/** What came of one item: the items that it becomes, and why it was not done where it was not. */
interface ItemResult {
  /** The item that it is the result of, if that is not the one in its place. */
  item?: number;
  outputs: IDataObject[];
  error?: Error;
}

export class Scim implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'SCIM',
    name: 'scim',
    icon: { light: 'file:../../icons/scim.svg', dark: 'file:../../icons/scim.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle,
    description: 'Create, update, and deprovision users, groups, and roles in any SCIM 2.0 provider',
    defaults: { name: 'SCIM' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      {
        name: 'scimApi',
        required: true,
        testedBy: 'testConnection',
        displayOptions: { show: { authentication: ['bearer'] } },
      },
      {
        name: 'scimOAuth2Api',
        required: true,
        displayOptions: { show: { authentication: ['oauth_client_credentials'] } },
      },
      {
        name: 'scimBasicApi',
        required: true,
        testedBy: 'testConnection',
        displayOptions: { show: { authentication: ['basic'] } },
      },
      {
        name: 'scimHeaderApi',
        required: true,
        testedBy: 'testConnection',
        displayOptions: { show: { authentication: ['header'] } },
      },
    ],
    properties,
  };

  methods = {
    listSearch: host.listSearch,
    loadOptions: host.loadOptions,
    resourceMapping: host.resourceMapping,
    credentialTest: { testConnection },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    const items = this.getInputData();
    const continueOnFail = this.continueOnFail();
    const options = { count: items.length, continueOnFail };
    const results: ItemResult[] = await orNodeError(this, () => host.execute(this, options));
    const output: INodeExecutionData[] = [];
    for (const [index, { item = index, outputs, error }] of results.entries()) {
      // Many items with the same binary data would take its size many times.
      const binary = item === index && outputs.length <= 1 ? items[item]?.binary : undefined;
      for (const json of outputs) output.push({ json, binary, pairedItem: { item } });
      if (error === undefined) continue;
      const { data, ...parts } = errorParts(error);
      if (!continueOnFail) {
        throw new NodeApiError(this.getNode(), data as JsonObject, { ...parts, itemIndex: item });
      }
      // n8n takes an item with these keys for a failed one, and leaves it as it is.
      const json = { error: error.message, ...(data !== error && { details: data as IDataObject }) };
      output.push({ json, binary, pairedItem: { item } });
    }
    return [output];
  }
}
