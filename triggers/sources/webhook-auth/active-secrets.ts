import { invalidInput } from '../../../connector/errors.ts';

/**
 * The secrets that are in force: the one, and the one before it while it is being changed. A field that was left empty
 * is no secret, for anybody could know it.
 *
 * @param key the setting that holds the one.
 * @throws ConnectorError `invalid_input` when there is none.
 */
export function activeSecrets(key: string, current: string, previous?: string): readonly string[] {
  if (current === '')
    throw invalidInput([{ path: key, message: 'must not be empty: anybody could know it' }]);
  return previous === undefined || previous === '' ? [current] : [current, previous];
}
