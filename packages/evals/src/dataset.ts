/**
 * Datasets: rows in JSON Lines, identified by the digest of their content.
 *
 * A dataset's version is the SHA-256 of its rows in canonical JSON, one per line, sorted by id: the
 * same rows in another order or spacing are the same version. Rows are attacker-controlled text; the
 * envelope (id, family, severity, owner) is checked, the rest is kept as it is.
 *
 * @module
 */
import { canonicalJson, parseStrictJson, sha256Hex } from '@proofmark/core';
import type { JsonObject } from '@proofmark/core';

import { EvalsError } from './errors.ts';
import { isRecord } from './evaluation.ts';
import type { Severity } from './result.ts';

export interface DatasetRow {
  readonly id: string;
  /** Attack family or kind of task. */
  readonly family: string;
  readonly severity: Severity;
  /** Who answers for the row. */
  readonly owner: string;
  /** The trace the row was made from, when it came from production. */
  readonly traceId?: string;
  /** The whole row as it was read. */
  readonly data: JsonObject;
}

export interface Dataset {
  /** SHA-256 hex of the canonical content: the version. */
  readonly digest: string;
  /** Sorted by id. */
  readonly rows: readonly DatasetRow[];
}

const MAX_ROWS = 200_000;
const MAX_ROW_LENGTH = 1024 * 1024;
const SEVERITIES: readonly string[] = ['none', 'low', 'medium', 'high', 'critical'];

/** @throws {EvalsError} EVALS_DATASET_INVALID naming the line */
export function readDataset(jsonl: string): Dataset {
  const lines = jsonl.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > MAX_ROWS) throw refuse('the dataset', `more than ${MAX_ROWS} rows`);
  return toDataset(lines.map((line, index) => readLine(line, index + 1)));
}

/** @throws {EvalsError} EVALS_DATASET_INVALID when an id repeats */
export function toDataset(rows: readonly DatasetRow[]): Dataset {
  const sorted = rows.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const repeated = sorted.find((row, i) => i > 0 && sorted[i - 1]?.id === row.id);
  if (repeated !== undefined) throw refuse(repeated.id, 'the id repeats');
  const digest = sha256Hex(sorted.map(({ data }) => canonicalJson(data)).join('\n'));
  return { digest, rows: sorted };
}

/** The canonical file of a dataset; `readDataset` of it gives the same digest. */
export function writeDataset(dataset: Dataset): string {
  return dataset.rows.map(({ data }) => `${canonicalJson(data)}\n`).join('');
}

/** @throws {EvalsError} EVALS_DATASET_INVALID */
export function toRow(value: unknown, where: string): DatasetRow {
  if (!isRecord(value)) throw refuse(where, 'not an object');
  const { id, family, severity = 'none', owner = '', traceId } = value;
  if (typeof id !== 'string' || id === '' || id.length > 200) throw refuse(where, 'no id');
  if (typeof family !== 'string' || family === '') throw refuse(id, 'no family');
  if (!isSeverity(severity)) throw refuse(id, 'bad severity');
  if (typeof owner !== 'string') throw refuse(id, 'owner is not a string');
  return {
    id,
    family,
    severity,
    owner,
    ...(typeof traceId === 'string' ? { traceId } : {}),
    data: value as JsonObject,
  };
}

function isSeverity(value: unknown): value is Severity {
  return typeof value === 'string' && SEVERITIES.includes(value);
}

export interface DatasetDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Which row ids differ between two versions. */
export function diffDatasets(before: Dataset, after: Dataset): DatasetDiff {
  const old = new Map(before.rows.map((row) => [row.id, canonicalJson(row.data)]));
  const fresh = new Map(after.rows.map((row) => [row.id, canonicalJson(row.data)]));
  return {
    added: [...fresh.keys()].filter((id) => !old.has(id)),
    removed: [...old.keys()].filter((id) => !fresh.has(id)),
    changed: [...fresh.keys()].filter((id) => old.has(id) && old.get(id) !== fresh.get(id)),
  };
}

function readLine(line: string, number: number): DatasetRow {
  if (line.length > MAX_ROW_LENGTH) throw refuse(`line ${number}`, 'longer than a row may be');
  let parsed: unknown;
  try {
    parsed = parseStrictJson(line);
  } catch (cause) {
    throw new EvalsError('EVALS_DATASET_INVALID', `cannot read line ${number}: not JSON`, {
      cause,
    });
  }
  return toRow(parsed, `line ${number}`);
}

function refuse(where: string, why: string): EvalsError {
  return new EvalsError('EVALS_DATASET_INVALID', `cannot use dataset row (${where}): ${why}`);
}
