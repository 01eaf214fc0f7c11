import { randomUUID } from 'node:crypto';
import workatoRoleSchema from '../../../schemas/scim/WorkatoRole.json' with { type: 'json' };
import { isJsonArray, isJsonObject, isSameJson, type Json, type JsonObject } from '../../../scim/json.ts';
import type { ScimRequest } from '../../scim/service/scim-message.ts';
import { without } from '../list-bodies.ts';
import { defineQuirk, type QuirkContext } from '../quirk.ts';

const roleUrn = workatoRoleSchema.id;
// No word boundary: in a query, "%22" can precede it.
const uuidPattern = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const firstNumericId = 1001n;
/** The first whole number that JSON readers in JavaScript cannot hold: 2⁵³ + 1 becomes 2⁵³. */
const firstLargeId = 2n ** 53n;

/** Quirks of resources and their IDs. */
export const resourceQuirks = [
  defineQuirk({
    name: 'numeric-ids',
    summary: 'Ids are JSON numbers.',
    seenAt: ['laravel-scim-server', 'Snipe-IT'],
    sources: ['limosa-io/laravel-scim-server#40', 'grokability/snipe-it#12913'],
    aspect: 'form of IDs',
    play: (context) => ({
      newId: counter(context, firstNumericId),
      resource: (shown) =>
        typeof shown.id === 'string' && /^\d+$/.test(shown.id) ? { ...shown, id: Number(shown.id) } : shown,
    }),
  }),
  defineQuirk({
    name: 'numeric-ids-beyond-2-53',
    summary: 'IDs are JSON numbers from 2⁵³, which JavaScript rounds to the IDs of other users.',
    seenAt: ['no named product: servers with 64-bit ids'],
    sources: ['RFC 8259 §6, on interoperable numbers'],
    aspect: 'form of IDs',
    play: (context) => ({
      newId: counter(context, firstLargeId),
      resource: (shown) =>
        typeof shown.id === 'string' && /^\d+$/.test(shown.id)
          ? { ...shown, id: rawNumber(shown.id) }
          : shown,
    }),
  }),
  defineQuirk({
    name: 'id-case-changes',
    summary: 'IDs are in upper case in lists and in lower case elsewhere. Both forms are accepted.',
    seenAt: ['no named product: servers with GUIDs from two sources'],
    sources: ['RFC 7643 §3.1, where an ID is case-exact'],
    aspect: 'form of IDs',
    play: () => ({
      request: withIds(lowerCase),
      resource: (shown, { place }) => (place === 'list' ? mapReferences(shown, upperCase) : shown),
    }),
  }),
  defineQuirk({
    name: 'ids-reused',
    summary: 'A new resource gets the ID of the last deleted one.',
    seenAt: ['no named product: databases that reuse row IDs'],
    sources: ['sqlite.org/autoinc.html'],
    aspect: 'form of IDs',
    play: () => {
      const free: string[] = [];
      return {
        committed: (changes) => {
          for (const { before, after } of changes)
            if (before !== undefined && after === undefined) free.push(before.id);
        },
        newId: () => free.pop() ?? randomUUID(),
      };
    },
  }),
  defineQuirk({
    name: 'active-omitted-when-false',
    summary: 'Inactive users are shown without `active`.',
    seenAt: ['Snipe-IT'],
    sources: ['grokability/snipe-it#13855'],
    play: () => ({ resource: (shown) => (shown.active === false ? without(shown, 'active') : shown) }),
  }),
  defineQuirk({
    name: 'booleans-as-text',
    summary: 'Booleans are shown as `"True"` and `"False"`.',
    seenAt: ['servers that keep what Entra ID sends'],
    sources: ['AzureAD/SCIMReferenceCode#21'],
    play: () => ({ resource: (shown) => booleansAsText(shown) as JsonObject }),
  }),
  defineQuirk({
    name: 'emails-as-strings',
    summary: '`emails` and `phoneNumbers` are lists of strings.',
    seenAt: ['WSO2 Identity Server'],
    sources: ['wso2/product-is#5328', 'wso2/product-is#7320'],
    aspect: 'emails',
    play: () => ({
      resource: (shown) => ({
        ...shown,
        ...Object.fromEntries(
          ['emails', 'phoneNumbers']
            .filter((name) => isJsonArray(shown[name]))
            .map((name) => [name, valuesOf(shown[name])]),
        ),
      }),
    }),
  }),
  defineQuirk({
    name: 'emails-not-kept',
    summary: '`emails` are accepted and discarded: the `userName` is the address.',
    seenAt: ['Workato, whose usernames are addresses'],
    sources: ['docs.workato.com/scim-okta.html, where the userName is the email'],
    aspect: 'emails',
    play: () => ({ attributes: (attributes) => without(attributes, 'emails') }),
  }),
  defineQuirk({
    name: 'roles-hidden',
    summary: 'The extension with the roles is not shown: this token is no longer allowed to read it.',
    seenAt: ['ownCloud'],
    sources: ['owncloud/ocis#12327, for another attribute'],
    play: () => ({
      resource: (shown) => ({
        ...without(shown, roleUrn),
        ...(isJsonArray(shown.schemas) && { schemas: shown.schemas.filter((urn) => urn !== roleUrn) }),
      }),
    }),
  }),
  defineQuirk({
    name: 'no-created-stamp',
    summary: '`meta` has no `created`.',
    seenAt: ['no named product: several small servers'],
    sources: ['RFC 7643 §3.1, which leaves it optional'],
    aspect: 'stamps',
    play: () => ({ resource: onMeta((meta) => without(meta, 'created')) }),
  }),
  defineQuirk({
    name: 'no-stamps',
    summary: '`meta` has neither `created` nor `lastModified`.',
    seenAt: ['no named product: several small servers'],
    sources: ['RFC 7643 §3.1, which leaves them optional'],
    aspect: 'stamps',
    excludes: ['last-modified-frozen'],
    play: () => ({ resource: onMeta((meta) => without(without(meta, 'created'), 'lastModified')) }),
  }),
  defineQuirk({
    name: 'zoneless-stamps',
    summary: '`meta.created` and `meta.lastModified` are UTC without a "Z".',
    seenAt: ['SCIMple', 'WSO2 Identity Server'],
    sources: ['PennState/SCIMple-Identity#34', 'wso2/product-is#4455'],
    aspect: 'stamps',
    play: () => ({
      resource: onMeta((meta) => ({
        ...meta,
        ...Object.fromEntries(
          ['created', 'lastModified'].map((name) => [name, String(meta[name]).replace(/Z$/, '')]),
        ),
      })),
    }),
  }),
  defineQuirk({
    name: 'last-modified-frozen',
    summary: 'A change of a name, a role, or the members does not update `meta.lastModified`.',
    seenAt: ['WSO2 Identity Server', 'Microsoft SCIMReferenceCode'],
    sources: ['wso2/product-is#22244', 'wso2/product-is#19244', 'AzureAD/SCIMReferenceCode#75'],
    play: () => ({
      lastModified: (now, before, attributes) =>
        isSameJson(withoutFrozen(before.attributes), withoutFrozen(attributes)) ? before.lastModified : now,
    }),
  }),
  defineQuirk({
    name: 'numeric-version',
    summary: '`meta.version` is a number.',
    seenAt: ['SimpleIdServer'],
    sources: ['simpleidserver/SimpleIdServer#825'],
    play: () => ({
      resource: (shown, { record }) => onMeta((meta) => ({ ...meta, version: record.version }))(shown),
    }),
  }),
] as const;

