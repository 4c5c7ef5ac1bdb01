/**
 * Reads the columns of a database row, each with its type.
 *
 * @module
 */
import type { SQLOutputValue } from 'node:sqlite';

import { ServerError } from '../errors.ts';

export type Row = Readonly<Record<string, SQLOutputValue>>;

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw invalid(column);
  return value;
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw invalid(column);
  return value;
}

export function real(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw invalid(column);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function integerOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}

export function blob(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw invalid(column);
  return value;
}

/** One of a closed set of words. */
export function word<T extends string>(row: Row, column: string, allowed: readonly T[]): T {
  const found = allowed.find((item) => item === row[column]);
  if (found === undefined) throw invalid(column);
  return found;
}

function invalid(column: string): ServerError {
  return new ServerError(
    'SERVER_ROW_INVALID',
    `cannot read a stored row: column ${column} does not have the expected type; the database was changed from outside`,
  );
}
