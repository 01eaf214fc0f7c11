import type { EventChange } from '../../../connector/event.ts';
import type { Resource } from '../../../connector/resource.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { itemPath } from '../../../scim/path.ts';
import { changeFromTo } from './changes.ts';

/** The members that a new group has, as changes: before it was there, it had none. */
export function memberChanges({ members }: Resource): readonly EventChange[] {
  const items: readonly unknown[] = Array.isArray(members) ? members : [];
  return items.flatMap((item) =>
    isRecord(item) && typeof item.value === 'string'
      ? [changeFromTo(itemPath('members', item.value), null, item)]
      : [],
  );
}
