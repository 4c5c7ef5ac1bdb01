/**
 * Precedence of Semantic Versioning 2.0.0 (section 11), which npm packages and OSV SEMVER ranges use.
 *
 * @module
 */

/** A parsed version; build metadata does not take part in precedence and is dropped. */
export interface SemanticVersion {
  readonly release: readonly [bigint, bigint, bigint];
  readonly prerelease: readonly string[];
}

const VERSION =
  /^v?(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})(?:-([0-9A-Za-z.-]{1,128}))?(?:\+[0-9A-Za-z.-]{1,128})?$/;

/** Parses a full version, or returns null: a range, a tag or a URL is no version. */
export function parseSemver(text: string): SemanticVersion | null {
  const match = VERSION.exec(text);
  if (match === null) return null;
  const [, major = '', minor = '', patch = '', prerelease] = match;
  const identifiers = prerelease === undefined ? [] : prerelease.split('.');
  if (identifiers.includes('')) return null;
  return { release: [BigInt(major), BigInt(minor), BigInt(patch)], prerelease: identifiers };
}

/** Negative, zero or positive, as `a` comes before, with or after `b`. */
export function compareSemver(a: SemanticVersion, b: SemanticVersion): number {
  for (const i of [0, 1, 2] as const) {
    if (a.release[i] !== b.release[i]) return a.release[i] < b.release[i] ? -1 : 1;
  }
  return comparePrerelease(a.prerelease, b.prerelease);
}

function comparePrerelease(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length; // a release comes last
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const [left, right] = [a[i], b[i]];
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const order = compareIdentifier(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

function compareIdentifier(a: string, b: string): number {
  const [numberA, numberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (numberA !== numberB) return numberA ? -1 : 1;
  if (numberA) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  return a < b ? -1 : a > b ? 1 : 0;
}
