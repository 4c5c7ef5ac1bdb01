/**
 * Other tools' attack and test files as dataset rows.
 *
 * | format | what becomes a row |
 * | ------ | ------------------ |
 * | jsonl | each line; `family` defaults to the option |
 * | csv | each row by its column names; `label` becomes a number |
 * | promptfoo | each test of a configuration (`vars`), or each result of an output file |
 * | garak | each attempt of a report (`entry_type: attempt`), or each line of a hit log |
 * | harmbench | each behaviour of the CSV |
 *
 * A row without an id of its own is named by the digest of its content, so that importing a file
 * twice gives the same dataset.
 *
 * @module
 */
import { canonicalJson, sha256Hex } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import { toDataset, toRow } from '../dataset.ts';
import type { Dataset } from '../dataset.ts';
import { EvalsError } from '../errors.ts';
import { isRecord } from '../evaluation.ts';
import type { Severity } from '../result.ts';
import { readCsv } from './csv.ts';

export const IMPORT_FORMATS = ['jsonl', 'csv', 'promptfoo', 'garak', 'harmbench'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** What rows that do not say it themselves are given. */
export interface ImportDefaults {
  readonly family?: string;
  readonly severity?: Severity;
  readonly owner?: string;
}

/**
 * `source` is the text of the file; for promptfoo, the parsed document.
 *
 * @throws {EvalsError} EVALS_DATASET_INVALID
 */
export function importDataset(
  format: ImportFormat,
  source: unknown,
  defaults: ImportDefaults = {},
): Dataset {
  const rows = new Map<string, JsonObject>();
  for (const fields of readers[format](source)) {
    const { family = 'imported', severity = 'none', owner = '' } = defaults;
    const row: JsonObject = { family, severity, owner, ...fields };
    const id =
      typeof row['id'] === 'string' && row['id'] !== '' ? row['id'] : contentId(format, row);
    rows.set(id, { ...row, id });
  }
  if (rows.size === 0) throw refuse(format, 'it holds no rows');
  return toDataset([...rows.values()].map((row) => toRow(row, 'imported row')));
}

function contentId(format: ImportFormat, row: JsonObject): string {
  return `${format}-${sha256Hex(canonicalJson(row)).slice(0, 16)}`;
}

const readers: Readonly<Record<ImportFormat, (source: unknown) => readonly JsonObject[]>> = {
  jsonl: (source) => jsonLines(source).map(toObject),
  csv: (source) => readCsv(text(source)).map(labelled),
  promptfoo,
  garak: (source) => jsonLines(source).flatMap(garakRow),
  harmbench: (source) => readCsv(text(source)).map(harmbenchRow),
};

function labelled(record: ReadonlyMap<string, string>): JsonObject {
  const row = Object.fromEntries(record);
  return row['label'] === '0' || row['label'] === '1'
    ? { ...row, label: Number(row['label']) }
    : row;
}

function harmbenchRow(record: ReadonlyMap<string, string>): JsonObject {
  const behaviour = record.get('Behavior');
  if (behaviour === undefined) throw refuse('harmbench', 'there is no column `Behavior`');
  const context = record.get('ContextString') ?? '';
  return {
    ...named(record.get('BehaviorID')),
    family: record.get('SemanticCategory') || 'harmbench',
    text: behaviour,
    label: 1,
    ...(context === '' ? {} : { context }),
    ...(record.get('FunctionalCategory') ? { kind: record.get('FunctionalCategory') ?? '' } : {}),
  };
}

function named(id: string | undefined): JsonObject {
  return id === undefined || id === '' ? {} : { id };
}

function promptfoo(source: unknown): readonly JsonObject[] {
  const results = isRecord(source) ? source['results'] : undefined;
  const list = isRecord(results) ? results['results'] : isRecord(source) ? source['tests'] : source;
  if (!Array.isArray(list)) throw refuse('promptfoo', 'it has neither `tests` nor `results`');
  return list.flatMap((test: unknown): readonly JsonObject[] => {
    if (!isRecord(test)) return [];
    const vars = isRecord(test['vars']) ? test['vars'] : {};
    const metadata = isRecord(test['metadata']) ? test['metadata'] : {};
    const plugin = metadata['pluginId'] ?? metadata['strategyId'];
    return [
      {
        text:
          firstText(vars, ['prompt', 'query', 'input', 'question', 'text']) ??
          canonicalJson(vars as Json),
        ...(typeof plugin === 'string' ? { family: plugin, label: 1 } : {}),
        ...(typeof test['description'] === 'string' ? { description: test['description'] } : {}),
        ...(Array.isArray(test['assert']) ? { assert: test['assert'] as Json } : {}),
      },
    ];
  });
}

function firstText(
  record: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): string | undefined {
  return keys.map((key) => record[key]).find((value) => typeof value === 'string');
}

/** Reports hold many kinds of entries; only attempts and hits are attacks. */
function garakRow(entry: unknown): readonly JsonObject[] {
  if (!isRecord(entry)) return [];
  const kind = entry['entry_type'];
  if (kind !== undefined && kind !== 'attempt') return [];
  const prompt = turnsText(entry['prompt']);
  const probe = entry['probe_classname'] ?? entry['probe'];
  if (prompt === undefined || typeof probe !== 'string') return [];
  const output = turnsText(entry['output']) ?? turnsText(first(entry['outputs']));
  const goal = entry['goal'];
  return [
    {
      family: probe,
      text: prompt,
      label: 1,
      ...(typeof goal === 'string' ? { goal } : {}),
      ...(output === undefined ? {} : { output }),
    },
  ];
}

function first(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}

/** Plain text, `{ text }`, or a conversation of `{ turns: [{ content: { text } }] }`. */
function turnsText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!isRecord(value)) return undefined;
  if (typeof value['text'] === 'string') return value['text'];
  const { turns } = value;
  if (!Array.isArray(turns)) return undefined;
  const texts = turns.map((turn: unknown) => turnsText(isRecord(turn) ? turn['content'] : turn));
  return texts.filter((said) => said !== undefined).join('\n');
}

function jsonLines(source: unknown): readonly unknown[] {
  return text(source)
    .split('\n')
    .flatMap((line, i): readonly unknown[] => {
      if (line.trim() === '') return [];
      try {
        return [JSON.parse(line)];
      } catch (cause) {
        throw new EvalsError('EVALS_DATASET_INVALID', `cannot import line ${i + 1}: not JSON`, {
          cause,
        });
      }
    });
}

function toObject(row: unknown): JsonObject {
  if (!isRecord(row)) throw refuse('jsonl', 'a line is not an object');
  return row as JsonObject;
}

function text(source: unknown): string {
  if (typeof source === 'string') return source;
  throw refuse('file', 'it is no text');
}

function refuse(what: string, why: string): EvalsError {
  return new EvalsError('EVALS_DATASET_INVALID', `cannot import (${what}): ${why}`);
}
