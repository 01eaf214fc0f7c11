import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { Connector } from '../../runtime/connector.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { readAuthOptions, secretFields } from '../auth-options.ts';
import { connectionFile, readConnections } from '../connections/connection-file.ts';
import { assertName, assertNew, type SecretPlace, storeConnection } from '../connections/store-connection.ts';
import { type ConnectorOptions, connect, definitionOf } from '../context.ts';
import {
  addNewConnectionOptions,
  isProfileFile,
  overlayOption,
  readConnectionOptions,
  readSet,
} from '../options.ts';
import type { Terminal } from '../terminal.ts';

type ConnectOptions = ConnectorOptions & {
  readonly replace?: boolean;
  readonly storeSecretInKeyring?: boolean;
  readonly storeSecretInFile?: boolean;
};

/** `rolecall connect NAME`: tests a connection, and stores it for `--connection NAME`. */
export function connectCommand(terminal: Terminal): Command {
  const command = new Command('connect')
    .description('test a connection, and store it under a name for --connection')
    .argument('<name>', 'the name, such as the one of the provider')
    .option('--replace', 'replace the connection that has this name')
    .addOption(
      new Option(
        '--store-secret-in-keyring',
        "store the secret in the operating system's keyring; default: only the name of its variable",
      ).conflicts('storeSecretInFile'),
    )
    .option('--store-secret-in-file', 'store the secret in the file, in plain text')
    .addOption(overlayOption())
    .option('--verbose', 'log each request to standard error');
  return addNewConnectionOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  rolecall connect workato --base-url https://workato.com/scim/v2 --token-env WORKATO_SCIM_TOKEN\n  rolecall run search_users --connection workato',
    )
    .action(async (name: string, options: ConnectOptions) => {
      assertName(name);
      const file = connectionFile();
      const replace = options.replace === true;
      if (!replace) assertNew(name, readConnections(file));
      const definition = definitionOf(options);
      const { baseUrl } = readConnectionOptions(options, definition);
      const auth = readAuthOptions(options);
      const connector = await connect(options, terminal);
      try {
        terminal.err(await testConnection(connector));
      } finally {
        connector.close();
      }
      const secretPlace = placeOf(options);
      await storeConnection({
        name,
        baseUrl,
        auth,
        settings: readSet(options.set, definition.connection),
        profile: placeOfProfile(options.profile),
        options,
        secretPlace,
        replace,
      });
      terminal.err(`Stored as "${name}" in ${file}. ${whereSecretsAre(auth, options, secretPlace)}`);
    });
}

/** A profile by its name, or by a path that does not depend on the folder of the command. */
function placeOfProfile(profile: string | undefined): string | undefined {
  return profile !== undefined && isProfileFile(profile) ? resolve(profile) : profile;
}

function placeOf({ storeSecretInKeyring, storeSecretInFile }: ConnectOptions): SecretPlace {
  if (storeSecretInKeyring === true) return 'keyring';
  return storeSecretInFile === true ? 'file' : 'variable';
}

/** Reads one user: only a request with the credentials shows that they are right. @throws ConnectorError */
async function testConnection(connector: Connector): Promise<string> {
  const { action, noun } = searchOf(connector.definition);
  const output = await connector.run(action, { limit: 1, pageSize: 1 });
  const total = isRecord(output) ? output.totalResults : undefined;
  return typeof total === 'number'
    ? `The connection works: the provider lists ${total} ${noun}${total === 1 ? '' : 's'}.`
    : 'The connection works.';
}

/** The first search of the manifest. @throws ConnectorError */
function searchOf({ actions, resources }: ConnectorDefinition): {
  readonly action: string;
  readonly noun: string;
} {
  for (const { key, operation } of actions) {
    if (operation.type !== 'search') continue;
    return { action: key, noun: resources[operation.resource]?.title.toLowerCase() ?? 'resource' };
  }
  throw new ConnectorError('unsupported', {
    what: 'The manifest declares no action that searches.',
    nextStep: 'Declare an action with the operation "search".',
  });
}

function whereSecretsAre(
  auth: Readonly<Record<string, unknown>>,
  options: ConnectOptions,
  place: SecretPlace,
): string {
  return secretFields(auth, options)
    .map(({ noun, variable }) =>
      place === 'variable'
        ? `The ${noun} is not stored: keep it in the variable ${variable}.`
        : `The ${noun} is ${place === 'keyring' ? 'in the keyring' : 'in the file, in plain text'}.`,
    )
    .join(' ');
}
