import { installN8n } from './install-n8n.ts';
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

export type SuiteName = 'node' | 'workato' | 'n8n' | 'soak';

export const suites: Readonly<Record<SuiteName, Suite>> = {
  node: { command: 'npm test', needs: 'nothing but Node', prepare: () => {} },
  workato: {
    command: 'npm run test:workato',
    needs: 'Ruby, RuboCop, and RSpec',
    prepare: installRuby,
  },
  n8n: {
    command: 'npm run test:n8n',
    needs: 'the n8n engine, Redis, PostgreSQL, and Chromium',
    prepare() {
      for (const name of ['engine', 'marketplace'] as const) installN8n(name);
      installServices();
    },
  },
  soak: { command: 'npm run test:soak', needs: 'minutes: it kills a watcher 200 times', prepare: () => {} },
};
