/**
 * Digests of a response body: whole, or as the events of a stream (docs/spec/receipt.md).
 *
 * @module
 */
import { concat, hex, sha256, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';

export interface StreamFacts {
  readonly digest: string;
  readonly chain: string;
  readonly events: number;
}

const LF = 0x0a;
const CR = 0x0d;

/** Of the events that were sent; the closing comment with the receipt's id is not one. */
export async function streamFacts(body: Bytes, receiptId: string): Promise<StreamFacts> {
  const sent = withoutClosingComment(body, receiptId);
  const events = splitEvents(sent);
  let chain = await sha256(utf8('proofmark-stream-v1'));
  for (const event of events) chain = await sha256(concat(chain, await sha256(event)));
  return { digest: hex(await sha256(sent)), chain: hex(chain), events: events.length };
}

function withoutClosingComment(body: Bytes, receiptId: string): Bytes {
  const comment = utf8(`: proofmark-receipt ${receiptId}\n\n`);
  const at = body.length - comment.length;
  const isThere = at >= 0 && comment.every((byte, i) => byte === body[at + i]);
  return isThere ? body.slice(0, at) : body;
}

/** An event ends with an empty line; what follows the last one is an event too. */
function splitEvents(body: Bytes): Bytes[] {
  const events: Bytes[] = [];
  let [start, line] = [0, 0];
  for (let at = 0; at < body.length;) {
    const byte = body[at];
    if (byte !== LF && byte !== CR) {
      at += 1;
      continue;
    }
    // A CR at the very end may be half of a CR LF: it ends nothing.
    if (byte === CR && at + 1 === body.length) break;
    const after = byte === CR && body[at + 1] === LF ? at + 2 : at + 1;
    if (at === line) {
      events.push(body.slice(start, after));
      start = after;
    }
    at = after;
    line = after;
  }
  if (start < body.length) events.push(body.slice(start));
  return events;
}
