import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startSandbox } from '../../../sandbox/index.ts';
import { killAll, killUnderLoad, type Load, startSandboxProcess } from '../../support/kill-harness.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let folder: ReturnType<typeof temporaryFolder>;
let dbFile: string;

beforeEach(() => {
  folder = temporaryFolder();
  dbFile = folder.file('sandbox.db');
});

afterEach(async () => {
  await killAll();
  folder[Symbol.dispose]();
});

async function send(baseUrl: string, method: string, path: string, body?: object) {
  const response = await fetch(baseUrl + path, {
    method,
    headers: { authorization: 'Bearer durable', 'content-type': 'application/scim+json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}

interface Resource {
  readonly id: string;
  readonly userName?: string;
  readonly title?: string;
  readonly nickName?: string;
  readonly members?: readonly { readonly value: string }[];
}

async function all(baseUrl: string, type: 'Users' | 'Groups'): Promise<readonly Resource[]> {
  const found: Resource[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await send(baseUrl, 'GET', `/${type}?cursor=${cursor}&count=1000`);
    found.push(...body.Resources);
    if (body.nextCursor === undefined) return found;
    cursor = body.nextCursor;
  }
}

it('loses no acknowledged change to kill -9, and half-applies none', async () => {
  // The responses to the client about each user, over all rounds.
  interface Reported {
    isMember?: true;
    title?: string;
    isLeaving?: true;
    isGone?: true;
  }
  const reported = new Map<string, Reported>();
  let name = 0;

  for (let round = 0; round < 4; round += 1) {
    const { child, place } = await startSandboxProcess({ dbFile });
    const baseUrl = place.scimBaseUrl;
    const group = (
      await send(baseUrl, 'POST', '/Groups', { schemas: [groupUrn], displayName: `Round ${round}` })
    ).body.id;
    const worker = async (nth: number, load: Load): Promise<void> => {
      while (!load.isKilled) {
        name += 1;
        const created = await send(baseUrl, 'POST', '/Users', {
          schemas: [userUrn],
          userName: `user${name}`,
        });
        expect(created.status).toBe(201);
        load.acknowledge();
        const { id } = created.body;
        const known: Reported = {};
        reported.set(id, known);
        const add = { op: 'add', path: 'members', value: [{ value: id }] };
        const joined = await send(baseUrl, 'PATCH', `/Groups/${group}`, {
          schemas: [patchUrn],
          Operations: [add],
        });
        expect(joined.status).toBe(204);
        load.acknowledge();
        known.isMember = true;
        // Two attributes in one commit: both or none.
        const value = { title: `t${name}`, nickName: `t${name}` };
        const patched = await send(baseUrl, 'PATCH', `/Users/${id}`, {
          schemas: [patchUrn],
          Operations: [{ op: 'replace', value }],
        });
        expect(patched.status).toBe(200);
        load.acknowledge();
        known.title = value.title;
        if (nth % 2 === 0) {
          known.isLeaving = true;
          const gone = await send(baseUrl, 'DELETE', `/Users/${id}`);
          expect(gone.status).toBe(204);
          load.acknowledge();
          known.isGone = true;
        }
      }
    };
    const workers = Array.from({ length: 6 }, (_, nth) => (load: Load) => worker(nth, load));
    await killUnderLoad(child, 60 + 50 * round, workers);
  }

  const { place } = await startSandboxProcess({ dbFile });
  const baseUrl = place.scimBaseUrl;
  const users = new Map((await all(baseUrl, 'Users')).map((user) => [user.id, user]));
  const memberships = (await all(baseUrl, 'Groups')).flatMap(({ members = [] }) =>
    members.map(({ value }) => value),
  );
  const members = new Set(memberships);
  expect([...reported.values()].filter(({ isGone }) => isGone).length).toBeGreaterThan(5);
  expect([...reported.values()].filter(({ title, isLeaving }) => title && !isLeaving).length).toBeGreaterThan(
    5,
  );
  for (const [id, { isMember, title, isLeaving, isGone }] of reported) {
    if (isGone) expect(users.has(id)).toBe(false);
    if (isLeaving) continue;
    expect(users.has(id)).toBe(true);
    if (isMember) expect(members.has(id)).toBe(true);
    if (title !== undefined) expect(users.get(id)).toMatchObject({ title, nickName: title });
  }
  // Half of a commit: one of two attributes, or a member that is no more.
  for (const { title, nickName } of users.values()) expect(nickName).toBe(title);
  for (const id of memberships) expect(users.has(id)).toBe(true);
});

it('rejects a second process with an error that the file is in use', async () => {
  await startSandboxProcess({ dbFile });
  await expect(startSandboxProcess({ dbFile })).rejects.toThrow(`${dbFile} is in use by another process`);
  await expect(startSandbox({ dbFile })).rejects.toThrow('in use by another process');
});

it('resumes from the file of the last sandbox', async () => {
  const first = await startSandbox({ dbFile, token: 'durable' });
  const { body: user } = await send(first.scimBaseUrl, 'POST', '/Users', {
    schemas: [userUrn],
    userName: 'Babs',
    externalId: 'e1',
  });
  await send(first.scimBaseUrl, 'POST', '/Groups', {
    schemas: [groupUrn],
    displayName: 'Staff',
    members: [{ value: user.id }],
  });
  const { body: gone } = await send(first.scimBaseUrl, 'POST', '/Users', {
    schemas: [userUrn],
    userName: 'gone',
  });
  await send(first.scimBaseUrl, 'DELETE', `/Users/${gone.id}`);
  await first.close();

  const second = await startSandbox({ dbFile, token: 'durable' });
  try {
    const { body } = await send(second.scimBaseUrl, 'GET', '/Users?filter=userName%20eq%20%22BABS%22');
    expect(body.Resources).toMatchObject([
      { id: user.id, externalId: 'e1', groups: [{ display: 'Staff' }], meta: { created: user.meta.created } },
    ]);
    expect((await send(second.scimBaseUrl, 'GET', '/Users')).body.totalResults).toBe(1);
    expect(
      (await send(second.scimBaseUrl, 'POST', '/Users', { schemas: [userUrn], userName: 'babs' })).status,
    ).toBe(409);
  } finally {
    await second.close();
  }
});

it('does not change a file of a later release', async () => {
  await (await startSandbox({ dbFile })).close();
  const db = new DatabaseSync(dbFile);
  db.exec('UPDATE rolecall SET schema_version = 99');
  db.close();
  await expect(startSandbox({ dbFile })).rejects.toThrow(/schema version 99; this release reads version 1/);
});
