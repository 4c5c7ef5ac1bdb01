/**
 * One row of a labelled file, read from attacker-controlled JSON.
 *
 * A row is an object with the fields of its task, an optional `id` and an optional `label` (1 for
 * attack, harmful, unsafe, unfaithful, personal data present, not helpful; 0 for the opposite).
 * Anything else is named and refused, so that a broken row is never counted as a judged one.
 *
 * @module
 */
import { EvalsError } from '../errors.ts';
import { isRecord } from '../evaluation.ts';

export interface LabelledRow {
  readonly id: string;
  readonly label: 0 | 1 | null;
  readonly fields: Readonly<Record<string, unknown>>;
}

const MAX_ID = 200;

/**
 * Reads a parsed row. `place` names it when it has no id of its own, for example `line 7`.
 *
 * @throws {EvalsError} EVALS_DATASET_INVALID
 */
export function readLabelledRow(row: unknown, place: string): LabelledRow {
  if (!isRecord(row)) throw refuse(place, 'it is not an object');
  return { id: rowId(row, place), label: readLabel(row, place), fields: row };
}

/** The id that a row, whole or broken, is reported under. */
export function rowId(row: unknown, place: string): string {
  const id = isRecord(row) ? row['id'] : undefined;
  if (typeof id === 'number') return String(id);
  return typeof id === 'string' && id !== '' ? id.slice(0, MAX_ID) : place;
}

function readLabel(row: Readonly<Record<string, unknown>>, place: string): 0 | 1 | null {
  const label = row['label'];
  if (label === undefined || label === null) return null;
  if (label === 1 || label === true) return 1;
  if (label === 0 || label === false) return 0;
  throw refuse(rowId(row, place), '`label` is not 0 or 1');
}

/**
 * The first of `keys` that holds text.
 *
 * @throws {EvalsError} EVALS_DATASET_INVALID: rows of another task measure nothing.
 */
export function textField(row: LabelledRow, ...keys: readonly string[]): string {
  for (const key of keys) {
    const value = row.fields[key];
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  }
  throw refuse(row.id, `it has no text in \`${keys.join('` or `')}\``);
}

export function optionalField(row: LabelledRow, key: string): string | undefined {
  return row.fields[key] === undefined || row.fields[key] === null
    ? undefined
    : textField(row, key);
}

export function refuse(where: string, why: string): EvalsError {
  return new EvalsError('EVALS_DATASET_INVALID', `cannot use row ${where}: ${why}`);
}
