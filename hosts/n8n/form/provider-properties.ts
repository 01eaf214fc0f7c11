import type { AuthMethodDefinition, ConnectorDefinition } from '../../../connector/definition/definition.ts';
import type { Profile } from '../../../connector/manifest/profile.zod.ts';
import { fillBaseUrl } from '../../../connector/profile.ts';
import { profiles } from '../../../runtime/profiles.ts';
import { methodTitles, providerField, providerKey } from '../../kit/provider-choice.ts';
import { titleCase } from '../../kit/title-case.ts';
import { toHtml } from '../../kit/to-html.ts';
import { credentialTypes } from '../credential-types.ts';
import { fieldProperty } from './field-property.ts';
import type { N8nProperty } from './n8n-property.ts';
import { docsLink, noticeProperty } from './notice-property.ts';
import { showWhere } from './show-where.ts';
import { camelCase, helpText } from './words.ts';

/**
 * The parameters of a credential that depend on the provider: its selection, how to connect to it, and the base URL, whose
 * placeholder and description are those of the selected provider. A credential that extends another one can have only
 * one parameter of a name in n8n, so that the base URLs are in its notices.
 */
export function providerProperties(
  definition: ConnectorDefinition,
  method: AuthMethodDefinition,
  baseUrl: N8nProperty,
): readonly N8nProperty[] {
  const select = fieldProperty(providerField(definition));
  const { isExtension } = credentialTypes[method.type];
  const notices = profiles.map((profile) => {
    const help = profile.auth.find(({ type }) => type === method.type)?.help;
    if (help === undefined) return notice(profile, [otherMethodText(definition, profile)]);
    return notice(profile, isExtension ? [help, baseUrlText(profile)] : [help]);
  });
  if (isExtension) return [select, ...notices, baseUrl];
  return [
    select,
    ...notices,
    // Also for a provider from an expression, or one that a later version of the package no longer has.
    { ...baseUrl, displayOptions: { hide: { [providerKey]: profiles.map(({ name }) => name) } } },
    ...profiles.map((profile) => baseUrlOf(profile, baseUrl)),
  ];
}

/** How to connect to the provider, one sentence per line, with a link to its documentation. */
function notice(profile: Profile, texts: readonly string[]): N8nProperty {
  const { name, provider, docs } = profile;
  const sentences = texts.flatMap((text) => text.split(/(?<=\.) /)).map(toHtml);
  return showFor(
    profile,
    noticeProperty(`${camelCase(name)}Notice`, [...sentences, docsLink(titleCase(provider), docs)]),
  );
}

/** Which credential to create for a provider that does not accept the method. */
function otherMethodText(definition: ConnectorDefinition, { provider, auth }: Profile): string {
  const methods = methodTitles(definition, auth).map(titleCase).join(' or ');
  const names = auth.map(({ type }) => `"${credentialTypes[type].displayName}"`).join(' or ');
  return `${provider} does not accept this authentication method, only ${methods}. Create a credential of the type ${names} instead.`;
}

function baseUrlText({ baseUrl }: Profile): string {
  return `SCIM Base URL: ${baseUrl.template}. ${baseUrl.help}`;
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
