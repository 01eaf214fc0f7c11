import type { JsonObject } from '../../../scim/json.ts';
import type { Endpoint } from '../../scim/http/start-scim-server.ts';
import type { Authenticator } from '../../scim/service/bearer-authenticator.ts';
import { eventsAfter, type NumberedEvent } from '../audit/audit-event.ts';
import { showActivityEntry } from '../audit/show-event.ts';
import { environments } from '../environments.ts';
import { listMembers, type Member } from '../manage-members.ts';
import type { WorkspaceData } from '../open-workspace-data.ts';
import type { PermissionModel } from '../settings.ts';
import { invalid, WorkspaceError } from '../workspace-error.ts';
import { createRateLimiter } from './create-rate-limiter.ts';
import { jsonEndpoint } from './json-endpoint.ts';

/** The parts of Workato's Developer API that report members and activity. */
export function createDeveloperEndpoint(data: WorkspaceData, authenticate: Authenticator): Endpoint {
  const limiter = createRateLimiter(data.now);
  return jsonEndpoint({
    authenticate,
    check: () => {
      const waitInSeconds = limiter(data.settings().limits.apiRequestsPerMinute);
      if (waitInSeconds === undefined) return;
      throw new WorkspaceError(
        429,
        'rate_limited',
        `There were too many requests in this minute. Try again in ${waitInSeconds} s.`,
        { 'retry-after': String(waitInSeconds) },
      );
    },
    routes: [
      { method: 'GET', path: '/members', handle: () => ({ body: showMembers(data) }) },
      {
        method: 'GET',
        path: '/activity_logs',
        handle: ({ query }) => ({ body: showAuditLog(data, query, showActivityEntry) }),
      },
    ],
  });
}

// docs.workato.com/workato-api/team.html. Removed members are no longer collaborators.
function showMembers(data: WorkspaceData): JsonObject {
  const { permissionModel } = data.settings();
  const members = listMembers(data).filter(({ status }) => status !== 'removed');
  return { data: members.map((member) => showCollaborator(member, permissionModel)), total: members.length };
}

function showCollaborator(member: Member, permissionModel: PermissionModel): JsonObject {
  const { id, name, email, external_id, status, groups, created_at, roles } = member;
  // Ibid.: "privilege_group" is a legacy role, "environment" one of the new permission model.
  const role_type = permissionModel === 'legacy' ? 'privilege_group' : 'environment';
  return {
    id,
    grant_type: 'team',
    name,
    email,
    external_id,
    status,
    env_roles: environments.map((environment_type) => ({
      environment_type,
      name: roles[environment_type],
      role_type,
    })),
    user_groups: groups,
    created_at,
  };
}

// docs.workato.com/oem/oem-api/environment-management.html: "The default and maximum number of records is 100".
const maxActivityPage = 100;

/** A page of the audit log. @param show the form of one entry. */
export function showAuditLog(
  data: WorkspaceData,
  query: URLSearchParams,
  show: (event: NumberedEvent, rootEmail: string) => JsonObject,
): JsonObject {
  const after = readNumber(query, 'page[after]', 0);
  const size = Math.min(readNumber(query, 'page[size]', maxActivityPage), maxActivityPage);
  const from = readTime(query, 'from') ?? Number.NEGATIVE_INFINITY;
  const to = readTime(query, 'to') ?? Number.POSITIVE_INFINITY;
  const isWanted = filterOf(query);
  const { rootEmail } = data.settings();
  const shown: JsonObject[] = [];
  for (const event of eventsAfter(data, after)) {
    if (shown.length >= size) break;
    const time = Date.parse(event.timestamp);
    if (time >= from && time <= to && isWanted(event)) shown.push(show(event, rootEmail));
  }
  return { data: shown, total: shown.length };
}

function filterOf(query: URLSearchParams): (event: NumberedEvent) => boolean {
  const listed = (name: string): ReadonlySet<string> | undefined =>
    query.has(name) ? new Set(query.getAll(name)) : undefined;
  const events = listed('include_event_types[]');
  const resources = listed('include_resource_types[]');
  const noEvents = listed('exclude_event_types[]');
  const noResources = listed('exclude_resource_types[]');
  return ({ event, resource }) =>
    events?.has(event) !== false &&
    resources?.has(resource.type) !== false &&
    noEvents?.has(event) !== true &&
    noResources?.has(resource.type) !== true;
}

function readNumber(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null || text === '') return otherwise;
  if (!/^\d{1,15}$/.test(text)) throw invalid(`"${name}" must be a whole number from 0.`);
  return Number(text);
}

function readTime(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalid(`"${name}" must be a time such as 2026-01-31T12:00:00.000Z.`);
  return time;
}
