import { type Connection, readConnection } from '../../../connector/connection.ts';
import type {
  AuthMethodDefinition,
  ConnectorDefinition,
  Field,
} from '../../../connector/definition/definition.ts';
import { ConnectorError, invalidInput } from '../../../connector/errors.ts';
import type { Profile } from '../../../connector/manifest/profile.zod.ts';
import { connectionDefaults } from '../../../connector/profile.ts';
import { providerKey, selectedProfile } from '../../kit/provider-choice.ts';
import { clientAuthentications, credentialTypes } from '../credential-types.ts';
import { effectiveFields } from '../form/advanced-settings.ts';
import { fieldsOfMethod } from '../form/connection-properties.ts';
import { labelOf } from '../form/words.ts';
import { parameterNames } from '../parameter-names.ts';
import type { N8nFunctions } from './n8n-functions.ts';
import { readValue } from './read-value.ts';

/** The values of a credential, decrypted. */
export type CredentialData = Readonly<Record<string, unknown>>;

/** The authentication method of a node: the default in workflows that are older than the choice. @throws ConnectorError */
export function selectedMethod(
  { connection }: ConnectorDefinition,
  functions: Pick<N8nFunctions, 'getNode'>,
): AuthMethodDefinition {
  const { methods } = connection.auth;
  const type = functions.getNode().parameters?.[parameterNames.authentication] ?? methods[0].type;
  const method = methods.find((one) => one.type === type);
  if (method !== undefined) return method;
  throw invalidInput([
    { path: parameterNames.authentication, message: `is unknown ("${type}"): select one from the list` },
  ]);
}

/** What the credential of a connection says. */
export interface ConnectionCredential {
  readonly connection: Connection;
  /** The profile of the selected provider. */
  readonly profile: Profile | undefined;
}

/** Reads the credential of a connection. @throws ConnectorError if it is invalid. */
export function readConnectionCredential(
  definition: ConnectorDefinition,
  method: AuthMethodDefinition,
  data: CredentialData,
): ConnectionCredential {
  const { fields, schema } = definition.connection;
  return readCredential(fieldsOfMethod(definition, method), () => {
    const profile = selectedProfile(definition, data[providerKey], method.type);
    const connection = readConnection(schema, {
      ...connectionDefaults(profile),
      ...readFields(effectiveFields(fields, data), data),
      auth: { type: method.type, ...readFields(method.fields, valuesOfMethod(method, data)) },
    } as Parameters<typeof readConnection>[1]);
    return { connection, profile };
  });
}

/** The method whose credential has this name; undefined if it is no credential of a connection. */
export function methodOfCredential(
  { connection }: ConnectorDefinition,
  name: string,
): AuthMethodDefinition | undefined {
  return connection.auth.methods.find(({ type }) => credentialTypes[type].name === name);
}

/** The values of a method's fields, by their keys in the manifest. */
function valuesOfMethod({ type, fields }: AuthMethodDefinition, data: CredentialData): CredentialData {
  const { fieldNames } = credentialTypes[type];
  const entries = fields.map(({ key }) => {
    const value = data[fieldNames[key] ?? key];
    if (key === 'clientAuthentication') return [key, clientAuthenticationOf(value)] as const;
    // Copied tokens and secrets often end with a line break.
    return [key, typeof value === 'string' ? value.trim() : value] as const;
  });
  return Object.fromEntries(entries);
}

function clientAuthenticationOf(value: unknown): unknown {
  const [known] = Object.entries(clientAuthentications).find(([, own]) => own === value) ?? [];
  return known ?? value;
}

/** Reads a credential. Errors use the labels of its form. @throws ConnectorError */
export function readCredential<Value>(fields: readonly Field[], read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.problems.length === 0) throw error;
    const lines = error.problems.map(({ path, message }) => `${nameOf(fields, path)} ${message}`);
    throw new ConnectorError('invalid_input', {
      what: `Invalid credential: ${lines.join('; ')}.`,
      nextStep: 'Correct the credential.',
      problems: error.problems,
    });
  }
}

function nameOf(fields: readonly Field[], path: string): string {
  const key = path.replace(/^connection\.(auth\.)?/, '');
  const field = fields.find((one) => one.key === key);
  return field === undefined ? path : `"${labelOf(field)}"`;
}

/** The values of these fields in a credential. n8n adds its own fields to it. */
export function readFields(
  fields: readonly Field[],
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = fields.flatMap((field) => {
    const value = readValue(field, given[field.key]);
    // n8n's form has no empty number: 0 means omitted.
    const isOmitted = value === undefined || (value === 0 && (field.schema.minimum ?? 0) > 0);
    return isOmitted ? [] : [[field.key, value]];
  });
  return Object.fromEntries(entries);
}
