import { errorTexts } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import { readList } from '../connector/provider/read-list.ts';
import { isRecord } from '../schemas/is-record.ts';
import type { ActionContext, OperationHandler } from './operation.ts';

/** GET of a provider's discovery data (RFC 7644 §4); missing parts are null or an empty list. */
export const discover: OperationHandler<'discover'> = {
  type: 'discover',
  async run(context) {
    const [serviceProviderConfig, resourceTypes, schemas] = await Promise.all([
      ask(context, '/ServiceProviderConfig'),
      ask(context, '/ResourceTypes'),
      ask(context, '/Schemas'),
    ]);
    if (serviceProviderConfig === undefined && resourceTypes === undefined && schemas === undefined) {
      throw new ConnectorError('unsupported', errorTexts.nothingDiscovered);
    }
    return {
      serviceProviderConfig: isRecord(serviceProviderConfig) ? serviceProviderConfig : null,
      resourceTypes: listOf(resourceTypes),
      schemas: listOf(schemas),
    };
  },
};

async function ask({ client, signal }: ActionContext, path: string): Promise<unknown> {
  try {
    return (await client.send({ method: 'GET', path, signal })).body;
  } catch (error) {
    if (error instanceof ConnectorError && (error.code === 'not_found' || error.code === 'unsupported'))
      return undefined;
    throw error;
  }
}

// RFC 7644 §4 defines these as lists; some providers return a bare array.
function listOf(body: unknown): readonly unknown[] {
  if (body === undefined) return [];
  return (Array.isArray(body) ? body : readList(body).resources).filter(isRecord);
}
