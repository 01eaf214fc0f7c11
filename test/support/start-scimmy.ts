import { randomUUID } from 'node:crypto';
import express from 'express';
import SCIMMYRouters, { SCIMMY } from 'scimmy-routers';
import enterpriseUser from '../../schemas/scim/EnterpriseUser.json' with { type: 'json' };
import { listen } from './listen.ts';

/** A SCIM service that nobody here wrote: scimmy-routers over express, with its resources in memory. */
export interface Scimmy {
  /** `http://127.0.0.1:PORT/scim/v2` */
  readonly scimBaseUrl: string;
  readonly token: string;
  close(): Promise<void>;
}

type Stored = { readonly id: string; readonly [name: string]: unknown };
type Handled = {
  readonly id?: string | undefined;
  readonly filter?: { match(values: readonly Stored[]): Stored[] } | undefined;
};

const { Attribute, Error: ScimmyError, SchemaDefinition } = SCIMMY.Types;

/** Workato's roles, as scimmy declares a schema. */
const workatoRole = new SchemaDefinition(
  'WorkatoRole',
  'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole',
  'Workato roles',
  ['workato_role', 'workato_role_test', 'workato_role_prod'].map((name) => new Attribute('string', name)),
);

/** Starts it. scimmy keeps its declarations in one place for a process, so that one at a time is all there can be. */
export async function startScimmy(): Promise<Scimmy> {
  const token = randomUUID();
  declare(SCIMMY.Resources.User, 'userName');
  declare(SCIMMY.Resources.Group, 'displayName');
  const { definition } = SCIMMY.Schemas.User;
  if (!hasAttribute(definition, enterpriseUser.id)) {
    SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser);
    definition.extend(workatoRole);
  }
  const app = express();
  app.use(
    '/scim/v2',
    new SCIMMYRouters({
      type: 'bearer',
      handler(request) {
        if (request.header('authorization') !== `Bearer ${token}`) throw new Error('Unauthorized');
        return 'rolecall';
      },
    }),
  );
  const { origin, close } = await listen(app);
  return { scimBaseUrl: `${origin}/scim/v2`, token, close };
}

function hasAttribute(definition: { attribute(name: string): unknown }, name: string): boolean {
  try {
    return definition.attribute(name) !== undefined;
  } catch {
    return false;
  }
}

/** The ingress, egress and degress that scimmy leaves to its user; one attribute is unique, in any case. */
function declare(
  resource: typeof SCIMMY.Resources.User | typeof SCIMMY.Resources.Group,
  unique: string,
): void {
  const stored = new Map<string, Stored>();
  const nameOf = (data: object): string => String((data as Stored)[unique]).toLowerCase();
  // The two classes have the same handlers, but types that know nothing of each other.
  SCIMMY.Resources.declare(resource as typeof SCIMMY.Resources.User)
    .ingress(((handled: Handled, data: object) => {
      const before = handled.id === undefined ? undefined : stored.get(handled.id);
      if (handled.id !== undefined && before === undefined) throw new ScimmyError(404, '', 'Not found');
      const taken = [...stored.values()].some((one) => one.id !== handled.id && nameOf(one) === nameOf(data));
      if (taken) throw new ScimmyError(409, 'uniqueness', `The ${unique} is taken`);
      const id = handled.id ?? randomUUID();
      const now = new Date().toISOString();
      const created = (before?.meta as { created?: string } | undefined)?.created ?? now;
      // Copied, since scimmy's data are live objects of its own.
      const next = { ...JSON.parse(JSON.stringify(data)), id, meta: { created, lastModified: now } };
      stored.set(id, next);
      return next;
    }) as never)
    .egress(((handled: Handled) => {
      if (handled.id === undefined)
        return handled.filter?.match([...stored.values()]) ?? [...stored.values()];
      const found = stored.get(handled.id);
      if (found === undefined) throw new ScimmyError(404, '', 'Not found');
      return found;
    }) as never)
    .degress(((handled: Handled) => {
      if (!stored.delete(handled.id ?? '')) throw new ScimmyError(404, '', 'Not found');
    }) as never);
}
