/**
 * The lines of the receipt spool.
 *
 *     <8 hex of SHA-256 over the rest> SP <kind> SP <id> SP <body> LF
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
import { sha256Hex } from '@proofmark/core';

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

/** One line with its line feed. */
export function spoolLine(record: SpoolRecord): string {
  const rest = `${record.kind} ${record.id} ${record.body}`;
  return `${sum(rest)} ${rest}\n`;
}

/** Reads a line without its line feed; null when it is not whole. */
export function parseSpoolLine(line: string): SpoolRecord | null {
  const rest = line.slice(SUM_CHARACTERS + 1);
  if (line[SUM_CHARACTERS] !== ' ' || line.slice(0, SUM_CHARACTERS) !== sum(rest)) return null;
  const [kind = '', id = ''] = rest.split(' ', 2);
  if (!isKind(kind)) return null;
  return { kind, id, body: rest.slice(kind.length + id.length + 2) };
}

function isKind(text: string): text is SpoolKind {
  return KINDS.includes(text);
}

function sum(text: string): string {
  return sha256Hex(text).slice(0, SUM_CHARACTERS);
}
