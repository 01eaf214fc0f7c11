// Runs the marketplace's scan over a folder, as JSON: `node scan-package.mjs MARKETPLACE FOLDER [source]`. The scan itself
// tells of errors alone, so that the same files are looked at once more by its own rules for the warnings.
import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import { pathToFileURL } from 'node:url';

const [, , marketplace = '', folder = '', kind] = argv;
const load = (path) => import(pathToFileURL(join(marketplace, 'node_modules', path)).href);
const { analyzePackage, buildScanConfig, SOURCE_FILE_PATTERNS } = await load(
  '@n8n/scan-community-package/scanner/scanner.mjs',
);
const { default: eslint } = await load('eslint/lib/api.js');

const patterns = kind === 'source' ? SOURCE_FILE_PATTERNS : ['**/*.js', '**/*.ts', '**/*.json'];
const scan = await analyzePackage(folder, patterns);
const linter = new eslint.ESLint({
  cwd: folder,
  allowInlineConfig: false,
  overrideConfigFile: true,
  overrideConfig: await buildScanConfig(),
  errorOnUnmatchedPattern: false,
});
const results = await linter.lintFiles(patterns);
const count = (key) => results.reduce((sum, result) => sum + result[key], 0);
stdout.write(
  JSON.stringify({
    ...scan,
    files: results.length,
    errors: count('errorCount'),
    warnings: count('warningCount'),
  }),
);
