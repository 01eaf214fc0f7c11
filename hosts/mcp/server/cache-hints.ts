import type { CacheHint, McpServerOptions } from '@modelcontextprotocol/server';

/**
 * How long clients may keep what does not change while a server runs: five minutes, because the next server at the same URL
 * can have another toolset. What the provider shows is never kept, which is the default of the SDK.
 */
export const unchangingHint: CacheHint = { ttlMs: 300_000 };

/** The hints of the lists. */
export const cacheHints: NonNullable<McpServerOptions['cacheHints']> = {
  'server/discover': unchangingHint,
  'tools/list': unchangingHint,
  'resources/list': unchangingHint,
  'resources/templates/list': unchangingHint,
  'prompts/list': unchangingHint,
};
