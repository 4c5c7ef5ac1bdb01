/**
 * Reads from the pipes of a sandbox without trusting them: bounded lines, a bounded tail.
 *
 * @module
 */
import type { Readable } from 'node:stream';

/**
 * The first line of `stream`, without its newline. Rejects when the stream ends first or the line is
 * longer than `maxBytes`. What follows the line is passed to `rest`, so that the pipe never fills.
 */
export async function firstLine(
  stream: Readable,
  maxBytes: number,
  rest: (chunk: Buffer) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let settled = false;
    const fail = (why: string): void => {
      settled = true;
      reject(new Error(why));
    };
    stream.on('data', (chunk: Buffer) => {
      if (settled) return rest(chunk);
      const end = chunk.indexOf(0x0a);
      chunks.push(end === -1 ? chunk : chunk.subarray(0, end));
      length += chunks.at(-1)?.length ?? 0;
      if (length > maxBytes) return fail(`its first line is longer than ${maxBytes} bytes`);
      if (end === -1) return;
      settled = true;
      resolve(Buffer.concat(chunks));
      if (end + 1 < chunk.length) rest(chunk.subarray(end + 1));
    });
    stream.on('error', () => fail('the pipe broke'));
    stream.on('close', () => fail('it ended before its first line'));
    stream.on('end', () => fail('it ended before its first line'));
  });
}

/** Keeps the last `maxBytes` of what is written: diagnostics of a server that may print for ever. */
export class Tail {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length <= 2 * this.#maxBytes) return;
    this.#chunks = [Buffer.concat(this.#chunks).subarray(-this.#maxBytes)];
    this.#length = this.#maxBytes;
  }

  text(): string {
    return Buffer.concat(this.#chunks).subarray(-this.#maxBytes).toString('utf8');
  }
}
