import type { ScimRequest } from '../scim/service/scim-message.ts';

/** The ID of the user or group whose own path a request has; undefined for all other paths. */
export function resourceIdOf({ path }: ScimRequest): string | undefined {
  const [, id] = /^\/(?:Users|Groups)\/([^/]+)\/?$/.exec(path) ?? [];
  if (id === undefined || id === '.search') return undefined;
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
