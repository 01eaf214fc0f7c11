import { z } from 'zod';
import type { JsonSchema } from './json-schema.ts';

/**
 * The zod twin of a JSON Schema, for hosts where zod may run. It accepts and rejects the same JSON values as `check`
 * does, which a property test holds over the input of every action; its messages are zod's own.
 */
export function toZod(schema: JsonSchema): z.ZodType {
  return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
}
