/**
 * What the project logs: the kind and digest of a record, never the record (docs/spec/log.md).
 *
 * An entry is the canonical JSON `{"digest":"<64 hex>","kind":"<kind>"}`, with a first member
 * `"by":"<64 hex>"` where the record does not say itself who wrote it. A reader of the log learns that
 * a record of this kind existed, and nothing of its content. The log itself takes any bytes.
 *
 * @module
 */
import { canonicalJson, excerpt, isSha256Hex, parseStrictJson } from '@proofmark/core';

import { TlogError } from './errors.ts';

export interface LogEntry {
  /** What the record is, such as `promotion`: 1 to 128 letters, digits and `._:/+-`. */
  readonly kind: string;
  /** SHA-256 of the record, lowercase hex. */
  readonly digest: string;
  /** SHA-256 of the salted document that names who wrote the record; absent where the record does. */
  readonly by?: string;
}

/** Bytes of the largest entry: bundles give its length in 16 bits. */
export const MAX_ENTRY_BYTES = 65_535;

const KIND = /^[A-Za-z0-9][A-Za-z0-9._:/+-]{0,127}$/;

/** The bytes that are logged for a record. @throws {TlogError} TLOG_ENTRY_INVALID */
export function encodeEntry(entry: LogEntry): Uint8Array {
  const { kind, digest, by } = entry;
  if (!KIND.test(kind)) {
    throw refuse(`its kind "${excerpt(kind)}" is not 1 to 128 letters, digits and ._:/+-`);
  }
  if (!isSha256Hex(digest)) throw refuse('its digest is not 64 lowercase hex characters');
  if (by !== undefined && !isSha256Hex(by)) {
    throw refuse('its "by" is not 64 lowercase hex characters');
  }
  const value = by === undefined ? { digest, kind } : { by, digest, kind };
  return new TextEncoder().encode(canonicalJson(value));
}

/** Reads an entry; only the one canonical form is accepted. @throws {TlogError} TLOG_ENTRY_INVALID */
export function decodeEntry(bytes: Uint8Array): LogEntry {
  const value = parse(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse('it is not an object');
  }
  const { kind, digest, by } = value as Readonly<Record<'kind' | 'digest' | 'by', unknown>>;
  if (typeof kind !== 'string' || typeof digest !== 'string') {
    throw refuse('it lacks kind or digest');
  }
  const entry: LogEntry = typeof by === 'string' ? { kind, digest, by } : { kind, digest };
  if (!Buffer.from(encodeEntry(entry)).equals(bytes)) throw refuse('it is not canonical');
  return entry;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes, { maxBytes: MAX_ENTRY_BYTES });
  } catch (cause) {
    throw new TlogError('TLOG_ENTRY_INVALID', 'cannot read the log entry: it is not JSON', {
      cause,
    });
  }
}

function refuse(why: string): TlogError {
  return new TlogError('TLOG_ENTRY_INVALID', `cannot use the log entry: ${why}`);
}
