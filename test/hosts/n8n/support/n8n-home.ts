import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages } from '../../../../scripts/suites/install-packages.ts';
import { childEnv, runChild } from './child.ts';
import { packageName } from './package-name.ts';
import type { Workflow } from './workflow.ts';

/** Credentials to be imported: n8n encrypts them. */
export interface ImportedCredential {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A data folder of n8n with the node package installed in it, as n8n's own installer puts it there. */
export interface N8nHome {
  readonly folder: string;
  /** The command line of n8n, and the environment that it takes this folder from. */
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
  importCredentials(credentials: readonly ImportedCredential[]): Promise<void>;
  /** Imports workflows, and publishes those that are named: imports arrive switched off. */
  importWorkflows(workflows: readonly Workflow[], published?: readonly Workflow[]): Promise<void>;
  remove(): void;
}

/** Creates a data folder. `env` is put over the defaults: queue mode and another database are switched on by it. */
export async function createN8nHome(env: NodeJS.ProcessEnv = {}): Promise<N8nHome> {
  const engine = installPackages('n8n-engine');
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-n8n-'));
  const installed = join(folder, '.n8n', 'nodes', 'node_modules', packageName);
  mkdirSync(installed, { recursive: true });
  const packaged = join(folder, 'package');
  await runChild(process.execPath, ['cli/main.ts', 'package', 'n8n', '--out', packaged]);
  cpSync(packaged, installed, { recursive: true });

  const command = join(engine, 'node_modules', '.bin', 'n8n');
  const all: NodeJS.ProcessEnv = {
    ...childEnv(),
    N8N_USER_FOLDER: folder,
    N8N_ENCRYPTION_KEY: 'a key of the tests alone',
    N8N_DIAGNOSTICS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
    N8N_TEMPLATES_ENABLED: 'false',
    N8N_PERSONALIZATION_ENABLED: 'false',
    N8N_HIRING_BANNER_ENABLED: 'false',
    N8N_SECURE_COOKIE: 'false',
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_HOST: '127.0.0.1',
    GENERIC_TIMEZONE: 'UTC',
    ...env,
  };
  const run = async (args: readonly string[]): Promise<void> => {
    await runChild(command, args, { env: all });
  };
  const importFile = async (kind: string, data: unknown): Promise<void> => {
    const file = join(folder, `${kind}.json`);
    writeFileSync(file, JSON.stringify(data));
    await run([`import:${kind}`, `--input=${file}`]);
  };
  return {
    folder,
    command,
    env: all,
    importCredentials: (credentials) => importFile('credentials', credentials),
    async importWorkflows(workflows, published = []) {
      await importFile('workflow', workflows);
      for (const { id } of published) await run(['publish:workflow', `--id=${id}`]);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
