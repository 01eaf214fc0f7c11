// A sandbox in a process of its own, to be killed: DB_FILE. Sends its base URL, or why it could not start.
import { startSandbox } from '../../../sandbox/index.ts';

const [dbFile = ''] = process.argv.slice(2);
try {
  const { scimBaseUrl } = await startSandbox({ dbFile, token: 'durable' });
  process.send?.({ scimBaseUrl });
} catch (error) {
  process.send?.({ message: error instanceof Error ? error.message : String(error) });
}
process.once('disconnect', () => process.exit(0));
