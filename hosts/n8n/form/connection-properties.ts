import type {
  AuthMethodDefinition,
  ConnectorDefinition,
  Field,
} from '../../../connector/definition/definition.ts';
import { providerField } from '../../kit/provider-choice.ts';
import { clientAuthentications, credentialTypes } from '../credential-types.ts';
import { advancedSwitch, isBasic, whereAdvanced } from './advanced-settings.ts';
import { fieldProperty } from './field-property.ts';
import type { N8nOption, N8nProperty } from './n8n-property.ts';
import { omittedAsZero } from './omitted-as-zero.ts';
import { providerProperties } from './provider-properties.ts';

/**
 * The fields of a connection that authenticates with a method: the provider comes first, and the fields of the method after
 * the required ones.
 */
export function fieldsOfMethod(
  definition: ConnectorDefinition,
  method: AuthMethodDefinition,
): readonly Field[] {
  const { fields } = definition.connection;
  return [
    providerField(definition),
    ...fields.filter(isBasic),
    ...method.fields,
    ...fields.filter((field) => !isBasic(field)),
  ];
}

/** The parameters of the credential of a method. */
export function connectionProperties(
  definition: ConnectorDefinition,
  method: AuthMethodDefinition,
): readonly N8nProperty[] {
  const { fieldNames } = credentialTypes[method.type];
  const { fields } = definition.connection;
  const parameters = (field: Field): readonly N8nProperty[] => {
    const property = { ...connectionProperty(field), name: fieldNames[field.key] ?? field.key };
    return field.key === 'baseUrl' ? providerProperties(definition, method, property) : [property];
  };
  const properties = [
    ...[...fields.filter(isBasic), ...method.fields].flatMap(parameters),
    advancedSwitch,
    ...fields
      .filter((field) => !isBasic(field))
      .flatMap(parameters)
      .map(whereAdvanced),
  ];
  return method.type === 'oauth_client_credentials' ? oAuth2Properties(properties) : properties;
}

function connectionProperty(field: Field): N8nProperty {
  const property = fieldProperty(field);
  if (property.type !== 'number' || field.default !== undefined) return property;
  return omittedAsZero(property, `${property.description}`.replace('Leave blank', 'Set to 0'));
}

/**
 * The parameters in terms of n8n's `oAuth2Api`, which the credential extends: they replace its own of the same name. n8n
 * uses them where it requests tokens itself: in the test of the credential, and in the HTTP Request node.
 */
function oAuth2Properties(properties: readonly N8nProperty[]): readonly N8nProperty[] {
  const { clientAuthentication } = credentialTypes.oauth_client_credentials.fieldNames;
  return [
    { displayName: 'Grant Type', name: 'grantType', type: 'hidden', default: 'clientCredentials' },
    ...properties.map((property) =>
      property.name === clientAuthentication ? withOwnValues(property) : property,
    ),
    {
      displayName: 'Send Additional Body Properties',
      name: 'sendAdditionalBodyProperties',
      type: 'hidden',
      default: true,
    },
    {
      displayName: 'Additional Body Properties',
      name: 'additionalBodyProperties',
      type: 'hidden',
      // n8n has no audience of its own.
      default: '={{ $self["audience"] ? JSON.stringify({ audience: $self["audience"] }) : "" }}',
    },
  ];
}

function withOwnValues({ description: _, options = [], ...property }: N8nProperty): N8nProperty {
  const own = (value: unknown): string => clientAuthentications[String(value)] ?? '';
  return {
    ...property,
    options: options.map((option) => ({ ...(option as N8nOption), value: own((option as N8nOption).value) })),
    default: own(property.default),
  };
}
