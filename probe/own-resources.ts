import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import { formatEqualities } from '../connector/provider/equality-filter.ts';
import { lastSegment, resourcePath } from '../connector/provider/resource-path.ts';
import type { ProbeContext } from './check.ts';
import { readPage, readWholeList } from './list-pages.ts';
import type { Answer } from './probe-client.ts';
import { idOf, readShownResource, type Shown } from './read-answer.ts';
import type { LeftBehind, ProbeReport } from './report.ts';

/** A user or group that the probe may have created. */
export interface OwnResource {
  readonly resource: ResourceDefinition;
  /** Its `userName` or `displayName`, which only this probe has. */
  readonly name: string;
  /** Undefined until the provider shows it. */
  id?: string | undefined;
  /** Whether the provider has confirmed that it was created. */
  isConfirmed: boolean;
}

/** What a probe creates: it knows each resource before the provider does, so that it can remove all of them. */
export interface OwnResources {
  /** The part of all names that only this probe has. */
  readonly stem: string;
  /** Creates a resource. It is removed at the end, also if its response is lost. */
  create(resource: ResourceDefinition, name: string, body: Shown): Promise<Created>;
  /** Takes a resource off the register, since it is proved to be gone. */
  forget(id: string): void;
  /** Finds a resource in lists by its name; undefined if no list shows it. */
  findListed(resource: ResourceDefinition, name: string): Promise<Shown | undefined>;
  /** Removes everything, and returns what is left. It never throws. */
  removeAll(): Promise<readonly LeftBehind[]>;
  /** Removes what earlier probes have left behind. */
  removeLeftovers(): Promise<Leftovers>;
}

/** What earlier probes have left behind. */
export interface Leftovers {
  /** The names of what was removed. */
  readonly removed: readonly string[];
  readonly search: ProbeReport['leftoverSearch'];
}

/** The answer to a create, and the resource if there is one. */
export interface Created {
  readonly answer: Answer;
  readonly own?: OwnResource;
}

/** The domain of the users, which never exists (RFC 6761 §6.4): nobody gets an email. */
const domain = '@rolecall.invalid';
const namePattern = /^rolecall-probe-([0-9a-z]{8})-[0-9a-z]{6}-[0-9a-z]+(?:@rolecall\.invalid)?$/i;
const prefix = 'rolecall-probe-';
/** Younger resources can belong to a probe that is still running. */
const leftoverAgeInMs = 600_000;
/** The waits, one after the other, until a list shows a new resource. */
export const visibilityWaitsInMs = [0, 1000, 2000, 4000, 8000];

/** The username of a user with a name of {@link OwnResources.create}. */
export function probeUserName(stem: string, name: string): string {
  return `${stem}-${name}${domain}`;
}

