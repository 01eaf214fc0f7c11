// Builds the API reference as Markdown in docs/api/reference/: `npm run docs:api`.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Api, extractApi } from './extract-api.ts';

const output = 'docs/api/reference';

const api = extractApi();
try {
  renameSandbox(api);
  rmSync(output, { recursive: true, force: true });
  const models = dirname(api.models.rolecall);
  execFileSync('api-documenter', ['markdown', '--input-folder', models, '--output-folder', output], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
} finally {
  api.remove();
}
console.log(`The reference is in ${output}/index.md.`);

// A model belongs to a package, whose name its pages have: the second entry needs a name of its own.
function renameSandbox({ models }: Api): void {
  const path = models['rolecall/sandbox'];
  const model = readFileSync(path, 'utf8')
    .replaceAll('"rolecall!', '"rolecall-sandbox!')
    .replace('"name": "rolecall"', '"name": "rolecall-sandbox"');
  writeFileSync(path, model);
}
