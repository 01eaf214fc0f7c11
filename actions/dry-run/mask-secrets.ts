import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';

/** What a dry run shows in place of a secret. */
export const secretMask = '[secret]';

/** The attributes that a provider never returns, such as `password` (RFC 7643 §2.2), in lower case. */
export function secretAttributes(definitions: readonly ResourceDefinition[]): ReadonlySet<string> {
  const lists = definitions.map(modelOf).flatMap((model) => [model, ...model.extensions]);
  const secret = lists.flatMap(({ attributes }) =>
    attributes.list.filter(({ returned }) => returned === 'never'),
  );
  return new Set(secret.map(({ name }) => name.toLowerCase()));
}

/** The same JSON, with the values of secret attributes masked, wherever they are: in a resource, or in an operation. */
export function maskSecrets(json: unknown, secrets: ReadonlySet<string>): unknown {
  if (Array.isArray(json)) return json.map((item) => maskSecrets(item, secrets));
  if (!isRecord(json)) return json;
  const isSecretTarget = typeof json.path === 'string' && secrets.has(attributeOf(json.path));
  const entries = Object.entries(json)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const isSecret = secrets.has(attributeOf(name)) || (isSecretTarget && name === 'value');
      return [name, isSecret && value !== null ? secretMask : maskSecrets(value, secrets)];
    });
  return Object.fromEntries(entries);
}

/** Whether a path ends at a secret attribute. */
export function isSecret(path: string, secrets: ReadonlySet<string>): boolean {
  return secrets.has(attributeOf(path));
}

/** The name that a path ends with, in lower case: `password` of `urn:…:User:password`. */
function attributeOf(path: string): string {
  return /[^.:\]]*$/.exec(path)?.[0].toLowerCase() ?? '';
}

/** The secret attributes that a body sets: the names in a resource, or the paths of operations. */
export function secretsIn(body: unknown, secrets: ReadonlySet<string>): readonly string[] {
  const given = (value: unknown): readonly string[] =>
    isRecord(value) ? Object.keys(value).filter((name) => secrets.has(attributeOf(name))) : [];
  if (!isRecord(body) || !Array.isArray(body.Operations)) return given(body);
  return body.Operations.filter(isRecord).flatMap(({ path, value }) =>
    typeof path === 'string' ? (secrets.has(attributeOf(path)) ? [path] : []) : given(value),
  );
}
