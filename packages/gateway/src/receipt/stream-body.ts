/**
 * The body of an event stream as bytes: where events end, and the comment that closes it.
 *
 * Server-sent events (WHATWG HTML, section 9.2) end with an empty line; lines end with LF, CR LF or
 * CR. The gateway itself writes LF only and forwards what the model wrote, so all three occur.
 *
 * @module
 */

const LF = 0x0a;
const CR = 0x0d;

/** Splits a complete body after each empty line; what follows the last one is an event too. */
export function splitEvents(body: Uint8Array): Uint8Array[] {
  const events: Uint8Array[] = [];
  for (let start = 0; start < body.length;) {
    const end = eventEnd(body, start);
    const stop = end === -1 ? body.length : end;
    events.push(body.subarray(start, stop));
    start = stop;
  }
  return events;
}

/**
 * Where the event that begins at `start` ends (the offset after its empty line), or -1 when its end
 * is not there yet. A CR at the very end of the bytes may be half of a CR LF, so it decides nothing.
 */
export function eventEnd(bytes: Uint8Array, start: number): number {
  for (let at = start, line = start; at < bytes.length;) {
    const byte = bytes[at];
    if (byte !== LF && byte !== CR) {
      at += 1;
      continue;
    }
    if (byte === CR && at + 1 === bytes.length) return -1;
    const after = byte === CR && bytes[at + 1] === LF ? at + 2 : at + 1;
    if (at === line) return after;
    at = after;
    line = after;
  }
  return -1;
}

/** The comment that ends a stream, as bytes of its own: `: proofmark-receipt ID` and an empty line. */
export function closingComment(receiptId: string): Buffer {
  return Buffer.from(`: proofmark-receipt ${receiptId}\n\n`, 'utf8');
}

/** The body without its closing comment, when it ends with exactly that. */
export function withoutClosingComment(body: Uint8Array, receiptId: string): Uint8Array {
  const comment = closingComment(receiptId);
  const at = body.length - comment.length;
  return at >= 0 && comment.equals(body.subarray(at)) ? body.subarray(0, at) : body;
}
