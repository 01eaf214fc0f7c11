// The sandbox as a server process of bench/sandbox.ts: TOKEN [DB_FILE].
import { startSandbox } from '../sandbox/index.ts';

const [token = '', dbFile] = process.argv.slice(2);
const { scimBaseUrl } = await startSandbox({ token, ...(dbFile !== undefined && { dbFile }) });

process.once('disconnect', () => process.exit(0));
process.send?.(scimBaseUrl);
