/**
 * Protocol buffer fields, as far as the header of an ONNX graph needs them (encoding guide, "Message
 * Structure"). The bytes are hostile: every length is checked against its message before it is used.
 *
 * @module
 */
import { ServeError } from '../model-server/errors.ts';

export interface Field {
  readonly id: number;
  /** Value of a varint field, not exact beyond 2^53 (negative numbers); 0 otherwise. */
  readonly value: number;
  /** Content of a length-delimited field; empty otherwise. A view, not a copy. */
  readonly bytes: Uint8Array;
}

const NONE = new Uint8Array(0);
const MAX_VARINT_BYTES = 10;
const BASE = 128;

/** @throws {ServeError} model_invalid where the message is malformed */
export function* readFields(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i += 1) {
      const byte = message[at];
      if (byte === undefined) throw malformed();
      at += 1;
      value += (byte % BASE) * BASE ** i;
      if (byte < BASE) return value;
    }
    throw malformed();
  };
  const take = (length: number): Uint8Array => {
    if (length > message.length - at) throw malformed();
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const key = varint();
    const [id, wire] = [Math.floor(key / 8), key % 8];
    if (wire === 0) yield { id, value: varint(), bytes: NONE };
    else if (wire === 1) yield { id, value: 0, bytes: take(8) };
    else if (wire === 2) yield { id, value: 0, bytes: take(varint()) };
    else if (wire === 5) yield { id, value: 0, bytes: take(4) };
    else throw malformed();
  }
}

function malformed(): ServeError {
  return new ServeError(
    'model_invalid',
    'cannot load the ONNX file: it is malformed; export the model again',
  );
}
