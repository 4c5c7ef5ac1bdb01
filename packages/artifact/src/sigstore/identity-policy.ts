/**
 * Which identities may sign: exact, or a pattern over the whole of the name.
 *
 * A pattern is a name in which `*` stands for any run of characters within one part; parts end at
 * `/` and `@`. Nothing is ever matched inside a name, and nothing is a regular expression: a
 * `*` cannot swallow a path, a host or a tag, so `https://github.com/acme/*` is not somebody else's
 * `https://github.com/acme/x/.github/workflows/evil.yml@refs/heads/main`.
 *
 * @module
 */
import type { CertificateIdentity } from './certificate-identity.ts';

export interface TrustedIdentity {
  /** URL of the OpenID Connect issuer, compared exactly. */
  readonly issuer: string;
  /** Exact name, or a pattern when it has a `*`. */
  readonly subject: string;
}

/** Whether one of `trusted` is this identity. */
export function isTrustedIdentity(
  identity: CertificateIdentity,
  trusted: readonly TrustedIdentity[],
): boolean {
  return trusted.some(
    ({ issuer, subject }) => issuer === identity.issuer && matchesName(subject, identity.subject),
  );
}

/** Whether the pattern describes the whole name. */
export function matchesName(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  const parts = pattern.split(/([/@])/);
  const given = name.split(/([/@])/);
  return (
    parts.length === given.length && parts.every((part, i) => matchesPart(part, given[i] ?? ''))
  );
}

/** Greedy from the left: with one kind of wildcard, the earliest place of each piece is enough. */
function matchesPart(pattern: string, text: string): boolean {
  const [first = '', ...pieces] = pattern.split('*');
  const last = pieces.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
