import { type Command, Option } from 'commander';
import type { Auth } from '../connector/generated/types.ts';
import type { FieldDeclaration } from '../connector/manifest/field.zod.ts';
import manifest from '../manifest.json' with { type: 'json' };
import { humanize } from '../schemas/humanize.ts';
import { UsageError } from './errors.ts';
import { readSecretEnv } from './secret-env.ts';

/** The authentication options of a command: `auth`, and one for each field of the methods, by its name in commander. */
export type AuthOptions = Readonly<Record<string, unknown>>;

interface AuthField {
  readonly key: string;
  readonly title: string;
  readonly isSecret: boolean;
  readonly isRequired: boolean;
  /** `--client-id`; for a secret, the flag that names a variable: `--client-secret-env`. */
  readonly flag: string;
  /** The name of the option in commander. */
  readonly option: string;
  /** The variable that is used without the flag: `SCIM_CLIENT_ID`. */
  readonly variable: string;
}

interface AuthMethod {
  readonly type: string;
  readonly title: string;
  readonly fields: readonly AuthField[];
}

const methods: readonly AuthMethod[] = manifest.connection.auth.methods.map(({ type, title, fields }) => ({
  type,
  title,
  fields: (fields as readonly FieldDeclaration[]).map(toAuthField),
}));

function toAuthField({ key = '', title, secret = false, required = false }: FieldDeclaration): AuthField {
  const words = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return {
    key,
    title,
    isSecret: secret,
    isRequired: required,
    flag: secret ? `--${words}-env` : `--${words}`,
    option: secret ? `${key}Env` : key,
    variable: `SCIM_${words.toUpperCase().replaceAll('-', '_')}`,
  };
}

/** Adds an option for each field of the methods in the manifest. Secrets are never arguments: an option names their variable. */
export function addAuthOptions(command: Command): Command {
  const types = methods.map(({ type }) => type).join(', ');
  command.addOption(
    new Option('--auth <method>', `how to authenticate: ${types}; default: follows from the other options`),
  );
  for (const { fields, title } of methods) {
    for (const { flag, title: name, isSecret, variable } of fields) {
      const text = isSecret
        ? `the environment variable that holds the ${lowerFirst(name)}`
        : lowerFirst(name);
      const value = isSecret ? '<name>' : '<value>';
      command.addOption(
        new Option(`${flag} ${value}`, `${text}; default: ${variable}`).helpGroup(`${title}:`),
      );
    }
  }
  return command;
}

/** Reads the authentication of a connection from the options and the environment. @throws UsageError */
export function readAuthOptions(options: AuthOptions): Auth {
  const method = chooseMethod(options);
  for (const { type, fields } of methods) {
    const foreign = fields.find((field) => type !== method.type && isGiven(field, options));
    if (foreign !== undefined)
      throw new UsageError(`${foreign.flag} does not belong to --auth ${method.type}. Omit one of them.`);
  }
  const values = method.fields.flatMap((field) => {
    const value = readValue(field, options);
    if (value !== undefined) return [[field.key, value] as const];
    if (!field.isRequired) return [];
    const what = field.isSecret ? 'Pass the name of a variable that holds it' : 'Pass it';
    throw new UsageError(`${field.flag} is missing. ${what}, or set ${field.variable}.`);
  });
  // The validation of the connection checks the values.
  return { type: method.type, ...Object.fromEntries(values) } as Auth;
}

/** The title of a method, such as "Bearer token". */
export function methodTitle({ type }: { readonly type: string }): string {
  return methods.find((method) => method.type === type)?.title ?? type;
}

/** A secret of a connection's method. */
export interface SecretField {
  readonly key: string;
  /** For messages: "client secret". */
  readonly noun: string;
  /** The variable that the options name, or that is used without them. */
  readonly variable: string;
}