function onMeta(change: (meta: JsonObject) => JsonObject): (shown: JsonObject) => JsonObject {
  return (shown) => (isJsonObject(shown.meta) ? { ...shown, meta: change(shown.meta) } : shown);
}

const frozen = ['displayName', 'name', 'roles', 'members', roleUrn];

function withoutFrozen(attributes: JsonObject): JsonObject {
  return frozen.reduce(without, attributes);
}

/** Counts IDs from the first one, or from the largest existing one. */
function counter({ list }: QuirkContext, first: bigint): () => string {
  let last = first - 1n;
  return () => {
    for (const { id } of [...list('User'), ...list('Group')])
      if (/^\d+$/.test(id) && BigInt(id) > last) last = BigInt(id);
    last += 1n;
    return String(last);
  };
}

// Not in TypeScript's library yet (TC39: JSON.parse source text access).
function rawNumber(digits: string): Json {
  return (JSON as unknown as { readonly rawJSON: (text: string) => Json }).rawJSON(digits);
}

function booleansAsText(value: Json): Json {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (isJsonArray(value)) return value.map(booleansAsText);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, booleansAsText(one)]));
}

// A raw number is also an object.
function isPlainObject(value: Json): value is JsonObject {
  return isJsonObject(value) && Object.getPrototypeOf(value) === Object.prototype;
}

function valuesOf(items: Json | undefined): readonly Json[] {
  return isJsonArray(items) ? items.map((item) => (isJsonObject(item) ? (item.value ?? null) : item)) : [];
}

function upperCase(text: string): string {
  return text.replace(uuidPattern, (uuid) => uuid.toUpperCase());
}

function lowerCase(text: string): string {
  return text.replace(uuidPattern, (uuid) => uuid.toLowerCase());
}

/** Changes the ID of a resource, and the IDs that it refers to. */
function mapReferences(shown: JsonObject, change: (text: string) => string): JsonObject {
  const changed = (name: string): JsonObject => {
    const items = shown[name];
    return isJsonArray(items)
      ? {
          [name]: items.map((item) =>
            isJsonObject(item) ? { ...item, value: change(String(item.value)) } : item,
          ),
        }
      : {};
  };
  return { ...shown, id: change(String(shown.id)), ...changed('members'), ...changed('groups') };
}

function withIds(change: (text: string) => string): (request: ScimRequest) => ScimRequest {
  return (request) => ({
    ...request,
    path: change(request.path),
    query: change(request.query),
    ...(request.body !== undefined && { body: change(request.body) }),
  });
}
