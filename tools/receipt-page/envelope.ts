/**
 * Signed envelopes (DSSE v1) and the in-toto statements inside. Attacker-controlled until verified.
 *
 * @module
 */
import { concat, fromBase64, utf8 } from './bytes.ts';
import type { Bytes, Key } from './bytes.ts';

export type JsonObject = { readonly [key: string]: unknown };

export interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

const STATEMENT = 'https://in-toto.io/Statement/v1';

export interface Statement {
  readonly predicateType: string;
  readonly subject: { readonly name: string; readonly digest: JsonObject };
  readonly predicate: JsonObject;
}

export function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : null;
}

export function readEnvelope(value: unknown): Envelope | null {
  const { payloadType, payload, signatures } = asObject(value) ?? {};
  if (typeof payloadType !== 'string' || typeof payload !== 'string') return null;
  if (!Array.isArray(signatures) || signatures.length === 0 || signatures.length > 16) return null;
  const read = (signatures as readonly unknown[]).map((one) => {
    const { keyid, sig } = asObject(one) ?? {};
    return {
      keyid: typeof keyid === 'string' ? keyid : '',
      sig: typeof sig === 'string' ? sig : '',
    };
  });
  return { payloadType, payload, signatures: read };
}

/** `DSSEv1 SP len SP type SP len SP payload`. */
export function preAuthEncoding(payloadType: string, payload: Bytes): Bytes {
  const head = `DSSEv1 ${utf8(payloadType).length} ${payloadType} ${payload.length} `;
  return concat(utf8(head), payload);
}

/** The payload when one of the keys signed it, else null. */
export async function openEnvelope(
  envelope: Envelope,
  keys: readonly Key[],
): Promise<Bytes | null> {
  const payload = fromBase64(envelope.payload);
  if (payload === null) return null;
  const covered = preAuthEncoding(envelope.payloadType, payload);
  for (const { sig } of envelope.signatures) {
    const signature = fromBase64(sig);
    for (const key of signature === null ? [] : keys) {
      if (signature !== null && (await key.verify(covered, signature))) return payload;
    }
  }
  return null;
}

/** A statement about one subject, or null. */
export function readStatement(payload: Bytes): Statement | null {
  const value = parseJson(payload);
  const { _type: type, predicateType, subject, predicate } = asObject(value) ?? {};
  const [only, second] = Array.isArray(subject) ? (subject as readonly unknown[]) : [];
  const { name, digest } = asObject(only) ?? {};
  const [digests, facts] = [asObject(digest), asObject(predicate)];
  if (type !== STATEMENT || typeof predicateType !== 'string' || second !== undefined) return null;
  if (typeof name !== 'string' || digests === null || facts === null) return null;
  return { predicateType, subject: { name, digest: digests }, predicate: facts };
}

/** JSON without repeated keys, whose meaning differs from reader to reader; else undefined. */
export function parseStrict(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const written = text
      .matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)
      .filter(([, colon]) => colon !== undefined);
    return written.toArray().length === countKeys(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, inner) => sum + countKeys(inner), own);
}

function parseJson(payload: Bytes): unknown {
  try {
    return parseStrict(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return undefined;
  }
}