/** The secrets among these values, by the fields of their method. */
export function secretFields(
  auth: Readonly<Record<string, unknown>>,
  options: AuthOptions = {},
): readonly SecretField[] {
  const method = methods.find(({ type }) => type === auth.type);
  return (method?.fields ?? [])
    .filter(({ key, isSecret }) => isSecret && auth[key] !== undefined)
    .map(({ key, option, variable }) => ({
      key,
      noun: nounOf(key),
      variable: typeof options[option] === 'string' ? options[option] : variable,
    }));
}

function nounOf(key: string): string {
  return humanize(key).toLowerCase();
}

/** The variables and values that stand for these credentials. */
export function authVariables(
  auth: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  const method = methods.find(({ type }) => type === auth.type);
  return (method?.fields ?? []).flatMap(({ key, variable }) => {
    const value = auth[key];
    return value === undefined ? [] : [[variable, value] as const];
  });
}

/** The flag of a field, as error messages name it: `auth.clientId`, or `token`, the field of the default method. */
export function authFlagOf(path: string): string | undefined {
  if (path === 'auth') return '--auth';
  const [standard] = methods;
  const fields = path.startsWith('auth.')
    ? methods.flatMap((method) => method.fields)
    : (standard?.fields ?? []);
  const field = fields.find(({ key }) => key === path.replace(/^auth\./, ''));
  if (field === undefined) return undefined;
  return field.isSecret ? `the ${nounOf(field.key)} (${field.flag})` : field.flag;
}

/** The method of `--auth`; otherwise the one whose options are given; otherwise the one whose secret is in the environment. */
function chooseMethod(options: AuthOptions): AuthMethod {
  const { auth } = options;
  if (typeof auth === 'string') {
    const found = methods.filter(({ type }) => type.startsWith(auth));
    const exact = found.find(({ type }) => type === auth) ?? (found.length === 1 ? found[0] : undefined);
    if (exact !== undefined && auth !== '') return exact;
    throw new UsageError(
      `--auth "${auth}" is not known. Pass one of ${methods.map(({ type }) => type).join(', ')}.`,
    );
  }
  const byFlag = usedFields((field) => isGiven(field, options));
  if (byFlag.length > 0)
    return onlyMethod(byFlag, ({ flag }) => flag, 'Pass the options of one method only.');
  const bySecret = usedFields((field) => field.isSecret && readValue(field, options) !== undefined);
  if (bySecret.length > 0)
    return onlyMethod(bySecret, ({ variable }) => variable, 'Say which to use with --auth.');
  const names = methods.map(({ type, fields }) => {
    const secrets = fields.filter(({ isSecret }) => isSecret).map(({ variable }) => variable);
    return `${secrets.join(', ')} (${type})`;
  });
  const [standard] = methods;
  const flag = standard?.fields.find(({ isSecret }) => isSecret)?.flag;
  throw new UsageError(
    `${flag} is missing. Pass the name of the environment variable that holds the token, or set one of ${names.join(', ')}.`,
  );
}

interface UsedField {
  readonly method: AuthMethod;
  readonly field: AuthField;
}

function usedFields(isUsed: (field: AuthField) => boolean): readonly UsedField[] {
  return methods.flatMap((method) => method.fields.filter(isUsed).map((field) => ({ method, field })));
}

function onlyMethod(
  used: readonly UsedField[],
  nameOf: (field: AuthField) => string,
  next: string,
): AuthMethod {
  const [first] = used;
  const other = used.find(({ method }) => method !== first?.method);
  if (first !== undefined && other === undefined) return first.method;
  const names = [first, other].flatMap((one) => (one === undefined ? [] : nameOf(one.field)));
  throw new UsageError(`${names.join(' and ')} belong to different methods to authenticate. ${next}`);
}

function isGiven({ option }: AuthField, options: AuthOptions): boolean {
  return options[option] !== undefined;
}

function readValue(
  { flag, option, variable, isSecret, key }: AuthField,
  options: AuthOptions,
): string | undefined {
  const given = options[option];
  if (typeof given === 'string') {
    if (!isSecret) return given;
    return readSecretEnv(given, { option: flag, noun: nounOf(key), example: variable });
  }
  const value = process.env[variable]?.trim();
  return value === '' ? undefined : value;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
