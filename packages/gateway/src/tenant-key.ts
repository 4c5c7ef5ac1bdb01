/**
 * API keys as the gateway knows them: keyed hashes only.
 *
 * A configuration or a memory dump that leaks holds no usable key, and a table of hashes of guessed
 * keys is worthless without the secret. Looking up an HMAC in a map tells a timing attacker nothing
 * about the key.
 *
 * @module
 */
import { sha256, sha256Hex } from '@proofmark/core';

/** HMAC-SHA-256 of an API key, lowercase hex: what `TenantKey.keyHash` holds. */
export function hashTenantKey(secret: Uint8Array, key: string): string {
  return hmac(secret, `key\0${key}`);
}

/** HMAC-SHA-256 of a tenant's id, lowercase hex: how receipts and spans name the tenant. */
export function tenantPseudonym(secret: Uint8Array, tenantId: string): string {
  return hmac(secret, `tenant\0${tenantId}`);
}

const BLOCK_BYTES = 64;

/**
 * HMAC-SHA-256 by its definition (RFC 2104), on one-shot hashes: every request pays for one, and
 * `createHmac` costs ten times as much for a short text.
 */
function hmac(secret: Uint8Array, text: string): string {
  const key = secret.length > BLOCK_BYTES ? sha256(secret) : secret;
  const inner = sha256(Buffer.concat([padded(key, 0x36), Buffer.from(text, 'utf8')]));
  return sha256Hex(Buffer.concat([padded(key, 0x5c), inner]));
}

function padded(key: Uint8Array, pad: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES, pad);
  for (const [at, byte] of key.entries()) block[at] = byte ^ pad;
  return block;
}

const MAX_KEY = 256;
const BEARER = /^Bearer ([\x21-\x7e]+)$/i;

/** The key of an `Authorization: Bearer KEY` header; null for anything else. */
export function bearerKey(header: string | undefined): string | null {
  if (header === undefined || header.length > MAX_KEY + 7) return null;
  return BEARER.exec(header)?.[1] ?? null;
}
