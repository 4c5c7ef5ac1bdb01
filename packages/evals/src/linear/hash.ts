/**
 * The hash behind every feature: FNV-1a over lowercased UTF-16 units, then a finishing mix.
 *
 * Part of the weights' format: changing anything here makes shipped weights meaningless, which the
 * `features` field of a weights file guards against.
 *
 * @module
 */

export const HASH_SEED: number = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

export function mixUnit(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, PRIME);
}

/** Spreads a hash so that its low bits can index a table. */
export function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return mixed ^ (mixed >>> 15);
}

/** Lowercase forms of the units below U+0600 that have one of a single unit. */
const LOWER: Uint16Array = Uint16Array.from({ length: 0x600 }, (_, unit) => {
  const lower = String.fromCharCode(unit).toLowerCase();
  return lower.length === 1 ? lower.charCodeAt(0) : unit;
});

/** Lowercases Latin, Greek, Cyrillic and Armenian capitals; other units are unchanged. */
export function lowerUnit(unit: number): number {
  return unit < 0x600 ? (LOWER[unit] ?? unit) : unit;
}

/** The hash `tokenise` gives to the word `word`. */
export function hashWord(word: string): number {
  let hash = HASH_SEED;
  for (let i = 0; i < word.length; i += 1) hash = mixUnit(hash, lowerUnit(word.charCodeAt(i)));
  return hash;
}
