import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../scim/json.ts';
import { IdpError, type PersonAttributes, type Roles, roleNames } from './directory.ts';
import type { Idp, PersonChange, ProvisioningChange } from './idp.ts';

/** A response, as a server sends it. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Handles a request, given its method, its path relative to the mount, and its JSON body. */
export type IdpControl = (method: string, path: string, body?: unknown) => Promise<ControlAnswer>;

type Handler = (fields: Fields) => unknown;

/**
 * Creates the JSON interface through which scripts control an identity provider. An operation returns 200 with all
 * requests and responses, even if the service rejected them: check `ok`. 400, 404, and 409 mean that the call was wrong.
 */
export function createIdpControl(idp: Idp): IdpControl {
  const about = () => ({
    flavor: idp.flavor,
    entityId: idp.entityId,
    certificate: idp.certificate,
    provisioning: idp.provisioning,
  });
  const handlers = new Map<string, Handler>([
    ['GET /', about],
    ['GET /people', () => ({ people: idp.people() })],
    ['POST /people', (fields) => idp.addPerson(readPerson(fields))],
    [
      'POST /assign',
      (fields) => {
        const userName = fields.text('userName');
        const isKnown = idp
          .people()
          .some((person) => person.userName.toLowerCase() === userName.toLowerCase());
        // One call can create and assign a new user.
        if (!isKnown && fields.has('givenName')) idp.addPerson(readPerson(fields));
        return idp.assign(userName, fields.roles());
      },
    ],
    ['POST /change', (fields) => idp.change(fields.text('userName'), readChange(fields))],
    ['POST /unassign', (fields) => idp.unassign(fields.text('userName'))],
    ['POST /reassign', (fields) => idp.assign(fields.text('userName'), fields.roles())],
    ['POST /delete', (fields) => idp.remove(fields.text('userName'))],
    [
      'POST /login',
      (fields) => idp.login(fields.text('userName'), { isForced: fields.flag('isForced') ?? false }),
    ],
    ['POST /cycle', () => idp.runCycle()],
    ['GET /provisioning', () => idp.provisioning],
    ['POST /provisioning', (fields) => idp.setProvisioning(readProvisioning(fields))],
    ['GET /groups', () => ({ groups: idp.groups() })],
    ['POST /groups', (fields) => idp.pushGroup(fields.text('displayName'), fields.texts('members'))],
    ['POST /groups/rename', (fields) => idp.renameGroup(fields.text('displayName'), fields.text('newName'))],
    [
      'POST /groups/members',
      (fields) =>
        idp.changeMembers(fields.text('displayName'), {
          add: fields.texts('add'),
          remove: fields.texts('remove'),
        }),
    ],
    ['POST /groups/delete', (fields) => idp.removeGroup(fields.text('displayName'))],
  ]);
  const paths = new Set([...handlers.keys()].map((key) => key.split(' ')[1]));

  return async (method, path, body) => {
    const handler = handlers.get(`${method} ${path}`);
    if (handler === undefined) {
      return paths.has(path)
        ? refuse(405, `${method} is not for ${path}.`)
        : refuse(404, `The identity provider has nothing at ${JSON.stringify(path)}.`);
    }
    try {
      return { status: 200, body: await handler(fieldsOf(body)) };
    } catch (error) {
      if (!(error instanceof IdpError)) throw error;
      return refuse({ invalid: 400, not_found: 404, conflict: 409 }[error.reason], error.message);
    }
  };
}

/** Reads the members of a body, each as its expected type. */
interface Fields {
  has(name: string): boolean;
  text(name: string): string;
  optionalText(name: string): string | undefined;
  texts(name: string): readonly string[];
  flag(name: string): boolean | undefined;
  roles(): Roles | undefined;
}

function fieldsOf(body: unknown): Fields {
  if (body !== undefined && !isJsonObject(body)) throw invalid('The body must be a JSON object.');
  const members: JsonObject = body ?? {};
  const memberAt = (name: string): Json | undefined =>
    Object.hasOwn(members, name) ? members[name] : undefined;
  const optionalText = (name: string) => {
    const value = memberAt(name);
    if (value !== undefined && typeof value !== 'string') throw invalid(`"${name}" must be a string.`);
    return value;
  };
  return {
    has: (name) => Object.hasOwn(members, name),
    optionalText,
    text: (name) => {
      const value = optionalText(name);
      if (value === undefined || value === '') throw invalid(`"${name}" is missing.`);
      return value;
    },
    texts: (name) => {
      const value = memberAt(name) ?? [];
      if (!isJsonArray(value)) throw invalid(`"${name}" must be a list.`);
      return value.map((item) => {
        if (typeof item !== 'string') throw invalid(`"${name}" must be a list of strings.`);
        return item;
      });
    },
    flag: (name) => {
      const value = memberAt(name);
      if (value !== undefined && typeof value !== 'boolean')
        throw invalid(`"${name}" must be true or false.`);
      return value;
    },
    roles: () => {
      const value = memberAt('roles');
      if (value === undefined) return undefined;
      if (!isJsonObject(value)) throw invalid('"roles" must be an object.');
      const unknown = Object.keys(value).find((name) => !roleNames.some((role) => role === name));
      if (unknown !== undefined) {
        throw invalid(`"roles" has ${roleNames.join(', ')}, and no ${JSON.stringify(unknown)}.`);
      }
      if (Object.values(value).some((role) => typeof role !== 'string')) {
        throw invalid('A role must be a string.');
      }
      return value as Roles;
    },
  };
}

const optional = ['displayName', 'email', 'department'] as const;
const required = ['userName', 'givenName', 'familyName'] as const;

function readPerson(fields: Fields): PersonAttributes {
  return {
    userName: fields.text('userName'),
    givenName: fields.text('givenName'),
    familyName: fields.text('familyName'),
    ...given(fields, optional),
  };
}

function readChange(fields: Fields): PersonChange {
  const roles = fields.roles();
  const userName = fields.optionalText('newUserName');
  return {
    ...given(fields, [...required.filter((name) => name !== 'userName'), ...optional]),
    ...(userName !== undefined && { userName }),
    ...(roles !== undefined && { roles }),
  };
}

function readProvisioning(fields: Fields): ProvisioningChange {
  const isEnabled = fields.flag('isEnabled');
  return { ...(isEnabled !== undefined && { isEnabled }), ...given(fields, ['scimBaseUrl', 'token']) };
}

function given(fields: Fields, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = fields.optionalText(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function invalid(message: string): IdpError {
  return new IdpError('invalid', message);
}

function refuse(status: number, error: string): ControlAnswer {
  return { status, body: { ok: false, error } };
}
