/**
 * TFLite models: FlatBuffer offsets and custom operations (rules T-3, T-4).
 *
 * Only the tables that name operations are read, each offset checked. Select-TF operations
 * (`Flex...`) are judged as the TensorFlow operation they wrap.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import type { ByteSource } from '../byte-source.ts';
import { Cursor } from '../byte-source.ts';
import { ScanError, fault, faultOffset } from '../errors.ts';
import type { Inspection } from '../inspection.ts';
import { TF_EFFECTS } from './tf-effect.ts';

const CUSTOM = 32;
const MAX_CODES = 10_000;
const OPERATOR_CODES = 1;
const SUBGRAPHS = 2;

export function readTflite(inspection: Inspection): void {
  inspection.format = 'tflite';
  try {
    const buffer = new FlatBuffer(inspection.source);
    const root = buffer.root();
    if (buffer.vector(root, SUBGRAPHS).length === 0) {
      throw fault('SCAN_MALFORMED', 'the model has no subgraph');
    }
    for (const code of buffer.vector(root, OPERATOR_CODES)) {
      inspection.spend(1);
      readCode(inspection, buffer, code);
    }
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    inspection.report('T-3', `the file is malformed: ${error.message}`, faultOffset(error));
  }
}

function readCode(inspection: Inspection, buffer: FlatBuffer, table: number): void {
  const name = buffer.text(table, 1);
  const builtin = Math.max(buffer.scalar(table, 0, 1), buffer.scalar(table, 3, 4));
  if (name === null && builtin !== CUSTOM) return;
  if (name === null) {
    inspection.report('T-4', 'running the model needs a custom operation without a name', table);
    return;
  }
  const wrapped = name.startsWith('Flex') ? name.slice(4) : null;
  const effect = wrapped === null ? undefined : TF_EFFECTS.get(wrapped);
  if (effect !== undefined) {
    inspection.report('T-1', `running the model ${effect}: the operation ${excerpt(name)}`, table);
  } else if (wrapped === null) {
    inspection.report('T-4', `running the model needs native code for ${excerpt(name)}`, table);
  }
}

/** Tables and vectors of a FlatBuffer; every offset is checked against the file. */
class FlatBuffer {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  root(): number {
    return this.#u32(0);
  }

  /** Offsets of the tables in a vector field. */
  vector(table: number, field: number): number[] {
    const at = this.#field(table, field);
    if (at === null) return [];
    const vector = at + this.#u32(at);
    const length = this.#u32(vector);
    if (length > MAX_CODES || vector + 4 + length * 4 > this.#source.sizeBytes) {
      throw fault('SCAN_MALFORMED', 'a vector is longer than the file', vector);
    }
    return Array.from({ length }, (_, n) => {
      const slot = vector + 4 + n * 4;
      return slot + this.#u32(slot);
    });
  }

  text(table: number, field: number): string | null {
    const at = this.#field(table, field);
    if (at === null) return null;
    const start = at + this.#u32(at);
    const cursor = this.#cursor(start);
    return Buffer.from(cursor.take(cursor.u32())).toString('utf8');
  }

  scalar(table: number, field: number, width: 1 | 4): number {
    const at = this.#field(table, field);
    if (at === null) return 0;
    return width === 1 ? this.#cursor(at).u8() : this.#cursor(at).i32();
  }

  #field(table: number, field: number): number | null {
    const vtable = table - this.#cursor(table).i32();
    const size = this.#cursor(vtable).u16();
    const slot = 4 + field * 2;
    if (slot + 2 > size) return null;
    const offset = this.#cursor(vtable + slot).u16();
    return offset === 0 ? null : table + offset;
  }

  #u32(offset: number): number {
    return this.#cursor(offset).u32();
  }

  #cursor(offset: number): Cursor {
    if (offset < 0 || offset >= this.#source.sizeBytes) {
      throw fault('SCAN_TRUNCATED', 'an offset points outside the file', offset);
    }
    return new Cursor(this.#source, offset);
  }
}
