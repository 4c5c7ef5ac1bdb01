/**
 * Random ids: receipt ids and salts. 128 bits each, from the operating system.
 *
 * @module
 */
import { randomFillSync } from 'node:crypto';

const BYTES = 16;
/** One system call for 128 ids. */
const pool: Buffer = Buffer.alloc(BYTES * 128);
let used: number = pool.length;

/** 32 lowercase hex characters. */
export function randomHex(): string {
  if (used + BYTES > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += BYTES;
  return pool.toString('hex', used - BYTES, used);
}

/** `rcpt_` and 32 lowercase hex characters. */
export function receiptId(): string {
  return `rcpt_${randomHex()}`;
}

const RECEIPT_ID = /^rcpt_[0-9a-f]{32}$/;

export function isReceiptId(text: string): boolean {
  return RECEIPT_ID.test(text);
}
