/** Several IDs per key. A single ID, the usual case, is stored without a set. */
export class MultiMap {
  readonly #ids = new Map<string, string | Set<string>>();

  /** The IDs of a key, in order of insertion. */
  get(key: string): Iterable<string> {
    const found = this.#ids.get(key);
    if (found === undefined) return [];
    return typeof found === 'string' ? [found] : found;
  }

  /** The number of IDs of a key. */
  size(key: string): number {
    const found = this.#ids.get(key);
    if (found === undefined) return 0;
    return typeof found === 'string' ? 1 : found.size;
  }

  add(key: string, id: string): void {
    const found = this.#ids.get(key);
    if (found === undefined) this.#ids.set(key, id);
    else if (typeof found !== 'string') found.add(id);
    else if (found !== id) this.#ids.set(key, new Set([found, id]));
  }

  delete(key: string, id: string): void {
    const found = this.#ids.get(key);
    if (found === id) this.#ids.delete(key);
    else if (found instanceof Set && found.delete(id) && found.size === 0) this.#ids.delete(key);
  }
}
