/**
 * Cuts the body of an event stream into events while it arrives, and reads their data.
 *
 * The model server is not trusted: an event is bounded in bytes, and one with other fields than
 * `data` is refused, because clients differ in what they make of them. Comments are dropped.
 *
 * @module
 */
import { GatewayError } from '../errors.ts';
import { eventEnd } from '../receipt/stream-body.ts';

const MAX_EVENT_BYTES: number = 1024 * 1024;

/** Events of `body`, each with its exact bytes. @throws {GatewayError} GATEWAY_UPSTREAM_INVALID */
export async function* eventsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    const bytes = rest.length === 0 ? asBuffer(chunk) : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = eventEnd(bytes, start); end !== -1; end = eventEnd(bytes, start)) {
      yield bytes.subarray(start, end);
      start = end;
    }
    rest = bytes.subarray(start);
    if (rest.length > MAX_EVENT_BYTES) throw invalid('an event of the stream is too large');
  }
  if (rest.length > 0) yield rest;
}

/**
 * The data of an event; null when it has none.
 *
 * @throws {GatewayError} GATEWAY_UPSTREAM_INVALID for any field but `data`
 */
export function eventData(event: Buffer): string | null {
  const data: string[] = [];
  for (const line of event.toString('utf8').split(/\r\n|\n|\r/)) {
    if (line === '' || line.startsWith(':')) continue;
    if (!line.startsWith('data:')) throw invalid('the stream has a field other than data');
    data.push(line.slice(line[5] === ' ' ? 6 : 5));
  }
  return data.length === 0 ? null : data.join('\n');
}

/** `data: TEXT` and an empty line; `original` when it is exactly that. */
export function dataEvent(data: string, original?: Buffer): Buffer {
  const event = Buffer.from(
    `${data
      .split('\n')
      .map((line) => `data: ${line}`)
      .join('\n')}\n\n`,
  );
  return original !== undefined && original.equals(event) ? original : event;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function invalid(why: string): GatewayError {
  return new GatewayError(
    'GATEWAY_UPSTREAM_INVALID',
    `cannot pass the answer of the model on: ${why}; tell the operator`,
  );
}
