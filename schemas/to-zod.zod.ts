import { z } from 'zod';
import type { JsonSchema } from './json-schema.ts';

/**
 * The zod equivalent of a JSON Schema, for hosts that allow zod. It accepts and rejects the same JSON values as `check`,
 * which a property test verifies for the input of every action. Its messages are zod's own.
 */
export function toZod(schema: JsonSchema): z.ZodType {
  return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
}
