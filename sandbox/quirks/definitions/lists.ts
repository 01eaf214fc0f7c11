import { isJsonObject, type Json } from '../../../scim/json.ts';
import { notFound } from '../../../scim/scim-error.ts';
import type { Change, ResourceRecord } from '../../scim/resource/resource-record.ts';
import { idText, isOnly, resourcesOf, without, withResources } from '../list-bodies.ts';
import { defineQuirk } from '../quirk.ts';
import { resourceIdOf } from '../resource-id-of.ts';
import { shuffled } from '../shuffled.ts';

/** How long `late-visibility` hides a change from lists. */
export const visibleAfterInMs = 5_000;

/** Quirks of the content and the order of lists. */
export const listQuirks = [
  defineQuirk({
    name: 'repeats-in-list',
    summary: 'A list has every other resource three times, and `totalResults` counts the repeats.',
    seenAt: ['Infisical', 'WSO2 Identity Server'],
    sources: ['Infisical/infisical#6554', 'wso2/docs-is#2383'],
    play: () => ({
      searched: (records) =>
        records.flatMap((record, at) => (at % 2 === 0 ? [record, record, record] : [record])),
    }),
  }),
  defineQuirk({
    name: 'unstable-order',
    summary: 'Without `sortBy`, the order of a list changes from request to request.',
    seenAt: ['Snipe-IT', 'Cloud Foundry UAA', 'scim-for-keycloak'],
    sources: [
      'grokability/snipe-it#18014',
      'cloudfoundry/uaa#164',
      'Captain-P-Goldfish/scim-for-keycloak#157',
    ],
    play: () => {
      let seed = 0;
      return {
        searched: (records, { sortBy, cursor }) => {
          // A cursor marks a position, so a list with cursor-based pagination must have an order.
          if (sortBy !== undefined || cursor !== undefined) return records;
          seed += 1;
          return shuffled(records, seed);
        },
      };
    },
  }),
  defineQuirk({
    name: 'list-skips-one',
    summary: 'Lists omit the first created user, but `totalResults` counts that user.',
    seenAt: ['WSO2 Identity Server'],
    sources: ['wso2/product-is#27973', 'wso2/product-is#11126'],
    play: ({ list: all }) => ({
      list: (list) => {
        const oldest = all('User')[0]?.id.toLowerCase();
        const isOldest = (one: Json) => isJsonObject(one) && idText(one.id).toLowerCase() === oldest;
        const shown = resourcesOf(list).filter((one) => !isOldest(one));
        return shown.length === resourcesOf(list).length ? list : withResources(list, shown);
      },
    }),
  }),
  defineQuirk({
    name: 'list-entry-without-id',
    summary: 'Lists show the first created user without an `id`.',
    seenAt: ['WSO2 Identity Server'],
    sources: ['wso2-extensions/identity-inbound-provisioning-scim2#158'],
    excludes: ['list-skips-one'],
    play: ({ list: all }) => ({
      resource: (shown, { record, place }) =>
        place === 'list' && record.id === all('User')[0]?.id ? without(shown, 'id') : shown,
    }),
  }),
  defineQuirk({
    name: 'inactive-users-unlisted',
    summary: 'Lists omit inactive users. A GET by ID returns them.',
    seenAt: ['Okta'],
    sources: ['airbytehq/airbyte#8143'],
    play: () => ({
      searched: (records, _, { name }) =>
        name === 'User' ? records.filter(({ attributes }) => attributes.active !== false) : records,
    }),
  }),
  defineQuirk({
    name: 'list-without-active',
    summary: 'Lists show users without `active`. A GET by ID shows it.',
    seenAt: ['WSO2 Identity Server'],
    sources: ['wso2/product-is#5328'],
    play: () => ({
      resource: (shown, { place }) => (place === 'list' ? without(shown, 'active') : shown),
    }),
  }),
  defineQuirk({
    name: 'late-visibility',
    summary: `Lists and filters see a change ${visibleAfterInMs / 1000} seconds after its \`meta.lastModified\`. A GET by ID sees it immediately.`,
    seenAt: ['search indexes behind many APIs, as Estuary reads them'],
    sources: ['estuary/connectors#5209', 'estuary/connectors#4652', 'estuary/connectors#3637'],
    play: ({ now }) => {
      let changes: readonly (Change & { readonly atInMs: number })[] = [];
      return {
        committed: (committed) => {
          const atInMs = now().getTime();
          changes = [...changes, ...committed.map((change) => ({ ...change, atInMs }))];
        },
        searched: (records, _, { recordType }) => {
          const since = now().getTime() - visibleAfterInMs;
          changes = changes.filter(({ atInMs }) => atInMs > since);
          const own = changes.filter(({ before, after }) => (after ?? before)?.type === recordType);
          return own.length === 0 ? records : asBefore(records, own);
        },
      };
    },
  }),
  defineQuirk({
    name: 'directory-empty',
    summary:
      'Lists are empty, and a GET by ID finds nothing: the provider has temporarily lost its directory.',
    seenAt: ['the source of ssosync', 'tokens of another tenant'],
    sources: ['awslabs/ssosync#159', 'awslabs/ssosync#194'],
    play: () => ({
      request: (request) => {
        const id = request.method === 'GET' ? resourceIdOf(request) : undefined;
        if (id !== undefined) throw notFound(`There is no resource with the id ${JSON.stringify(id)}.`);
        return request;
      },
      searched: () => [],
    }),
  }),
  defineQuirk({
    name: 'empty-list-without-resources',
    summary: 'An empty list has no `Resources`.',
    seenAt: ['WSO2 Identity Server', 'Ping Identity'],
    sources: ['RFC 7644 §3.4.2, which allows it', 'wso2/product-is#5137', 'pingidentity/scim2#233'],
    play: () => ({
      list: (list) => (resourcesOf(list).length === 0 ? without(list, 'Resources') : list),
    }),
  }),
  defineQuirk({
    name: 'groups-list-without-members',
    summary: 'Lists show groups without `members`. A GET by ID shows them.',
    seenAt: ['Databricks', 'GraphQL Hive'],
    sources: ['graphql-hive/console#8352', 'microsoft/Policy-Weaver#103'],
    aspect: 'listed members',
    play: () => ({
      resource: (shown, { place }) => (place === 'list' ? without(shown, 'members') : shown),
    }),
  }),
  defineQuirk({
    name: 'groups-list-empty-members',
    summary: 'Lists show groups with `"members": []`. A GET by ID shows the members.',
    seenAt: ['Databricks'],
    sources: ['microsoft/Policy-Weaver#103'],
    aspect: 'listed members',
    play: () => ({
      resource: (shown, { type, place }) =>
        place === 'list' && isOnly([type], 'Group') ? { ...shown, members: [] } : shown,
    }),
  }),
  defineQuirk({
    name: 'members-never-shown',
    summary: 'Groups are shown with `"members": []` everywhere.',
    seenAt: ['AWS IAM Identity Center'],
    sources: [
      'goauthentik/authentik#23005',
      'docs.aws.amazon.com/singlesignon/latest/developerguide/listgroups.html',
    ],
    aspect: 'listed members',
    play: () => ({
      resource: (shown, { type }) => (isOnly([type], 'Group') ? { ...shown, members: [] } : shown),
    }),
  }),
  defineQuirk({
    name: 'members-cut-at-100',
    summary: 'Groups show at most 100 members.',
    seenAt: ['FusionAuth'],
    sources: ['FusionAuth/fusionauth-issues#2784'],
    excludes: ['members-never-shown'],
    play: () => ({
      resource: (shown) =>
        Array.isArray(shown.members) ? { ...shown, members: shown.members.slice(0, 100) } : shown,
    }),
  }),
  defineQuirk({
    name: 'nested-groups-unlisted',
    summary: 'Lists omit members that are groups. A GET by ID shows them.',
    seenAt: ['Fleet'],
    sources: ['fleetdm/fleet#52501'],
    excludes: ['groups-list-without-members', 'groups-list-empty-members', 'members-never-shown'],
    play: () => ({
      resource: (shown, { place }) =>
        place === 'list' && Array.isArray(shown.members)
          ? { ...shown, members: shown.members.filter((member) => member.type !== 'Group') }
          : shown,
    }),
  }),
] as const;

// Each resource in its version before the first of the changes.
function asBefore(records: readonly ResourceRecord[], changes: readonly Change[]): readonly ResourceRecord[] {
  const old = new Map<string, ResourceRecord | undefined>();
  for (const { before, after } of changes) {
    const id = (after ?? before)?.id ?? '';
    if (!old.has(id)) old.set(id, before);
  }
  const unchanged = records.filter(({ id }) => !old.has(id));
  return [...unchanged, ...[...old.values()].filter((record) => record !== undefined)].sort(
    (left, right) => left.sequence - right.sequence,
  );
}
