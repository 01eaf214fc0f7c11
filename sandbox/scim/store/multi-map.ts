/** Several IDs under one key. The usual single ID is kept without a set around it. */
export class MultiMap {
  readonly #ids = new Map<string, string | Set<string>>();

  /** The IDs under a key, in the order in which they were added. */
  get(key: string): Iterable<string> {
    const found = this.#ids.get(key);
    if (found === undefined) return [];
    return typeof found === 'string' ? [found] : found;
  }

  /** How many IDs there are under a key. */
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
