import { type INode, type JsonObject, NodeApiError } from 'n8n-workflow';
import { errorParts } from '../../connector/host';

/** The result of a promise, or its error in the format of n8n. */
export async function orNodeError<Value>(
  functions: { getNode(): INode },
  run: () => Promise<Value>,
): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    const { data, ...parts } = errorParts(error);
    throw new NodeApiError(functions.getNode(), data as JsonObject, parts);
  }
}
