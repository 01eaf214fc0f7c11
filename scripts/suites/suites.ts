import { installPackages } from './install-packages.ts';
import { installRuby } from './install-ruby.ts';
import { installServices } from './install-services.ts';

/** A test suite: a project of vitest.config.ts. */
export interface Suite {
  /** The command that runs it. */
  readonly command: string;
  /** What it needs in addition to Node, or why it runs apart. */
  readonly needs: string;
  /** Installs what it needs. @throws MissingPrerequisite */
  prepare(): void;
}

export type SuiteName = 'node' | 'workato' | 'servers' | 'mcp' | 'zapier' | 'activepieces' | 'n8n' | 'soak';

export const suites: Readonly<Record<SuiteName, Suite>> = {
  node: { command: 'npm test', needs: 'nothing but Node', prepare: () => {} },
  workato: {
    command: 'npm run test:workato',
    needs: 'Ruby, RuboCop, and RSpec',
    prepare: installRuby,
  },
  servers: {
    command: 'npm run test:servers',
    needs: 'SCIM servers of the npm registry',
    prepare: () => void installPackages('scim-servers'),
  },
  mcp: {
    command: 'npm run test:mcp',
    needs: "MCP's inspector, conformance suite, and bundle tools",
    prepare: () => void installPackages('mcp-tools'),
  },
  zapier: {
    command: 'npm run test:zapier',
    needs: "Zapier's platform packages",
    prepare: () => void installPackages('zapier-platform'),
  },
  activepieces: {
    command: 'npm run test:activepieces',
    needs: 'the framework of Activepieces',
    prepare: () => void installPackages('activepieces'),
  },
  n8n: {
    command: 'npm run test:n8n',
    needs: 'the n8n engine, Redis, PostgreSQL, and Chromium',
    prepare() {
      for (const name of ['n8n-engine', 'n8n-marketplace'] as const) installPackages(name);
      installServices();
    },
  },
  soak: { command: 'npm run test:soak', needs: 'minutes: it kills watchers 400 times', prepare: () => {} },
};
