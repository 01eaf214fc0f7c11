import type { JsonObject } from '../../../scim/json.ts';
import { messages } from '../../../scim/messages.ts';

/** A page of resources for a ListResponse. */
export interface ResourcePage {
  readonly items: readonly JsonObject[];
  readonly totalResults: number;
  readonly startIndex?: number;
  readonly nextCursor?: string;
  readonly previousCursor?: string;
}

/** Creates a ListResponse (RFC 7644 §3.4.2, RFC 9865 §2). */
export function listResponse(page: ResourcePage): JsonObject {
  return {
    schemas: [messages.listResponse],
    totalResults: page.totalResults,
    ...(page.startIndex !== undefined && { startIndex: page.startIndex }),
    itemsPerPage: page.items.length,
    ...(page.previousCursor !== undefined && { previousCursor: page.previousCursor }),
    ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }),
    Resources: page.items,
  };
}
