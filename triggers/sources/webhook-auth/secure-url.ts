import { invalidInput } from '../../../connector/errors.ts';
import { isPrivate } from '../../../connector/is-loopback.ts';
import { problemTexts } from '../../../connector/problem-texts.ts';

/**
 * The URL in a setting.
 *
 * @throws ConnectorError `invalid_input` if it is not a URL, or if requests to it would not be encrypted.
 */
export function secureUrl(key: string, text: string): string {
  const url = URL.parse(text);
  const refuse = (message: string) => invalidInput([{ path: key, message }]);
  if (url === null) throw refuse(problemTexts.notAServiceUrl);
  if (url.username !== '' || url.password !== '') throw refuse(problemTexts.hasUserinfo);
  if (!isPrivate(url)) throw refuse(problemTexts.unencrypted);
  return url.href;
}
