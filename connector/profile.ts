import { didYouMean } from '../schemas/did-you-mean.ts';
import type { ConnectionLimits } from './connection.ts';
import { type InputProblem, invalidInput } from './errors.ts';
import type { Profile } from './manifest/profile.zod.ts';

/** The values of the parameters in the base URL of a profile. */
export type ProfileParameters = Readonly<Record<string, string>>;

/**
 * A connection with what the profile of its provider says: the base URL, unless one is given, and its defaults.
 *
 * @throws ConnectorError `invalid_input` if a parameter of the base URL is missing or unknown
 */
export function withProfile<Input extends { readonly baseUrl?: string | undefined }>(
  profile: Profile | undefined,
  input: Input,
  parameters: ProfileParameters = {},
): Input & { readonly baseUrl: string } {
  const baseUrl = input.baseUrl ?? (profile === undefined ? undefined : fillBaseUrl(profile, parameters));
  return { ...connectionDefaults(profile), ...input, ...(baseUrl !== undefined && { baseUrl }) } as Input & {
    baseUrl: string;
  };
}

/** The limits that the provider of a profile documents, as defaults of a connection. */
export function connectionDefaults(profile: Profile | undefined): Partial<ConnectionLimits> {
  const { source: _, requestsPerMinute, concurrency } = profile?.connection ?? { source: '' };
  return {
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(concurrency !== undefined && { concurrency }),
  };
}

/** Fills the template of a base URL. @throws ConnectorError `invalid_input` */
export function fillBaseUrl({ provider, baseUrl }: Profile, given: ProfileParameters): string {
  const { template, parameters = [] } = baseUrl;
  const keys = parameters.map(({ key }) => key);
  const problems: InputProblem[] = parameters
    .filter(({ key }) => (given[key] ?? '') === '')
    .map(({ key, title, sample }) => ({
      path: `parameters.${key}`,
      message: `is missing: pass the ${lowerFirst(title)} of ${provider}, such as ${sample}`,
    }));
  for (const key of Object.keys(given)) {
    if (parameters.every((one) => one.key !== key))
      problems.push({
        path: `parameters.${key}`,
        message: `is not in the base URL of ${provider}${didYouMean(key, keys) || `: ${template}`}`,
      });
  }
  if (problems.length > 0) throw invalidInput(problems);
  return template.replace(/\{(\w+)\}/g, (_, key: string, at: number) => {
    const value = given[key] ?? '';
    // The connection verifies a URL that begins with a parameter.
    if (at === 0) return value.replace(/\/+$/, '');
    // A host keeps its dots and its port; what would leave its place in the URL is encoded.
    return encodeURIComponent(value).replaceAll('%3A', ':');
  });
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
