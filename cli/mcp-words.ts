import type { StartWords } from '../hosts/mcp/words.ts';
import { connectionFlagOf } from './options.ts';

/** The words of `rolecall mcp`. */
export const commandLineWords: StartWords = {
  longerCalls: 'restart the server with a longer --call-timeout',
  longerRequests: 'restart the server with a longer --call-timeout and longer timeouts of the connection',
  allowDestructive: 'restart the server with --allow-destructive',
  nameOf: connectionFlagOf,
};
