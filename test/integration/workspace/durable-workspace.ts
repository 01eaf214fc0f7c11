// A workspace in a process of its own, to be killed: DB_FILE. Sends where it is, and obeys nothing else.
import { startSandbox } from '../../../sandbox/index.ts';

const [dbFile = ''] = process.argv.slice(2);
const { scimBaseUrl, adminUrl } = await startSandbox({ dbFile, token: 'durable', adminToken: 'admin' });
process.once('disconnect', () => process.exit(0));
process.send?.({ scimBaseUrl, adminUrl });
