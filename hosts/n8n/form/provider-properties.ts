import type { AuthMethodDefinition, ConnectorDefinition } from '../../../connector/definition/definition.ts';
import type { Profile } from '../../../connector/manifest/profile.zod.ts';
import { fillBaseUrl } from '../../../connector/profile.ts';
import { profiles } from '../../../runtime/profiles.ts';
import { methodTitles, providerField, providerKey } from '../../kit/provider-choice.ts';
import { toHtml } from '../../kit/to-html.ts';
import { credentialTypes } from '../credential-types.ts';
import { fieldProperty } from './field-property.ts';
import type { N8nProperty } from './n8n-property.ts';
import { showWhere } from './show-where.ts';
import { camelCase, helpText } from './words.ts';

/**
 * The parameters of a credential that depend on the provider: its selection, how to connect to it, and the base URL, whose
 * placeholder and description are those of the selected provider.
 */
export function providerProperties(
  definition: ConnectorDefinition,
  method: AuthMethodDefinition,
  baseUrl: N8nProperty,
): readonly N8nProperty[] {
  return [
    fieldProperty(providerField(definition)),
    ...profiles.map((profile) => notice(definition, method, profile)),
    // Also for a provider from an expression, or one that a later version of the package no longer has.
    { ...baseUrl, displayOptions: { hide: { [providerKey]: profiles.map(({ name }) => name) } } },
    ...profiles.map((profile) => baseUrlOf(profile, baseUrl)),
  ];
}

/** How to authenticate at the provider, by its documentation. */
function notice(
  definition: ConnectorDefinition,
  method: AuthMethodDefinition,
  profile: Profile,
): N8nProperty {
  const { name, provider, docs, auth } = profile;
  const help = auth.find(({ type }) => type === method.type)?.help;
  const link = `<a href="${toHtml(docs)}" target="_blank">${toHtml(provider)} documentation</a>`;
  return showFor(profile, {
    displayName: `${toHtml(help ?? otherCredential(definition, profile))} ${link}`,
    name: `${camelCase(name)}Notice`,
    type: 'notice',
    default: '',
  });
}

/** What to do in the credential of a method that the provider does not take. */
function otherCredential(definition: ConnectorDefinition, { provider, auth }: Profile): string {
  const methods = methodTitles(definition, auth).join(' or ');
  const names = auth.map(({ type }) => `"${credentialTypes[type].displayName}"`).join(' or ');
  return `${provider} does not take this authentication method, but ${methods}. Create a credential of the type ${names}.`;
}

function baseUrlOf(profile: Profile, property: N8nProperty): N8nProperty {
  const { help, parameters = [] } = profile.baseUrl;
  const samples = Object.fromEntries(parameters.map(({ key, sample }) => [key, sample]));
  return showFor(profile, {
    ...property,
    placeholder: `e.g. ${fillBaseUrl(profile, samples)}`,
    description: helpText(help),
  });
}

function showFor({ name }: Profile, property: N8nProperty): N8nProperty {
  return showWhere(property, { [providerKey]: [name] });
}
