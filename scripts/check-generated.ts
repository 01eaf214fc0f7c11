// Fails if a generated file differs from the output of scripts/generate.ts. Does not change the files.
import { readFileSync } from 'node:fs';
import { generate } from './generate.ts';

const stale = [];
for (const [path, text] of await generate()) {
  if (readOrEmpty(path) !== text) stale.push(path);
}
if (stale.length > 0) {
  console.error(`Stale: ${stale.join(', ')}. Run: npm run generate`);
  process.exitCode = 1;
} else console.log('All generated files are fresh.');

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
