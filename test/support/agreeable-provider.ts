import type { HttpRequest } from '../../connector/platform.ts';
import type { FilterValue } from '../../scim/filter/filter.ts';
import { formatPath } from '../../scim/filter/format-filter.ts';
import { parseFilter } from '../../scim/filter/parse-filter.ts';
import { jsonPathOf, setAt } from '../../scim/path.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';
import { createFakePlatform, type FakePlatform, json, list } from './fake-platform.ts';
import { resourceNamed } from './open-test-session.ts';
import { roleUrn } from './scim-urns.ts';

/** What a group and a user show, so that there is something to remove. */
const crowded = { members: [{ value: 'member' }] };
const employed = { [roleUrn]: { workato_role: 'Analyst' } };

/** A platform whose provider has every resource that it is asked for, in one version, and accepts every change. */
export function createAgreeableProvider(version = 'W/"1"'): FakePlatform {
  return createFakePlatform(({ method, url }: HttpRequest) => {
    const { pathname, searchParams } = new URL(url);
    if (method === 'DELETE') return { status: 204 };
    if (method === 'POST' && !pathname.endsWith('/.search')) return json({ id: '1' }, 201);
    if (method !== 'GET') return json({ id: '1' });
    const isList = /\/(Users|Groups|Schemas|ResourceTypes)$/.test(pathname);
    const id = decodeURIComponent(pathname.split('/').at(-1) ?? '');
    if (!isList)
      return json({ id, ...(pathname.includes('/Groups/') ? crowded : employed), meta: { version } });
    return list([{ ...someoneWho(pathname, searchParams.get('filter')), meta: { version } }]);
  });
}

/** Someone who fits a filter of equalities. */
function someoneWho(pathname: string, filter: string | null): Record<string, unknown> {
  const someone: Record<string, unknown> = { id: 'found' };
  const resource = resourceNamed(pathname.endsWith('/Groups') ? 'Group' : 'User');
  const tree = filter === null ? undefined : parseFilter(filter);
  for (const part of tree === undefined ? [] : tree.kind === 'and' ? tree.filters : [tree]) {
    if (part.kind !== 'compare') continue;
    const value: FilterValue = part.value;
    setAt(someone, jsonPathOf(modelOf(resource), formatPath(part.path)), value);
  }
  return someone;
}
