// A sandbox in a process of its own, to be killed: OPTIONS as JSON. Sends where it is, or why it could not start.
import { startSandbox } from '../../sandbox/index.ts';

const [options = '{}'] = process.argv.slice(2);
process.once('disconnect', () => process.exit(0));
try {
  const { close, ...place } = await startSandbox({
    token: 'durable',
    adminToken: 'admin',
    ...JSON.parse(options),
  });
  process.send?.(place);
} catch (error) {
  process.send?.({ error: error instanceof Error ? error.message : String(error) });
}
