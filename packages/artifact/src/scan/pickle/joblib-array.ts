/**
 * Arrays that joblib writes inside the pickle stream (requirement P-11).
 *
 * After the BUILD of a `NumpyArrayWrapper` its loader reads, from the same file: one length byte
 * and that much padding (when the wrapper says so), then shape x element size raw bytes; for
 * object arrays a whole pickle. A reader that does not skip exactly this much never sees what
 * follows. A plain `pickle.load` does not skip at all: if the array bytes would act as opcodes,
 * the two readers disagree and that is a finding too.
 *
 * @module
 */
import { pickledElementType } from '../tensor/dtype.ts';
import type { InlineArrays, Machine } from './machine.ts';
import { probePickle } from './probe.ts';
import type { Value } from './value.ts';
import { entriesOf, sizeOf, textOf } from './value.ts';

const MODULES = new Set(['joblib.numpy_pickle', 'joblib.numpy_pickle_compat']);

/** Loads the pickle at an offset and returns where it ends. */
export type LoadNested = (machine: Machine, start: number) => number;

export function joblibArrays(load: LoadNested): InlineArrays {
  return (machine, wrapper) => {
    const { callee, state } = wrapper;
    if (callee.kind !== 'global' || !MODULES.has(callee.module)) return;
    const entries = entriesOf(state);
    if (entries === null) {
      throw unlocated(machine, 'its description is not a small dict of literal names');
    }
    if (callee.name === 'NumpyArrayWrapper') readArray(machine, entries, load);
    else checkSidecar(machine, entries);
  };
}

function readArray(machine: Machine, entries: ReadonlyMap<string, Value>, load: LoadNested): void {
  const type = pickledElementType(entries.get('dtype'));
  const count = elements(entries.get('shape'));
  if (type === null || count === null) {
    throw unlocated(machine, 'its type or shape is not a literal');
  }
  machine.arrays += 1;
  machine.leaveFrame();
  const { cursor } = machine;
  if (type.hasObjects) {
    cursor.offset = load(machine, cursor.offset);
    return;
  }
  if (machine.arrays === 1) checkOtherReading(machine);
  const alignment = entries.get('numpy_array_alignment_bytes');
  if (alignment !== undefined && alignment.kind !== 'atom') cursor.skip(cursor.u8());
  const sizeBytes = count * type.sizeBytes;
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes > cursor.remaining) {
    throw unlocated(machine, `it claims ${sizeBytes} bytes and ${cursor.remaining} remain`);
  }
  cursor.skip(sizeBytes);
}

/** joblib 0.9 kept arrays in files beside the pickle. */
function checkSidecar(machine: Machine, entries: ReadonlyMap<string, Value>): void {
  const name = textOf(entries.get('filename'));
  if (name === null) throw unlocated(machine, 'its file name is not a literal');
  if (name === '' || /[/\\\0:]/.test(name) || name === '..') {
    const what = 'loading this file reads an array from a path outside its folder';
    machine.inspection.report('Z-4', `${what}: ${name.slice(0, 80)}`, machine.at);
  }
}

function checkOtherReading(machine: Machine): void {
  const { source } = machine.inspection;
  const probe = probePickle(source, machine.cursor.offset, machine.stack);
  if (probe.isCut) {
    const what =
      'the array bytes read as more opcodes than are looked at when pickle.load reads on';
    machine.inspection.report('P-8', what, machine.cursor.offset);
  }
  if (probe.denied === 0 || !probe.acts) return;
  machine.inspection.report(
    'P-9',
    'the array bytes import and call code when the file is read with pickle.load',
    machine.cursor.offset,
  );
}

function elements(shape: Value | undefined): number | null {
  if (shape?.kind !== 'tuple') return null;
  let count = 1;
  for (const item of shape.items) {
    const size = sizeOf(item);
    if (size === null) return null;
    count *= size;
  }
  return Number.isSafeInteger(count) ? count : null;
}

function unlocated(machine: Machine, why: string): Error {
  const what = `an array inside the stream cannot be located: ${why}`;
  machine.inspection.report('P-11', what, machine.cursor.offset);
  return machine.broken('an array inside the stream cannot be located');
}
