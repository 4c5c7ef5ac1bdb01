/**
 * Standard base64 (RFC 4648 section 4) with one accepted spelling per value.
 *
 * Two spellings of one hash would let two readers disagree about whether two texts are the same.
 *
 * @module
 */

/** The bytes of `text`, or null when it is not the canonical padded spelling. */
export function decodeBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : null;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
