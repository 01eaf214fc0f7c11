import { readFileSync } from 'node:fs';
import { whyUnreadable } from '../runtime/node/why-unreadable.ts';
import { UsageError } from './errors.ts';

/**
 * Reads the key of a state from the environment: from `ROLECALL_STATE_KEY`, or from the file that
 * `ROLECALL_STATE_KEY_FILE` names, as service managers and Kubernetes provide secrets. Never from an argument, which other
 * users of the machine can read.
 *
 * @param name the variable, without `_FILE`
 * @returns undefined if neither is set: the state is not encrypted.
 * @throws UsageError
 */
export function readStateKeyEnv(name: 'ROLECALL_STATE_KEY' | 'ROLECALL_STATE_NEW_KEY'): string | undefined {
  const { [name]: key, [`${name}_FILE`]: file } = process.env;
  if (key !== undefined && file !== undefined)
    throw new UsageError(`${name} and ${name}_FILE are both set. Unset one of them.`);
  // An empty variable is a secret that is missing: without this, the state would silently be plain.
  if (key?.trim() === '' || file?.trim() === '')
    throw new UsageError(`${name}${file === undefined ? '' : '_FILE'} is empty. Set it, or unset it.`);
  return file === undefined ? key : readKeyFile(file, name);
}

function readKeyFile(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `The file that ${name}_FILE names, ${file}, cannot be read: ${whyUnreadable(error)}.`,
    );
  }
}
