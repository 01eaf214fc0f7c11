// Builds the API reference as Markdown in docs/api/reference/: `npm run docs:api`.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { extractApi } from './extract-api.ts';

const output = 'docs/api/reference';

using api = extractApi();
rmSync(output, { recursive: true, force: true });
const folder = dirname(api.models.rolecall);
// A model is of a package, and its name is that of the pages: the second entry needs one of its own.
const sandbox = api.models['rolecall/sandbox'];
const model = readFileSync(sandbox, 'utf8');
writeFileSync(
  sandbox,
  model
    .replaceAll('"rolecall!', '"rolecall-sandbox!')
    .replace('"name": "rolecall"', '"name": "rolecall-sandbox"'),
);
execFileSync('api-documenter', ['markdown', '--input-folder', folder, '--output-folder', output], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
console.log(`The reference is in ${output}/index.md.`);
