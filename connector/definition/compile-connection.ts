import type { JsonSchema } from '../../schemas/json-schema.ts';
import type { AuthMethodDeclaration, AuthType, ConnectionDeclaration } from '../manifest/connection.zod.ts';
import type { FieldDeclaration } from '../manifest/field.zod.ts';
import { type CompileContext, reportDuplicates } from './compile-context.ts';
import { compileField } from './compile-fields.ts';
import type { AuthMethodDefinition, ConnectionDefinition, Field } from './definition.ts';
import { objectOf } from './object-of.ts';

/** Compiles the fields of a connection, and the methods to authenticate. */
export function compileConnection(
  context: CompileContext,
  { fields: declared, auth }: ConnectionDeclaration,
): ConnectionDefinition {
  const compile = (fields: readonly FieldDeclaration[], path: string): readonly Field[] =>
    fields.map((field) => compileField(context, field, path, undefined));
  const fields = compile(declared, 'connection.fields');
  const methods = auth.methods.map((method) =>
    compileMethod(method, compile(method.fields, `connection.auth.methods "${method.type}"`)),
  );
  reportDuplicates(
    context,
    'connection.auth.methods',
    methods.map(({ type }) => type),
  );
  // A form can hold the fields of all methods, and flags and variables are named after them.
  reportDuplicates(
    context,
    'the fields of the connection',
    [...fields, ...methods.flatMap((method) => method.fields)].map(({ key }) => key),
  );
  const [standard, ...others] = methods;
  if (standard === undefined) throw new TypeError('A connection needs a method to authenticate');
  const { properties, ...closed } = objectOf(fields);
  return {
    fields,
    auth: { methods: [standard, ...others] },
    schema: {
      ...closed,
      // Either `auth`, or the fields of the default method: `readConnection` checks that exactly one is there.
      properties: { ...properties, ...objectOf(standard.fields).properties, auth: authSchema(methods) },
    },
  };
}

/** The names of the generated types. */
const typeNames: Readonly<Record<AuthType, string>> = {
  bearer: 'BearerAuth',
  oauth_client_credentials: 'OAuthClientCredentialsAuth',
  basic: 'BasicAuth',
  header: 'HeaderAuth',
};

function compileMethod(
  { type, title, help }: AuthMethodDeclaration,
  fields: readonly Field[],
): AuthMethodDefinition {
  const { properties, required = [], ...closed } = objectOf(fields);
  const schema: JsonSchema = {
    ...closed,
    'x-name': typeNames[type],
    title,
    description: help,
    properties: { type: { type: 'string', enum: [type], description: 'The method.' }, ...properties },
    required: ['type', ...required],
  };
  return { type, title, help, fields, schema };
}

function authSchema(methods: readonly AuthMethodDefinition[]): JsonSchema {
  return {
    title: 'Authentication',
    description: 'How the connection authenticates.',
    oneOf: methods.map(({ schema }) => schema),
  };
}
