// The sandbox in a separate process: TOKEN. It exits with its parent.
import { startSandbox } from '../../sandbox/index.ts';

const { scimBaseUrl } = await startSandbox({ token: process.argv[2] ?? '' });

process.once('disconnect', () => process.exit(0));
process.send?.(scimBaseUrl);
