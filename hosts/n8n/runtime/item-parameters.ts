import { isRecord } from '../../../schemas/is-record.ts';
import type { N8nItemFunctions } from './n8n-functions.ts';
import type { ReadParameter } from './read-form.ts';

/**
 * Reads the parameters of one item after another. For each read, n8n searches all properties of the node for the
 * displayed one, so a parameter without an expression, which is the same for all items, is read once.
 */
export function itemParameters(
  functions: Pick<N8nItemFunctions, 'getNode' | 'getNodeParameter'>,
): (item: number) => ReadParameter {
  const { parameters = {} } = functions.getNode();
  const isFixed = new Map(Object.entries(parameters).map(([name, value]) => [name, !hasExpression(value)]));
  const fixed = new Map<string, unknown>();
  return (item) => (name, fallback) => {
    if (fixed.has(name)) return fixed.get(name);
    const value = functions.getNodeParameter(name, item, fallback);
    if (isFixed.get(name) === true) fixed.set(name, value);
    return value;
  };
}

/** Whether a stored value has an expression: n8n marks each with "=". */
function hasExpression(value: unknown): boolean {
  if (typeof value === 'string') return value.startsWith('=');
  if (Array.isArray(value)) return value.some(hasExpression);
  return isRecord(value) && Object.values(value).some(hasExpression);
}
