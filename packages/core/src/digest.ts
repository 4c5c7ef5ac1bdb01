/**
 * SHA-256 as the project uses it: lowercase hex at boundaries, bytes inside.
 *
 * @module
 */
import { hash, timingSafeEqual } from 'node:crypto';

const HEX_SHA256 = /^[0-9a-f]{64}$/;

/** SHA-256 of `data` (a string is hashed as UTF-8) as 64 lowercase hex characters. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash('sha256', data, 'hex');
}

/** SHA-256 of `data` as 32 bytes. */
export function sha256(data: Uint8Array | string): Uint8Array {
  return hash('sha256', data, 'buffer');
}

/** Whether `text` is 64 lowercase hex characters. */
export function isSha256Hex(text: unknown): text is string {
  return typeof text === 'string' && HEX_SHA256.test(text);
}

/** Compares two secrets in time that depends on their lengths only. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
