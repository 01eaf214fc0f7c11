import { eventsOf, type SetClaims } from './event-fixture.ts';

// biome-ignore lint/suspicious/noExplicitAny: resources of every form
type Resource = any;

/** What a receiver of SETs can know: the resources by their URIs, folded from events alone. */
export interface Mirror {
  take(set: SetClaims): void;
  /** All resources in {@link comparable} form, by URI. */
  shown(): Readonly<Record<string, unknown>>;
}

/** Creates an empty mirror. What it does with a PATCH is a receiver's reading of RFC 7644 §3.5.2. */
export function createMirror(): Mirror {
  const resources = new Map<string, Resource>();
  return {
    take: (set) => {
      const { uri } = set.sub_id;
      for (const [name, event] of Object.entries(eventsOf(set))) {
        if (name === 'create:full' || name === 'put:full') resources.set(uri, structuredClone(event.data));
        else if (name === 'delete') remove(resources, uri);
        else if (!resources.has(uri)) throw new Error(`${name} of ${uri}, which nobody has created`);
        else if (name === 'activate') resources.get(uri).active = true;
        else if (name === 'deactivate') resources.get(uri).active = false;
        else if (name !== 'patch:full') throw new Error(`There is no event ${name}`);
        else for (const operation of event.data.Operations) apply(resources.get(uri), operation);
      }
    },
    shown: () => Object.fromEntries([...resources].map(([uri, resource]) => [uri, comparable(resource)])),
  };
}

/** A resource without what the service derives, and with its members in the order of their IDs. */
export function comparable({ schemas, meta, groups, members, active = true, ...rest }: Resource): unknown {
  const kept = Object.entries(rest).filter(([, value]) => !isEmpty(value));
  const ids = (members ?? []).map(({ value }: Resource) => value).sort();
  return { ...Object.fromEntries(kept), active, members: ids };
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

// RFC 7644 §3.6: who is deleted is no member any more, and that is no event of the group.
function remove(resources: Map<string, Resource>, uri: string): void {
  const { id } = resources.get(uri);
  resources.delete(uri);
  for (const resource of resources.values()) {
    resource.members = resource.members?.filter(({ value }: Resource) => value !== id);
  }
}

function apply(resource: Resource, { op, path, value }: Resource): void {
  const member = /^members\[value eq "([^"]+)"\]$/.exec(path)?.[1];
  if (member !== undefined) {
    if (op !== 'remove') throw new Error(`${op} of ${path}`);
    resource.members = resource.members.filter((one: Resource) => one.value !== member);
    return;
  }
  if (path === 'members' && op === 'add') {
    resource.members = [...(resource.members ?? []), ...value];
    return;
  }
  const colon = path.lastIndexOf(':');
  const names: readonly string[] = path.slice(colon + 1).split('.');
  const owners = [...(colon === -1 ? [] : [path.slice(0, colon)]), ...names.slice(0, -1)];
  let owner = resource;
  for (const name of owners) {
    owner[name] ??= {};
    owner = owner[name];
  }
  const last = names.at(-1) ?? '';
  if (op === 'remove') delete owner[last];
  else owner[last] = value;
}
