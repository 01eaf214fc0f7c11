// Applies the changesets: `npm run version-packages`, which the release workflow calls. The version is also in the
// lock file and in generated files, which `changeset version` does not update.
import { readFileSync, writeFileSync } from 'node:fs';
import { runStep } from './run-step.ts';

const lockFile = 'package-lock.json';

if (!runStep('changeset', ['version'])) process.exit(1);
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const lock = JSON.parse(readFileSync(lockFile, 'utf8'));
lock.version = version;
lock.packages[''].version = version;
writeFileSync(lockFile, `${JSON.stringify(lock, null, 2)}\n`);
// In a separate process, because this one can have read the previous version.
if (!runStep('node', ['scripts/generate.ts'])) process.exit(1);
