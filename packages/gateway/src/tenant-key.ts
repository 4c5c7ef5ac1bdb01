/**
 * API keys as the gateway knows them: keyed hashes only.
 *
 * A configuration or a memory dump that leaks holds no usable key, and a table of hashes of guessed
 * keys is worthless without the secret. Looking up an HMAC in a map tells a timing attacker nothing
 * about the key.
 *
 * @module
 */
import { createHmac } from 'node:crypto';

/** HMAC-SHA-256 of an API key, lowercase hex: what `TenantKey.keyHash` holds. */
export function hashTenantKey(secret: Uint8Array, key: string): string {
  return createHmac('sha256', secret).update('key\0').update(key, 'utf8').digest('hex');
}

/** HMAC-SHA-256 of a tenant's id, lowercase hex: how receipts and spans name the tenant. */
export function tenantPseudonym(secret: Uint8Array, tenantId: string): string {
  return createHmac('sha256', secret).update('tenant\0').update(tenantId, 'utf8').digest('hex');
}

const MAX_KEY = 256;
const BEARER = /^Bearer ([\x21-\x7e]+)$/i;

/** The key of an `Authorization: Bearer KEY` header; null for anything else. */
export function bearerKey(header: string | undefined): string | null {
  if (header === undefined || header.length > MAX_KEY + 7) return null;
  return BEARER.exec(header)?.[1] ?? null;
}
