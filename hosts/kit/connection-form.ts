import { type Connection, readConnection } from '../../connector/connection.ts';
import type { ConnectorDefinition, Field } from '../../connector/definition/definition.ts';
import { invalidInput } from '../../connector/errors.ts';
import type { Profile } from '../../connector/manifest/profile.zod.ts';
import { connectionDefaults } from '../../connector/profile.ts';
import { isEmpty, readFields } from './flat-form.ts';
import { providerKey, selectedProfile } from './provider-choice.ts';

// The connection of hosts that have one form for all authentication methods: it has the fields of each of them.

/** The key of the field that selects the authentication method. */
export const authTypeKey = 'authentication';

/** What the form of a connection says. */
export interface FilledConnection {
  readonly connection: Connection;
  /** The profile of the selected provider. */
  readonly profile: Profile | undefined;
}

/** Reads the form of a connection. @throws ConnectorError `invalid_input` */
export function readConnectionForm(
  definition: ConnectorDefinition,
  values: Readonly<Record<string, unknown>>,
): FilledConnection {
  const { fields, schema, auth } = definition.connection;
  const { [authTypeKey]: selected } = values;
  const type = isEmpty(selected) ? auth.methods[0].type : selected;
  const method = auth.methods.find((one) => one.type === type);
  if (method === undefined)
    throw invalidInput([{ path: authTypeKey, message: `is unknown ("${type}"): select one from the list` }]);
  const profile = selectedProfile(definition, values[providerKey], method.type);
  const connection = readConnection(schema, {
    ...connectionDefaults(profile),
    ...readFields(fields, values),
    auth: { type: method.type, ...readCredential(method.fields, values) },
  } as Parameters<typeof readConnection>[1]);
  return { connection, profile };
}

/** Copied tokens and secrets often end with a line break. */
function readCredential(
  fields: readonly Field[],
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(readFields(fields, values)).map(
    ([key, value]) => [key, typeof value === 'string' ? value.trim() : value] as const,
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}
