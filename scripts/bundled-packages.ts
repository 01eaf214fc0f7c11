import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

/**
 * Bundles packages of the command line, so that whoever uses only the library does not install them. Some are CommonJS:
 * esbuild leaves a `require` of one of Node's modules as it is, and an ES module has none.
 */
export const bundledPackages: Plugin = {
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
    onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'module.exports = {};' }));
    // Its validator of JSON Schema would be half of the MCP server. Ours validates.
    onResolve({ filter: /^@modelcontextprotocol\/server\/_shims$/ }, ({ path }) => ({
      path,
      namespace: 'mcp-shims',
    }));
    onLoad({ filter: /.*/, namespace: 'mcp-shims' }, () => ({
      contents:
        "export { default as process } from 'node:process'; export class DefaultJsonSchemaValidator {}",
    }));
  },
};
