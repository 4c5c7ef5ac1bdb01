/**
 * Reads the server name of a TLS ClientHello, the first bytes of a tunnel.
 *
 * The bytes are attacker-controlled; every length is checked against what is there. Only the shape
 * that clients send is accepted: one handshake message in one or more records, bounded. Specs: RFC
 * 8446 (records, ClientHello), RFC 6066 section 3 (server_name), RFC 9849 (encrypted_client_hello).
 *
 * What this cannot see: the Host header inside the encrypted tunnel. Domain fronting on the allowed
 * name passes; docs/spec/sandbox.md says so.
 *
 * @module
 */

export type ClientHello =
  /** More bytes are needed. */
  | { readonly kind: 'partial' }
  | { readonly kind: 'not-tls' }
  | { readonly kind: 'hello'; readonly serverName: string | null; readonly encrypted: boolean };

/** A ClientHello with large post-quantum key shares fits many times over. */
export const MAX_HELLO_BYTES: number = 16 * 1024;

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const ENCRYPTED_CLIENT_HELLO = 0xfe0d;
const NOT_TLS = { kind: 'not-tls' } as const;
/** A hello in more pieces is a way to make the reader work, not a way to speak TLS. */
const MAX_RECORDS = 16;

/** Thrown inside this module only: the message ends before a length says. */
class Truncated extends Error {}

export function readClientHello(bytes: Uint8Array): ClientHello {
  const message = joinRecords(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if ('kind' in message) return message;
  try {
    return readMessage(new Cursor(message));
  } catch (cause) {
    if (cause instanceof Truncated) return NOT_TLS;
    throw cause;
  }
}

/** The handshake message without its header, from as many records as it takes. */
function joinRecords(bytes: Buffer): Buffer | Exclude<ClientHello, { readonly kind: 'hello' }> {
  let message: Buffer = Buffer.alloc(0);
  let at = 0;
  for (let records = 0; records < MAX_RECORDS; records += 1) {
    const record = readRecord(bytes, at);
    if (record === null) return NOT_TLS;
    message = Buffer.concat([message, record.payload]);
    const wanted = messageLength(message);
    if (wanted === null) return NOT_TLS;
    if (message.length >= wanted) return message.subarray(4, wanted);
    if (!record.complete) return { kind: 'partial' };
    at += 5 + record.payload.length;
  }
  return NOT_TLS;
}

/** `type (22) | version (3, x) | length (2) | payload`; null when it cannot be that. */
function readRecord(
  bytes: Buffer,
  at: number,
): { readonly payload: Buffer; readonly complete: boolean } | null {
  const [type, major] = bytes.subarray(at, at + 2);
  if (type !== undefined && type !== HANDSHAKE) return null;
  if (major !== undefined && major !== 3) return null;
  if (bytes.length < at + 5) return { payload: Buffer.alloc(0), complete: false };
  const length = bytes.readUInt16BE(at + 3);
  if (length === 0) return null;
  const payload = bytes.subarray(at + 5, at + 5 + length);
  return { payload, complete: payload.length === length };
}

/** Length of the ClientHello with its 4-byte header as far as known; null when it is none. */
function messageLength(message: Buffer): number | null {
  if (message.length > 0 && message[0] !== CLIENT_HELLO) return null;
  if (message.length < 4) return 4;
  const length = 4 + message.readUIntBE(1, 3);
  return length > MAX_HELLO_BYTES ? null : length;
}

function readMessage(cursor: Cursor): ClientHello {
  cursor.take(2 + 32);
  cursor.take(cursor.uint(1));
  cursor.take(cursor.uint(2));
  cursor.take(cursor.uint(1));
  if (cursor.done()) return { kind: 'hello', serverName: null, encrypted: false };
  const extensions = new Cursor(cursor.take(cursor.uint(2)));
  let serverName: string | null = null;
  let encrypted = false;
  const seen = new Set<number>();
  while (!extensions.done()) {
    const type = extensions.uint(2);
    const body = extensions.take(extensions.uint(2));
    // Two extensions of one type would let two readers see two names.
    if (seen.has(type)) return NOT_TLS;
    seen.add(type);
    if (type === SERVER_NAME) serverName = readServerName(new Cursor(body));
    if (type === ENCRYPTED_CLIENT_HELLO) encrypted = true;
  }
  return { kind: 'hello', serverName, encrypted };
}

/** Null unless the list holds exactly one host name. */
function readServerName(cursor: Cursor): string | null {
  const list = new Cursor(cursor.take(cursor.uint(2)));
  if (!cursor.done() || list.done()) return null;
  const type = list.uint(1);
  const name = list.take(list.uint(2)).toString('latin1');
  return type === 0 && list.done() ? name.toLowerCase() : null;
}

class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  uint(size: number): number {
    return this.take(size).readUIntBE(0, size);
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new Truncated();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  done(): boolean {
    return this.#at === this.#bytes.length;
  }
}
