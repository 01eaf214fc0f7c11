// The sandbox in a separate process: TOKEN. It exits with its parent. A message from the parent is the age in
// milliseconds that everything written from then on has.
import { startSandbox } from '../../sandbox/index.ts';

let ageInMs = 0;
const { scimBaseUrl } = await startSandbox({
  token: process.argv[2] ?? '',
  now: () => new Date(Date.now() - ageInMs),
});

process.once('disconnect', () => process.exit(0));
process.on('message', (age) => {
  ageInMs = Number(age);
  process.send?.(age);
});
process.send?.(scimBaseUrl);
