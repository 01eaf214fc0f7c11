import type { ConnectorDefinition, Field } from '../../connector/definition/definition.ts';
import { invalidInput } from '../../connector/errors.ts';
import type { AuthType } from '../../connector/manifest/connection.zod.ts';
import type { Profile } from '../../connector/manifest/profile.zod.ts';
import { problemTexts } from '../../connector/problem-texts.ts';
import { profiles } from '../../runtime/profiles.ts';
import { fill } from '../../schemas/fill.ts';

/** The key of the field that selects the provider of a connection. */
export const providerKey = 'profile';

/** The value of the choice without a profile of this package. */
export const otherProvider = 'other';
const otherProviderTitle = 'Other SCIM provider';

/**
 * The field that selects the provider of a connection, and with it a profile of this package. The profile of an overlay
 * takes the place of "Other SCIM provider".
 */
export function providerField({ profile }: ConnectorDefinition): Field {
  const values = [otherProvider, ...profiles.map(({ name }) => name)];
  return {
    key: providerKey,
    title: 'Provider',
    help: 'Product that provides the SCIM service. Its known deviations from SCIM are then handled from the first request.',
    kind: 'string',
    required: false,
    default: otherProvider,
    pickList: [
      { value: otherProvider, title: profile?.provider ?? otherProviderTitle },
      ...profiles.map(({ name, provider }) => ({ value: name, title: provider })),
    ],
    custom: false,
    secret: false,
    advanced: false,
    polling: false,
    safeguard: false,
    choosesRows: false,
    schema: { type: 'string', enum: values, default: otherProvider },
  };
}

/**
 * The profile of the selected provider: undefined without one, and that of an overlay if none is selected.
 *
 * @throws ConnectorError `invalid_input` if the profile is unknown, or its provider accepts other methods
 */
export function selectedProfile(
  definition: ConnectorDefinition,
  selected: unknown,
  method: AuthType,
): Profile | undefined {
  if (selected === undefined || selected === '' || selected === otherProvider) return definition.profile;
  const profile = profiles.find(({ name }) => name === selected);
  if (profile === undefined) return refuse(`is unknown ("${selected}"): select one from the list`);
  const { auth, provider } = profile;
  if (auth.some(({ type }) => type === method)) return profile;
  const methods = methodTitles(definition, auth).join(' or ');
  return refuse(fill(problemTexts.methodOfOther, { provider, methods }));
}

function refuse(message: string): never {
  throw invalidInput([{ path: providerKey, message }]);
}

/** The titles of the methods that a provider accepts, the recommended one first. */
export function methodTitles({ connection }: ConnectorDefinition, auth: Profile['auth']): readonly string[] {
  const { methods } = connection.auth;
  return auth.flatMap(({ type }) => methods.find((one) => one.type === type)?.title ?? []);
}
