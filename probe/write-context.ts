import { resourcePath } from '../connector/provider/resource-path.ts';
import { isRecord } from '../schemas/is-record.ts';
import { messages } from '../scim/messages.ts';
import { readTime } from '../scim/timestamps.ts';
import type { Finding, ProbeContext } from './check.ts';
import type { OwnResource, OwnResources } from './own-resources.ts';
import type { Answer } from './probe-client.ts';
import { metaOf, readShownResource, type Shown } from './read-answer.ts';

/** A user or group of the probe, with an ID. */
export type Made = OwnResource & { readonly id: string };

/** A role that a user of the probe can have. */
export interface RoleSample {
  /** The URN of the extension, and the attribute in it. */
  readonly schema: string;
  readonly attribute: string;
  /** The role that it is created with, and the one that it is changed to. */
  readonly values: readonly [string, string];
}

/** What a check that writes can use. */
export interface WriteContext extends ProbeContext {
  readonly own: OwnResources;
  readonly made: {
    user?: Made;
    other?: Made;
    group?: Made;
    /** The body that the user was created with. */
    body?: Shown;
    /** The role in this body, if the provider accepted one. */
    role?: RoleSample;
    /** Whether the other user was deleted by its deactivation. */
    isOtherGone?: boolean;
    /** Whether lists showed the other user while it was active. */
    isOtherListed?: boolean;
    canPatch?: boolean;
    canPatchGroup?: boolean;
    canPut?: boolean;
    /** Whether a group shows the members that it was created with. */
    showsMembers?: boolean;
    /** How one member can be removed. */
    removal?: (id: string) => Operation;
  };
}

/** A check that changes resources of the probe's own. */
export interface WriteCheck {
  readonly key: string;
  readonly question: string;
  readonly reference: string;
  /** @throws ConnectorError if a request gets no answer */
  readonly run: (context: WriteContext) => Promise<Finding>;
}

/** One operation of a PATCH (RFC 7644 §3.5.2). */
export interface Operation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path?: string;
  readonly value?: unknown;
}

/** The time after which a timestamp with whole seconds must differ, in milliseconds. */
const tickInMs = 1100;

/** Sends a PATCH. */
export function patch(
  { client }: ProbeContext,
  { resource, id }: Made,
  operations: readonly Operation[],
  ifMatch?: string,
): Promise<Answer> {
  const body = { schemas: [messages.patchOp], Operations: operations };
  return client.ask({ method: 'PATCH', path: resourcePath(resource, id), body, ifMatch });
}

/** Reads a resource by ID. */
export function readOwn({ client }: ProbeContext, { resource, id }: Made): Promise<Answer> {
  return client.ask({ path: resourcePath(resource, id) });
}

/** A resource as a GET by ID shows it; undefined if it is not shown. */
export async function showOwn(context: ProbeContext, made: Made): Promise<Shown | undefined> {
  return readShownResource(await readOwn(context, made));
}

/** Lets a timestamp with whole seconds move on. */
export function tick({ platform }: ProbeContext): Promise<void> {
  return platform.sleep(tickInMs);
}

/** The operation that sets an attribute. */
export function replace(path: string, value: unknown): Operation {
  return { op: 'replace', path, value };
}

/** The operation that adds members. */
export function addMembers(...ids: readonly string[]): Operation {
  return { op: 'add', path: 'members', value: ids.map((value) => ({ value })) };
}

/** The role that a user shows. */
export function roleOf(shown: Shown, { schema, attribute }: RoleSample): unknown {
  const extension = shown[schema];
  return isRecord(extension) ? extension[attribute] : undefined;
}

/** Whether a change moves the stamp; undefined if the change, or the stamp, is not shown. */
export async function movesStamp(
  context: WriteContext,
  made: Made,
  change: () => Promise<Answer>,
  isChanged: (shown: Shown) => boolean,
): Promise<boolean | undefined> {
  const before = readTime(metaOf((await showOwn(context, made)) ?? {}).lastModified);
  await tick(context);
  await change();
  const shown = await showOwn(context, made);
  const after = readTime(metaOf(shown ?? {}).lastModified);
  if (before === undefined || after === undefined || shown === undefined || !isChanged(shown))
    return undefined;
  return after > before;
}
