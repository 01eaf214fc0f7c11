import { invalidInput } from '../../../connector/errors.ts';
import { isPrivate } from '../../../connector/is-loopback.ts';

/**
 * The URL in a setting.
 *
 * @throws ConnectorError `invalid_input` if it is not a URL, or if requests to it would not be encrypted.
 */
export function secureUrl(key: string, text: string): string {
  const url = URL.parse(text);
  const refuse = (message: string) => invalidInput([{ path: key, message }]);
  if (url === null) throw refuse('must be a full URL that starts with "https://"');
  if (url.username !== '' || url.password !== '') throw refuse('must not contain a username or password');
  if (!isPrivate(url)) throw refuse('must start with "https://" (only localhost may use "http://")');
  return url.href;
}
