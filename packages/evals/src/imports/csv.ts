/**
 * Comma-separated values (RFC 4180), as records by the names of the first line.
 *
 * Quoted fields may hold separators, quotes and line breaks. Input is untrusted: a quote that never
 * closes, a row with another number of fields, or a repeated name is refused, never guessed at.
 *
 * @module
 */
import { EvalsError } from '../errors.ts';

const MAX_ROWS = 200_000;
const MAX_COLUMNS = 200;

/** @throws {EvalsError} EVALS_DATASET_INVALID naming the row */
export function readCsv(text: string): readonly ReadonlyMap<string, string>[] {
  const [names, ...rows] = splitRows(text.replace(/^\ufeff/, ''));
  if (names === undefined) throw refuse('it has no first line of names');
  if (names.length > MAX_COLUMNS || new Set(names).size !== names.length) {
    throw refuse(`a name of a column repeats, or there are more than ${MAX_COLUMNS}`);
  }
  return rows.map((fields, i) => {
    if (fields.length !== names.length) {
      throw refuse(`row ${i + 2} has ${fields.length} fields instead of ${names.length}`);
    }
    return new Map(names.map((name, column) => [name.trim(), fields[column] ?? '']));
  });
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

function splitRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < text.length) {
    const match = FIELD.exec(text);
    if (match === null) throw refuse(`row ${rows.length + 1} has a stray or open quote`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') {
      if (FIELD.lastIndex === text.length) row.push('');
      continue;
    }
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
    if (rows.length > MAX_ROWS) throw refuse(`it has more than ${MAX_ROWS} rows`);
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

function refuse(why: string): EvalsError {
  return new EvalsError('EVALS_DATASET_INVALID', `cannot read the CSV file: ${why}`);
}
