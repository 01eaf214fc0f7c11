import { invalidInput } from '../../../connector/errors.ts';
import { isPrivate } from '../../../connector/is-loopback.ts';
import type { SourceType } from '../../../connector/manifest/manifest.zod.ts';
import { withDefaults } from '../../../connector/with-defaults.ts';
import type { SourceContext } from '../source.ts';

/** The settings of a source that fit its fields, with the defaults of those that were not given. */
export function readSettings<Settings>(
  { definition }: SourceContext,
  type: SourceType,
  given: Readonly<Record<string, unknown>>,
): Settings {
  const source = definition.sources.find((candidate) => candidate.type === type);
  // The fields declare what Settings says of them: the contract tests open every source with its sample.
  return withDefaults(source?.settings ?? {}, given) as Settings;
}

/**
 * The address in a setting.
 *
 * @throws ConnectorError `invalid_input` when it is none, or when what is sent there could be read on the way.
 */
export function secureUrl(key: string, text: string): string {
  const url = URL.parse(text);
  const refuse = (message: string) => invalidInput([{ path: key, message }]);
  if (url === null) throw refuse('must be a full URL that starts with "https://"');
  if (url.username !== '' || url.password !== '') throw refuse('must not contain a username or password');
  if (!isPrivate(url)) throw refuse('must start with "https://" (only localhost may use "http://")');
  return url.href;
}
