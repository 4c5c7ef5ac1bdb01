/**
 * The lines of the receipt spool.
 *
 *     <CRC-32 of the rest, 8 hex> SP <kind> SP <id> SP <body> LF
 *
 * `open`: a stream has begun, body = its request facts (JSON). `done`: the exchange ended, body = the
 * receipt payload. `batch`: id = the root digest, body = { envelope, ids } (JSON). `end`: the batch
 * of that id is in the log and in the store, body = `-`.
 *
 * The checksum tells a line that was cut by a crash from one that is whole; it is no protection
 * against somebody who can write to the folder.
 *
 * @module
 */
import { crc32 } from 'node:zlib';

export type SpoolKind = 'open' | 'done' | 'batch' | 'end';

export interface SpoolRecord {
  readonly kind: SpoolKind;
  /** No spaces. */
  readonly id: string;
  /** No line feeds. */
  readonly body: string;
}

const KINDS: readonly string[] = ['open', 'done', 'batch', 'end'];
const SUM_CHARACTERS = 8;
const LINE_FEED = 10;
const FIRST_BYTES: number = 64 * 1024;
const KEPT_BYTES: number = 4 * 1024 * 1024;

/**
 * Lines with their line feeds, one after the other, in a buffer that the next call overwrites.
 *
 * Each record is encoded once, to where it is summed and written from: a receipt is written on every
 * response, and copies of its two kilobytes are what that costs.
 */
export class SpoolLines {
  #buffer: Buffer = Buffer.allocUnsafe(FIRST_BYTES);

  /** Valid until the next call. */
  encode(records: readonly SpoolRecord[]): Uint8Array {
    const most = records.reduce((sum, record) => sum + mostBytes(record), 0);
    if (most > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(most * 2);
    const buffer = this.#buffer;
    let at = 0;
    for (const { kind, id, body } of records) {
      const start = at + SUM_CHARACTERS + 1;
      let end = start + buffer.write(`${kind} ${id} `, start);
      end += buffer.write(body, end);
      buffer.write(`${hex(crc32(buffer.subarray(start, end)))} `, at, 'latin1');
      buffer[end] = LINE_FEED;
      at = end + 1;
    }
    // What one burst needed is not kept for ever.
    if (buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafe(FIRST_BYTES);
    return buffer.subarray(0, at);
  }
}

/** UTF-8 takes at most three bytes for a UTF-16 code unit. */
function mostBytes({ kind, id, body }: SpoolRecord): number {
  return SUM_CHARACTERS + 1 + 3 * (kind.length + 1 + id.length + 1 + body.length) + 1;
}

/** Reads a line without its line feed; null when it is not whole. */
export function parseSpoolLine(line: string): SpoolRecord | null {
  const rest = line.slice(SUM_CHARACTERS + 1);
  if (line[SUM_CHARACTERS] !== ' ' || line.slice(0, SUM_CHARACTERS) !== hex(crc32(rest)))
    return null;
  const [kind = '', id = ''] = rest.split(' ', 2);
  if (!isKind(kind)) return null;
  return { kind, id, body: rest.slice(kind.length + id.length + 2) };
}

function isKind(text: string): text is SpoolKind {
  return KINDS.includes(text);
}

function hex(sum: number): string {
  return sum.toString(16).padStart(SUM_CHARACTERS, '0');
}
