/**
 * Walks the wire format of protocol buffers without a schema (protobuf encoding, version 3).
 *
 * Yields fields with their places; nested messages are walked by the caller, who bounds depth.
 * Groups, unknown wire types, overlong varints and lengths over the end are malformed.
 *
 * @module
 */
import type { ByteSource } from '../byte-source.ts';
import { Cursor } from '../byte-source.ts';
import { fault } from '../errors.ts';

export interface Field {
  readonly id: number;
  /** 0 varint, 1 fixed64, 2 length-delimited, 5 fixed32. */
  readonly wire: number;
  /** The varint; 0 for other wire types. */
  readonly value: bigint;
  /** Bytes `[start, end)` of the content. */
  readonly start: number;
  readonly end: number;
}

/** A message: a range of a source. */
export interface Message {
  readonly source: ByteSource;
  readonly start: number;
  readonly end: number;
}

const MAX_TEXT_BYTES = 64 * 1024;

export function messageOf(source: ByteSource): Message {
  return { source, start: 0, end: source.sizeBytes };
}

/** The fields of a message in order. `spend` is called for each. @throws {ScanError} */
export function* fields(message: Message, spend: (steps: number) => void): Generator<Field> {
  const cursor = new Cursor(message.source, message.start, message.end);
  while (cursor.remaining > 0) {
    spend(1);
    const at = cursor.offset;
    const key = varint(cursor);
    const id = Number(key >> 3n);
    if (id === 0 || id > 536_870_911)
      throw fault('SCAN_MALFORMED', 'a field has no valid number', at);
    const wire = Number(key & 7n);
    const start = cursor.offset;
    switch (wire) {
      case 0: {
        const value = varint(cursor);
        yield { id, wire, value, start, end: cursor.offset };
        break;
      }
      case 1:
        cursor.skip(8);
        yield { id, wire, value: 0n, start, end: cursor.offset };
        break;
      case 2: {
        const length = varint(cursor);
        if (length > BigInt(cursor.remaining)) {
          throw fault(
            'SCAN_TRUNCATED',
            `a field claims ${length} bytes and ${cursor.remaining} remain`,
            at,
          );
        }
        const from = cursor.offset;
        cursor.skip(Number(length));
        yield { id, wire, value: 0n, start: from, end: cursor.offset };
        break;
      }
      case 5:
        cursor.skip(4);
        yield { id, wire, value: 0n, start, end: cursor.offset };
        break;
      default:
        throw fault('SCAN_MALFORMED', `a field has wire type ${wire}`, at);
    }
  }
}

/** The content of a length-delimited field as a message. @throws {ScanError} SCAN_MALFORMED */
export function nested(message: Message, field: Field): Message {
  if (field.wire !== 2)
    throw fault('SCAN_MALFORMED', 'a message is not length-delimited', field.start);
  return { source: message.source, start: field.start, end: field.end };
}

/** The content of a field as text, cut to 64 KiB. */
export function fieldText(message: Message, field: Field): string {
  const length = Math.min(MAX_TEXT_BYTES, field.end - field.start);
  return Buffer.from(message.source.read(field.start, length)).toString('utf8');
}

/** The varints of a repeated integer field, packed or not. */
export function varints(message: Message, field: Field): bigint[] {
  if (field.wire === 0) return [BigInt.asIntN(64, field.value)];
  const cursor = new Cursor(message.source, field.start, field.end);
  const values: bigint[] = [];
  while (cursor.remaining > 0) values.push(BigInt.asIntN(64, varint(cursor)));
  return values;
}

/** Whether the bytes are a well-formed message whose fields satisfy `accepts`. */
export function isMessage(message: Message, accepts: (field: Field) => boolean): boolean {
  let steps = 0;
  try {
    for (const field of fields(message, (n) => (steps += n))) {
      if (!accepts(field)) return false;
      if (steps > 2000) return true;
    }
    return steps > 0;
  } catch {
    return false; // Not a message: that is the answer.
  }
}

function varint(cursor: Cursor): bigint {
  const at = cursor.offset;
  let low = 0;
  for (let n = 0; n < 4; n += 1) {
    const byte = cursor.u8();
    low |= (byte & 0x7f) << (7 * n);
    if (byte < 0x80) return BigInt(low);
  }
  let value = BigInt(low);
  for (let n = 4; n < 10; n += 1) {
    const byte = cursor.u8();
    value |= BigInt(byte & 0x7f) << BigInt(7 * n);
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw fault('SCAN_MALFORMED', 'an integer is longer than ten bytes', at);
}
