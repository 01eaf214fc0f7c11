import { UsageError } from './errors.ts';

/** The option that names a variable, and the words for its messages. */
export interface SecretOption {
  /** For example `--token-env`. */
  readonly option: string;
  /** What the variable holds, such as "token". */
  readonly noun: string;
  /** The name of a variable. */
  readonly example: string;
}

/**
 * Returns the value of an environment variable. @throws UsageError, which shows only valid variable names: the
 * argument could be the secret itself.
 */
export function readSecretEnv(name: string, { option, noun, example }: SecretOption): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new UsageError(
      `${option} requires the name of an environment variable, such as ${example}, not the ${noun} itself.`,
    );
  }
  const secret = process.env[name]?.trim();
  if (secret !== undefined && secret !== '') return secret;
  const shown = /^[A-Z][A-Z0-9_]*$/.test(name) ? ` ${name}` : '';
  throw new UsageError(
    `The environment variable${shown} that ${option} names is not set. Set it to the ${noun}, and pass its name.`,
  );
}
