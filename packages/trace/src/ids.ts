/**
 * Random trace and span ids. Never all zero, which W3C Trace Context reserves for "none".
 *
 * @module
 */
import { randomFillSync } from 'node:crypto';

/** Random bytes are drawn in blocks: one system call for 256 span ids. */
const pool: Buffer = Buffer.alloc(2048);
let used: number = pool.length;

/** 32 lowercase hex characters. */
export function randomTraceId(): string {
  return draw(16);
}

/** 16 lowercase hex characters. */
export function randomSpanId(): string {
  return draw(8);
}

function draw(bytes: number): string {
  for (;;) {
    if (used + bytes > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const id = pool.toString('hex', used, used + bytes);
    used += bytes;
    if (/[1-9a-f]/.test(id)) return id;
  }
}
