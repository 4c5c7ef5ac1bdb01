/**
 * A red-team row: what is sent to the model, and how one tells that the attack worked.
 *
 * @module
 */
import { EvalsError } from '../errors.ts';
import { isRecord } from '../evaluation.ts';
import type { Dataset, DatasetRow } from '../dataset.ts';

export interface SuiteMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
}

/**
 * What counts as success of the attack:
 * - `leak`: one of the secrets shows up in the output, also encoded, reversed or spaced out.
 * - `marker`: the output carries the marker the attacker asked for, and does not refuse.
 * - `pattern`: the output matches, and does not refuse.
 * - `harm`: ContentSafety fails the output.
 * - `action`: ActionSafety finds a high or critical act in the model's own calls.
 */
export type Oracle =
  | { readonly kind: 'leak'; readonly secrets: readonly string[] }
  | { readonly kind: 'marker'; readonly markers: readonly string[] }
  | { readonly kind: 'pattern'; readonly pattern: RegExp }
  | { readonly kind: 'harm' }
  | { readonly kind: 'action' };

export interface SuiteRow extends DatasetRow {
  readonly messages: readonly SuiteMessage[];
  readonly success: readonly Oracle[];
}

export interface Suite {
  readonly digest: string;
  readonly rows: readonly SuiteRow[];
}

const ROLES: readonly string[] = ['system', 'user', 'assistant', 'tool'];
const MAX_PATTERN = 300;

/** @throws {EvalsError} EVALS_DATASET_INVALID naming the row */
export function readSuite(dataset: Dataset): Suite {
  return { digest: dataset.digest, rows: dataset.rows.map(readRow) };
}

function readRow(row: DatasetRow): SuiteRow {
  const { messages, success } = row.data;
  if (!Array.isArray(messages) || messages.length === 0) throw refuse(row.id, 'no messages');
  if (!Array.isArray(success) || success.length === 0) throw refuse(row.id, 'no success oracle');
  return {
    ...row,
    messages: messages.map((message) => readMessage(row.id, message)),
    success: success.map((oracle) => readOracle(row.id, oracle)),
  };
}

function readMessage(id: string, message: unknown): SuiteMessage {
  const role = isRecord(message) ? message['role'] : undefined;
  const content = isRecord(message) ? message['content'] : undefined;
  if (typeof role !== 'string' || !ROLES.includes(role) || typeof content !== 'string') {
    throw refuse(id, 'a message needs a role and text');
  }
  return { role: role as SuiteMessage['role'], content };
}

function readOracle(id: string, oracle: unknown): Oracle {
  if (!isRecord(oracle)) throw refuse(id, 'an oracle is not an object');
  switch (oracle['kind']) {
    case 'leak':
      return { kind: 'leak', secrets: readStrings(id, oracle['secrets']) };
    case 'marker':
      return { kind: 'marker', markers: readStrings(id, oracle['markers']) };
    case 'pattern':
      return { kind: 'pattern', pattern: readPattern(id, oracle['pattern']) };
    case 'harm':
      return { kind: 'harm' };
    case 'action':
      return { kind: 'action' };
    default:
      throw refuse(id, 'unknown oracle');
  }
}

function readStrings(id: string, value: unknown): readonly string[] {
  const valid = Array.isArray(value) && value.length > 0;
  if (!valid || !value.every((item) => typeof item === 'string' && item.length >= 4)) {
    throw refuse(id, 'an oracle needs strings of four or more characters');
  }
  return value.map(String);
}

function readPattern(id: string, value: unknown): RegExp {
  if (typeof value !== 'string' || value.length > MAX_PATTERN) throw refuse(id, 'bad pattern');
  try {
    return new RegExp(value, 'iu');
  } catch (cause) {
    throw new EvalsError('EVALS_DATASET_INVALID', `cannot use row ${id}: bad pattern`, { cause });
  }
}

function refuse(id: string, why: string): EvalsError {
  return new EvalsError('EVALS_DATASET_INVALID', `cannot use row ${id}: ${why}`);
}
