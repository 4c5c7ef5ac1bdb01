/**
 * The lines of a file, one at a time, whatever its size: memory is bounded by one line.
 *
 * The file is untrusted. A line that is too long is skipped to its end without being kept, and one
 * that is not UTF-8 is reported as such; both are values, so that the caller can name the line and go
 * on with the next.
 *
 * @module
 */
import { createReadStream } from 'node:fs';

export type Line =
  | { readonly number: number; readonly text: string; readonly bytesRead: number }
  | { readonly number: number; readonly problem: string; readonly bytesRead: number };

/** The longest line that is kept, bytes. */
const MAX_LINE_BYTES: number = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/** Yields every line that is not blank. Rejects as `createReadStream` does when it cannot read. */
export async function* readLines(
  file: string,
  options: { readonly maxLineBytes?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<Line> {
  const { maxLineBytes = MAX_LINE_BYTES, signal } = options;
  const stream = createReadStream(file, { highWaterMark: 65_536, ...(signal && { signal }) });
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 1;
  let bytesRead = 0;
  const take = (): Line | undefined => {
    const line = decode({ parts, length, maxLineBytes });
    parts = [];
    length = 0;
    number += 1;
    return line === undefined ? undefined : { ...line, number: number - 1, bytesRead };
  };
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
      if (length + at - start <= maxLineBytes) parts.push(chunk.subarray(start, at));
      length += at - start;
      bytesRead += at - start + 1;
      start = at + 1;
      const line = take();
      if (line !== undefined) yield line;
    }
    const rest = chunk.length - start;
    length += rest;
    bytesRead += rest;
    if (length > maxLineBytes) parts = [];
    else parts.push(chunk.subarray(start));
  }
  if (length > 0) {
    const line = take();
    if (line !== undefined) yield line;
  }
}

interface RawLine {
  readonly parts: readonly Uint8Array[];
  readonly length: number;
  readonly maxLineBytes: number;
}

function decode(
  line: RawLine,
): { readonly text: string } | { readonly problem: string } | undefined {
  if (line.length > line.maxLineBytes) return { problem: `longer than ${line.maxLineBytes} bytes` };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(line.parts));
    return text.trim() === '' ? undefined : { text };
  } catch {
    return { problem: 'not UTF-8' };
  }
}
