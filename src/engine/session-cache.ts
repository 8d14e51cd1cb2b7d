/** A resource of some bytes, released when it leaves the cache. */
export interface CacheEntry {
  readonly bytes: number;
  release(): Promise<void>;
}

/**
 * Keeps the most recently used entries within a number of entries and a number of bytes.
 * The newest entry stays even where it alone exceeds the limit.
 */
export class SessionCache<Entry extends CacheEntry> {
  readonly #entries = new Map<string, Entry>();
  readonly #maximumEntries: number;
  readonly #maximumBytes: number;

  constructor(maximumEntries: number, maximumBytes: number) {
    this.#maximumEntries = maximumEntries;
    this.#maximumBytes = maximumBytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    let total = 0;
    for (const entry of this.#entries.values()) total += entry.bytes;
    return total;
  }

  /** The entry under `key`, which becomes the most recently used. */
  get(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  /**
   * Releases the least recently used entries until one of `bytes` more fits: called before a
   * session is made, so that the peak of memory stays within the limit too.
   */
  makeRoom(bytes: number): Promise<void> {
    return this.#releaseUntil(
      () => this.#entries.size < this.#maximumEntries && this.bytes + bytes <= this.#maximumBytes,
    );
  }

  /** Releases the least recently used entries until the others have at most `bytes`. */
  shrink(bytes: number): Promise<void> {
    return this.#releaseUntil(() => this.bytes <= bytes);
  }

  /** Adds an entry that `makeRoom` made room for. */
  add(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
  }

  /** Releases everything. */
  clear(): Promise<void> {
    return this.#releaseUntil(() => false);
  }

  async #releaseUntil(isEnough: () => boolean): Promise<void> {
    for (const [key, entry] of this.#entries) {
      if (isEnough()) return;
      this.#entries.delete(key);
      await entry.release();
    }
  }
}
