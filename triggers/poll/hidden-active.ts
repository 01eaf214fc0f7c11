import type { Resource } from '../../connector/resource.ts';
import type { ByIdReader } from './by-id-reader.ts';

/** The number of users per poll that are read by ID because the list no longer shows `active`. */
export const mostActiveReads = 20;

/**
 * Completes listed users whose `active` disappeared, during one poll: such a user may have been deactivated, and reading
 * by ID may show it.
 */
export class HiddenActive {
  readonly #byId: ByIdReader;
  readonly #before: ReadonlySet<string>;
  /** The IDs of the users whose `active` is shown nowhere. */
  readonly notShown: string[] = [];

  /** @param before the IDs of the users for whom the last poll did not find it either */
  constructor(byId: ByIdReader, before: readonly string[] = []) {
    this.#byId = byId;
    this.#before = new Set(before);
  }

  /** @param lost the listed users whose `active` was known */
  async complete(listed: readonly Resource[], lost: readonly Resource[]): Promise<readonly Resource[]> {
    const asked = lost.filter(({ id }) => !this.#before.has(id)).slice(0, mostActiveReads);
    const results = await this.#byId.readAll(asked.map(({ id }) => id));
    const shown = new Map<string, Resource>();
    for (const result of results) {
      if (result.kind === 'found' && result.resource.active !== undefined)
        shown.set(result.resource.id, result.resource);
    }
    for (const { id } of lost) if (!shown.has(id)) this.notShown.push(id);
    return listed.map((resource) => shown.get(resource.id) ?? resource);
  }
}