/** Opens the register of a probe. @param cleanupSignal aborts the writes, and the removal */
export function openOwnResources(
  context: ProbeContext,
  cleanupSignal: AbortSignal | undefined,
): OwnResources {
  const { client, platform, facts } = context;
  const registered: OwnResource[] = [];
  const goneIds = new Set<string>();
  const time = Math.floor(platform.now()).toString(36).padStart(8, '0');
  const random = Math.floor(platform.random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');

  async function findListed(resource: ResourceDefinition, name: string): Promise<Shown | undefined> {
    const attribute = nameAttributeOf(resource);
    const isNamed = (entry: Shown): boolean => String(entry[attribute]).toLowerCase() === name.toLowerCase();
    const { sortBy: _, ...query } = facts.listQuery;
    if (facts.filters.get(resource.name === 'User' ? 'userName' : "groups' displayName") !== false) {
      const filter = formatEqualities([{ path: attribute, value: name }]);
      const found = (await readPage(client, resource, { ...query, filter }))?.entries.find(isNamed);
      if (found !== undefined) return found;
    }
    return (await readWholeList(context, resource))?.find(isNamed);
  }

  /** Sends a DELETE, and proves that the resource is gone. */
  async function remove({ resource, name, id }: OwnResource): Promise<LeftBehind | undefined> {
    const base = { type: resource.name, name };
    if (id === undefined) return { ...base, reason: 'The provider has not shown its ID.' };
    const path = resourcePath(resource, id);
    const { status } = await client.ask({ method: 'DELETE', path, signal: cleanupSignal });
    const read = await client.ask({ path, signal: cleanupSignal });
    const isThere = read.status < 300 && readShownResource(read) !== undefined;
    // A 404 proves only that there is nothing with this ID.
    const isListed = status >= 300 && (await findListed(resource, name)) !== undefined;
    return !isThere && !isListed && (status < 300 || [404, 410].includes(status) || read.status === 404)
      ? undefined
      : { ...base, id, path, reason: `The DELETE got ${status}, and the resource is still there.` };
  }

  /** The ID of a resource that lists show, perhaps only after a while. */
  async function waitForId({ resource, name }: OwnResource): Promise<string | undefined> {
    for (const waitInMs of visibilityWaitsInMs) {
      if (waitInMs > 0) await platform.sleep(waitInMs, cleanupSignal);
      const id = idOf((await findListed(resource, name)) ?? {});
      if (id !== undefined && !(await isStale(resource, id))) return id;
    }
    return undefined;
  }

  /** Whether a list still shows a resource of the same name that is gone. A provider may also give its ID again. */
  async function isStale(resource: ResourceDefinition, id: string): Promise<boolean> {
    if (!goneIds.has(id)) return false;
    const { status } = await client.ask({ path: resourcePath(resource, id), signal: cleanupSignal });
    return status >= 300;
  }

  async function removeOne(own: OwnResource): Promise<LeftBehind | undefined> {
    const { resource, name } = own;
    try {
      own.id ??= await waitForId(own);
      if (own.id === undefined && !own.isConfirmed) return undefined;
      return await remove(own);
    } catch (error) {
      if (!(error instanceof ConnectorError) && cleanupSignal?.aborted !== true) throw error;
      const reason =
        error instanceof ConnectorError ? `${error.code}: ${error.what}` : 'The removal was stopped.';
      const known = own.id === undefined ? {} : { id: own.id, path: resourcePath(resource, own.id) };
      return { type: resource.name, name, ...known, reason };
    }
  }

  /** If the process is killed, this is what is left to read. */
  function logCreated({ resource: { name: type }, name, id }: OwnResource, path: string): void {
    const message = `Created the ${type.toLowerCase()} ${name}. The probe removes it at its end, with DELETE ${path}.`;
    platform.log({ level: 'info', event: 'probe_resource_created', type, name, id, path, message });
  }

  return {
    stem: `${prefix}${time}-${random}`,
    findListed,
    async create(resource, name, body) {
      const own: OwnResource = { resource, name, isConfirmed: false };
      registered.push(own);
      // An abort would leave its outcome open, so only the clean-up's own signal ends it.
      const answer = await client.ask({
        method: 'POST',
        path: resource.endpoint,
        body: { schemas: [resource.schema], ...body },
        signal: cleanupSignal,
      });
      if (answer.status >= 400 && answer.status < 500) {
        registered.splice(registered.indexOf(own), 1);
        return { answer };
      }
      own.isConfirmed = answer.status < 300;
      own.id =
        idOf(readShownResource(answer) ?? {}) ?? idInLocation(resource, answer) ?? (await waitForId(own));
      if (own.id !== undefined) logCreated(own, resourcePath(resource, own.id));
      return { answer, own };
    },
    forget(id) {
      goneIds.add(id);
      const at = registered.findIndex((own) => own.id === id);
      if (at >= 0) registered.splice(at, 1);
    },
    async removeAll() {
      const left: LeftBehind[] = [];
      // Groups first, then users: the last one created is the first one removed.
      for (const own of registered.reverse()) {
        const one = await removeOne(own);
        if (one !== undefined) left.push(one);
      }
      registered.length = 0;
      return left;
    },
    async removeLeftovers() {
      const removed: string[] = [];
      let search: Leftovers['search'] = 'list';
      for (const resource of [context.groups, context.users]) {
        const { entries, isWholeList } = await findLeftovers(context, resource);
        if (!isWholeList) search = 'filter';
        for (const entry of entries) {
          const name = String(entry[nameAttributeOf(resource)]);
          const id = idOf(entry);
          if (id === undefined) continue;
          registered.push({ resource, name, id, isConfirmed: true });
          removed.push(name);
        }
      }
      const left = await this.removeAll();
      registered.push(
        ...left.map(
          ({ type, name, id }): OwnResource => ({
            resource: type === 'User' ? context.users : context.groups,
            name,
            isConfirmed: true,
            ...(id !== undefined && { id }),
          }),
        ),
      );
      return { removed: removed.filter((name) => left.every((one) => one.name !== name)), search };
    },
  };
}

/** The ID in the `Location` of a create, if it is that of a resource of this type. */
function idInLocation({ endpoint }: ResourceDefinition, { headers }: Answer): string | undefined {
  const path = URL.parse(headers.location ?? '', 'https://base.invalid')?.pathname ?? '';
  const id = lastSegment(path);
  return id !== '' && path.endsWith(`${endpoint}/${path.slice(path.lastIndexOf('/') + 1)}`) ? id : undefined;
}

/** Users or groups that an earlier probe has created, and that no running probe can need. */
async function findLeftovers(
  context: ProbeContext,
  resource: ResourceDefinition,
): Promise<{ readonly entries: readonly Shown[]; readonly isWholeList: boolean }> {
  const { client, facts, platform } = context;
  if (facts.tried.get(resource.name === 'User' ? 'users' : 'groups') === false)
    return { entries: [], isWholeList: true };
  const attribute = nameAttributeOf(resource);
  const { sortBy: _, ...query } = facts.listQuery;
  const filtered =
    facts.filters.get('ignored') === true
      ? undefined
      : await readPage(client, resource, { ...query, filter: `${attribute} sw "${prefix}"` });
  const all = await readWholeList(context, resource);
  const byId = new Map([...(filtered?.entries ?? []), ...(all ?? [])].map((entry) => [idOf(entry), entry]));
  const entries = [...byId.values()].filter((entry) => {
    const [, time] = namePattern.exec(String(entry[attribute])) ?? [];
    const externalId = entry.externalId ?? prefix;
    return (
      time !== undefined &&
      String(externalId).startsWith(prefix) &&
      platform.now() - Number.parseInt(time, 36) > leftoverAgeInMs
    );
  });
  return { entries, isWholeList: all !== undefined };
}

function nameAttributeOf({ name }: ResourceDefinition): 'userName' | 'displayName' {
  return name === 'User' ? 'userName' : 'displayName';
}
