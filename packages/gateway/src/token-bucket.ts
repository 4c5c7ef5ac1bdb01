/**
 * Requests per minute: a token bucket per key, refilled continuously. Pure but for its own state;
 * time is passed in.
 *
 * @module
 */

const MINUTE_MS = 60_000;
/** Keys are tenant ids of a configuration; a reload that renames them all is forgotten in time. */
const MAX_KEYS = 100_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Belongs to one gateway process. */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();

  /**
   * Takes one token from a bucket that holds and refills `perMinute`.
   *
   * @returns 0 when there was one, else the milliseconds until there is
   */
  take(key: string, perMinute: number, nowMs: number): number {
    const bucket = this.#bucket(key, perMinute, nowMs);
    // A clock that steps back refills nothing and takes nothing away.
    const passedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(perMinute, bucket.tokens + (passedMs * perMinute) / MINUTE_MS);
    bucket.atMs = nowMs;
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * MINUTE_MS) / perMinute);
    bucket.tokens -= 1;
    return 0;
  }

  #bucket(key: string, perMinute: number, nowMs: number): Bucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    if (this.#buckets.size >= MAX_KEYS) this.#buckets.clear();
    const bucket = { tokens: perMinute, atMs: nowMs };
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
