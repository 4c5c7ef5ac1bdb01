/**
 * Bytes, hashes and signatures with what every browser has: a second implementation, so that a
 * receipt does not have to be believed by the program that wrote it.
 *
 * @module
 */

export type Bytes = Uint8Array<ArrayBuffer>;

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Null for anything that is no hex of 32 bytes. */
export function hashFromHex(text: unknown): Bytes | null {
  if (typeof text !== 'string' || !/^[0-9a-f]{64}$/.test(text)) return null;
  return Uint8Array.from({ length: 32 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

/** Null for anything that is not standard base64, padding and unused bits included. */
export function fromBase64(text: unknown): Bytes | null {
  if (typeof text !== 'string' || text.length % 4 !== 0 || !BASE64.test(text)) return null;
  const binary = atob(text);
  return btoa(binary) === text ? Uint8Array.from(binary, (c) => c.charCodeAt(0)) : null;
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** RFC 6962 section 2.1. */
export function leafHash(entry: Uint8Array): Promise<Bytes> {
  return sha256(concat(Uint8Array.of(0), entry));
}

function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(concat(Uint8Array.of(1), left, right));
}

export interface Key {
  /** 32 bytes. */
  readonly raw: Bytes;
  verify(data: Bytes, signature: Bytes): Promise<boolean>;
}

/** Reads a PEM Ed25519 public key (RFC 8410), or null. */
export async function readKey(pem: string): Promise<Key | null> {
  const body = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(
    pem,
  )?.[1];
  const der = fromBase64(body?.replace(/\s/g, ''));
  if (der?.length !== 44 || hex(der.subarray(0, 12)) !== '302a300506032b6570032100') return null;
  const key = await crypto.subtle.importKey('spki', der, 'Ed25519', true, ['verify']);
  return {
    raw: der.slice(12),
    verify: (data, signature) => crypto.subtle.verify('Ed25519', key, signature, data),
  };
}

/**
 * The root that a path of hashes leads to from a leaf, or null when the path has the wrong length.
 * RFC 9162 section 2.1.3.2.
 */
export async function rootOf(
  leaf: Bytes,
  index: number,
  size: number,
  path: readonly Bytes[],
): Promise<Bytes | null> {
  if (!isCount(index) || !isCount(size) || index >= size) return null;
  let [hash, at, last] = [leaf, index, size - 1];
  for (const sibling of path) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      hash = await nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else {
      hash = await nodeHash(hash, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hash : null;
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
