import { builtinModules } from 'node:module';
import { defineConfig, type Options } from 'tsup';

/**
 * The command line's own packages are bundled, so that whoever uses only the library does not install them. They are
 * CommonJS: esbuild leaves a `require` of one of Node's modules as it is, and an ES module has none.
 */
const bundledPackages: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'bundled-packages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?[a-z0-9_/]+$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '');
      return kind === 'require-call' && builtinModules.includes(name)
        ? { path: name, namespace: 'builtin' }
        : undefined;
    });
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}');`,
    }));
    // Our import of it is optional. prom-client requires it only for exemplars, which are not used.
    onResolve({ filter: /^@opentelemetry\/api$/ }, ({ path, kind }) =>
      kind === 'require-call' ? { path, namespace: 'absent' } : { path, external: true },
    );
    // Its validator of JSON Schema would be half of the MCP server. Ours validates.
    onResolve({ filter: /^@modelcontextprotocol\/server\/_shims$/ }, ({ path }) => ({
      path,
      namespace: 'mcp-shims',
    }));
    onLoad({ filter: /.*/, namespace: 'mcp-shims' }, () => ({
      contents:
        "export { default as process } from 'node:process'; export class DefaultJsonSchemaValidator {}",
    }));
    onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'module.exports = {};' }));
  },
};

export default defineConfig({
  entry: { index: 'runtime/index.ts', sandbox: 'sandbox/index.ts', 'cli/main': 'cli/main.ts' },
  format: 'esm',
  target: 'node22',
  platform: 'node',
  // `node:sqlite` exists under no other name.
  removeNodeProtocol: false,
  clean: true,
  // Shared code goes into chunks, so that an error is the same class whichever entry it came through.
  splitting: true,
  // tsc writes the declarations: see the script "build".
  dts: false,
  // For scripts/write-notices.ts, which deletes it.
  metafile: true,
  // Resolved by the plugin.
  noExternal: ['@opentelemetry/api'],
  esbuildPlugins: [bundledPackages],
});
