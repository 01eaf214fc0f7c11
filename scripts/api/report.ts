// Writes the report of the public API: `npm run api`. With --check it compares instead, and fails on a difference.
import { readFileSync, writeFileSync } from 'node:fs';
import { extractApi } from './extract-api.ts';

const path = 'docs/api/rolecall.api.md';

const api = extractApi();
api.remove();
for (const problem of api.problems) console.error(problem);
if (api.problems.length > 0) process.exitCode = 1;

if (!process.argv.includes('--check')) writeFileSync(path, api.report);
else if (readFileSync(path, 'utf8') !== api.report) {
  console.error(`The public API is not what ${path} says. If the change is intended, run: npm run api`);
  process.exitCode = 1;
} else console.log(`The public API is what ${path} says.`);
