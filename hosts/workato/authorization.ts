import type { AuthMethodDefinition, ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { AuthType } from '../../connector/manifest/connection.zod.ts';
import { authTypeKey, connectionField } from './connection-fields.ts';
import { lambda } from './lambdas.ts';
import { code, type RubyCode, type RubyValue, symbols } from './ruby.ts';

/**
 * The authorization of a connection: one option per method, with the fields of the method. Credentials are
 * case-sensitive headers, because the SDK repeats plain headers when it follows a redirect.
 */
export function authorization({ connection }: ConnectorDefinition): RubyValue {
  const { methods } = connection.auth;
  const [standard] = methods;
  return symbols({
    type: 'multi',
    selected: lambda(
      ['connection'],
      code(`type = connection['${authTypeKey}'].to_s\ntype.empty? ? '${standard.type}' : type`, [
        'connection',
      ]),
    ),
    options: symbols(Object.fromEntries(methods.map((method) => [method.type, option(method)]))),
  });
}

function option({ type, fields }: AuthMethodDefinition): RubyValue {
  return symbols({
    type: 'custom_auth',
    fields: fields.map((field) => connectionField(field)),
    ...mechanics[type](fields.map(({ key }) => key)),
  });
}

type Mechanics = (keys: readonly string[]) => Readonly<Record<string, RubyValue>>;

/** Applies one header: its name and its value, as Ruby code. */
const headerOf =
  (name: string, value: string): Mechanics =>
  () => ({ apply: applyLambda(`case_sensitive_headers(${name} => ${value})`) });

const mechanics: Readonly<Record<AuthType, Mechanics>> = {
  bearer: headerOf("'Authorization'", `"Bearer #{connection['token']}"`),
  basic: () => ({
    apply: applyLambda(
      `account = "#{connection['username']}:#{connection['password']}"
case_sensitive_headers('Authorization' => "Basic #{[account].pack('m0')}")`,
    ),
  }),
  header: headerOf("connection['headerName']", "connection['headerValue']"),
  oauth_client_credentials: (keys) => {
    const client = `fields = %w[${keys.join(' ')}]
client = ::OpenSSL::Digest.new('SHA256', connection.values_at(*fields).join("\\n")).to_s`;
    return {
      // Workato stores the token in the connection, so that all jobs share it.
      acquire: connectionLambda(
        `${client}\n{ 'access_token' => call('fetch_token', connection), 'access_token_client' => client }`,
      ),
      refresh_on: [401],
      // Without a token of this client, the request is rejected, and Workato acquires one.
      apply: applyLambda(
        `${client}
token = connection['access_token_client'] == client ? connection['access_token'] : nil
case_sensitive_headers('Authorization' => "Bearer #{token}") if token
# What the run needs to know of it.
watch = ::Thread.current[:rolecall_watch]
watch&.merge!('sent' => watch['sent'] + 1, 'tokens' => watch['tokens'] | [*token])`,
      ),
    };
  },
};

/** Adds the credential of the connection to a request, unless that is for an event source, which has its own. */
function applyLambda(ruby: string): RubyCode {
  return connectionLambda(`next if (::Thread.current[:rolecall_watch] || {})['foreign']\n\n${ruby}`);
}

function connectionLambda(ruby: string): RubyCode {
  return lambda(['connection'], code(ruby, ['connection']));
}
