import { Command } from 'commander';
import { methodTitle } from '../auth-options.ts';
import { connectionFile, readConnections, type StoredConnection } from '../connections/connection-file.ts';
import { findConnection } from '../connections/named-connection.ts';
import { removeConnection } from '../connections/store-connection.ts';
import { printList } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `rolecall connections`: lists the stored connections, without secrets. */
export function connectionsCommand(terminal: Terminal): Command {
  return new Command('connections')
    .description('list the stored connections')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: boolean }) => {
      const entries = [...readConnections(connectionFile())].map(([name, connection]) => ({
        name,
        baseUrl: connection.baseUrl,
        auth: String(connection.auth.type),
        profile: connection.profile,
        secrets: secretsOf(connection),
      }));
      const list = {
        entries,
        heads: ['name', 'base URL', 'authentication', 'secret', 'profile'],
        rows: entries.map(({ name, baseUrl, auth, profile = '-', secrets }) => [
          name,
          baseUrl,
          methodTitle({ type: auth }),
          secrets.join(', '),
          profile,
        ]),
        hint:
          entries.length === 0
            ? 'rolecall connect NAME stores a connection.'
            : 'Each command that connects accepts --connection NAME.',
      };
      printList(list, terminal, json === true);
    });
}

/** `rolecall disconnect NAME`: removes a stored connection, with its secrets. */
export function disconnectCommand(terminal: Terminal): Command {
  return new Command('disconnect')
    .description('remove a stored connection, with its secrets')
    .argument('<name>', 'the name of the connection')
    .action(async (name: string) => {
      findConnection(readConnections(connectionFile()), name);
      await removeConnection(name);
      terminal.err(`The connection "${name}" is removed. The provider still accepts its credentials.`);
    });
}

/** Where the secrets are, never the secrets. */
function secretsOf({ auth }: StoredConnection): readonly string[] {
  return Object.values(auth).flatMap((value) => {
    if (typeof value === 'string') return [];
    if ('variable' in value) return [`variable ${value.variable}`];
    return ['keyring' in value ? 'keyring' : 'plain text in the file'];
  });
}
