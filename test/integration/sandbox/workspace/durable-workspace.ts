// A workspace in a process of its own, to be killed: OPTIONS as JSON. Sends where it is, and obeys nothing else.
import { startSandbox } from '../../../../sandbox/index.ts';

const [options = '{}'] = process.argv.slice(2);
const { close, ...place } = await startSandbox({
  token: 'durable',
  adminToken: 'admin',
  ...JSON.parse(options),
});
process.once('disconnect', () => process.exit(0));
process.send?.(place);
