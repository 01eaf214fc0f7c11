import { UsageError } from './usage-error.ts';

/** The option that names a variable, in the words of its messages. */
export interface SecretOption {
  /** Such as `--token-env`. */
  readonly option: string;
  readonly noun: 'token' | 'secret';
  /** The name of a variable. */
  readonly example: string;
}

/**
 * What an environment variable holds. @throws UsageError, which shows no more than the name of a variable: what was
 * given may be the secret itself.
 */
export function readSecretEnv(name: string, { option, noun, example }: SecretOption): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new UsageError(
      `${option} takes the name of an environment variable, such as ${example}, not the ${noun} itself`,
    );
  }
  const secret = process.env[name]?.trim();
  if (secret !== undefined && secret !== '') return secret;
  const shown = /^[A-Z][A-Z0-9_]*$/.test(name) ? ` ${name}` : '';
  throw new UsageError(
    `The environment variable${shown} that ${option} names is empty: put the ${noun} into it, and give its name`,
  );
}
