/**
 * Time as a value that is passed in, so that every decision can be replayed.
 *
 * @module
 */

/** Returns milliseconds since the Unix epoch. */
export type Clock = () => number;

/** `2026-11-23T02:11:29.000Z`, the form that records use. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
