/**
 * safetensors: the header, rule by rule; tensor bytes are never read.
 *
 * Rules S-1 to S-7 follow the format description and the reference reader, which is stricter than
 * JSON: unsigned integers only, no duplicate keys at any level, tensors that tile the data exactly.
 * `__proto__` is a tensor name like any other.
 *
 * @module
 */
import { CoreError, excerpt, parseStrictJson } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import { Cursor, sliceSource } from '../byte-source.ts';
import type { Inspection } from '../inspection.ts';
import { probePickle } from '../pickle/probe.ts';
import { checkEmbedded } from '../text/document.ts';
import { checkText } from '../text/target.ts';

const MAX_HEADER_BYTES = 100_000_000;
const MAX_DEPTH = 128;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;
const MAX_BAD_TENSORS = 8;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIELDS = new Set(['dtype', 'shape', 'data_offsets']);

const BITS: ReadonlyMap<string, bigint> = new Map<string, bigint>([
  ['BOOL', 8n],
  ['F4', 4n],
  ['F6_E2M3', 6n],
  ['F6_E3M2', 6n],
  ['U8', 8n],
  ['I8', 8n],
  ['F8_E5M2', 8n],
  ['F8_E4M3', 8n],
  ['F8_E8M0', 8n],
  ['F8_E4M3FNUZ', 8n],
  ['F8_E5M2FNUZ', 8n],
  ['I16', 16n],
  ['U16', 16n],
  ['F16', 16n],
  ['BF16', 16n],
  ['I32', 32n],
  ['U32', 32n],
  ['F32', 32n],
  ['C64', 64n],
  ['F64', 64n],
  ['I64', 64n],
  ['U64', 64n],
]);

/** Hears of every tensor of a header whose fields are well-formed; its place is checked after. */
export type OnTensor = (tensor: {
  readonly name: string;
  readonly dtype: string;
  readonly elements: bigint;
}) => void;

interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly elements: bigint;
  readonly begin: number;
  readonly end: number;
  readonly bits: bigint;
}

export function readSafetensors(
  inspection: Inspection,
  onTensor: OnTensor = () => undefined,
): void {
  inspection.format = 'safetensors';
  const { source } = inspection;
  if (source.sizeBytes < 8) {
    inspection.report('S-1', 'the file is shorter than the header length', 0);
    return;
  }
  const length = new Cursor(source).u64();
  if (length > BigInt(MAX_HEADER_BYTES) || length + 8n > BigInt(source.sizeBytes)) {
    const what = `the header claims ${length} bytes and ${source.sizeBytes - 8} remain`;
    inspection.report('S-1', what, 0);
    return;
  }
  const headerBytes = Number(length);
  const header = readHeader(inspection, headerBytes);
  if (header === null) return;
  checkMetadata(inspection, header['__metadata__']);
  const tensors = readTensors(inspection, header);
  if (tensors === null) return;
  for (const tensor of tensors) onTensor(tensor);
  inspection.job.folder.tensorNames.set(inspection.job.path, new Set(tensors.map((t) => t.name)));
  checkTiling(inspection, tensors, source.sizeBytes - 8 - headerBytes);
}

function readHeader(inspection: Inspection, headerBytes: number): JsonObject | null {
  const bytes = inspection.source.read(8, headerBytes);
  inspection.spend(Math.ceil(headerBytes / 64));
  let header: Json;
  try {
    header = parseStrictJson(bytes, { maxBytes: MAX_HEADER_BYTES, maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    const id = error.message.includes('twice') ? 'S-3' : 'S-2';
    inspection.report(id, `the header is malformed: ${error.message}`, 8);
    return null;
  }
  if (!isObject(header)) {
    inspection.report('S-2', 'the header is not an object', 8);
    return null;
  }
  const number = badNumber(Buffer.from(bytes).toString('utf8'));
  if (number !== null) {
    const what = `the header holds a number that is not an unsigned integer: ${number}`;
    inspection.report('S-5', what, 8);
    return null;
  }
  return header;
}

/** A number outside strings that is not a plain unsigned integer below 2^53, or null. */
function badNumber(json: string): string | null {
  for (let at = 0; at < json.length; at = stringEnd(json, at)) {
    const quote = json.indexOf('"', at);
    const outside = json.slice(at, quote < 0 ? json.length : quote);
    for (const [number] of outside.matchAll(/[-+\d][-+.\deE]*/g)) {
      if (!/^(?:0|[1-9]\d*)$/.test(number)) return number.slice(0, 40);
      if (number.length > 15 && BigInt(number) > BigInt(Number.MAX_SAFE_INTEGER)) {
        return number.slice(0, 40);
      }
    }
  }
  return null;
}

/**
 * Where the next string at or behind `at` has ended, or the end of the text. Not one expression over a
 * whole string: the engine keeps a place to come back to for each character, and stops at some millions.
 */
function stringEnd(json: string, at: number): number {
  const quote = json.indexOf('"', at);
  if (quote < 0) return json.length;
  for (let next = quote + 1; next < json.length; next += 1) {
    const unit = json.charCodeAt(next);
    if (unit === QUOTE) return next + 1;
    if (unit === BACKSLASH) next += 1;
  }
  return json.length;
}

function checkMetadata(inspection: Inspection, metadata: Json | undefined): void {
  if (metadata === undefined) return;
  if (!isObject(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
    inspection.report('S-4', '__metadata__ holds something else than text', 8);
    return;
  }
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') continue;
    checkText(inspection, value, '__metadata__');
    checkEmbedded(inspection, key, value, null);
  }
}

function readTensors(inspection: Inspection, header: JsonObject): Tensor[] | null {
  const tensors: Tensor[] = [];
  let bad = 0;
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const tensor = readTensor(name, entry);
    if (typeof tensor !== 'string') {
      tensors.push(tensor);
      continue;
    }
    inspection.report('S-5', `the tensor ${excerpt(name)} ${tensor}`, 8);
    bad += 1;
    if (bad >= MAX_BAD_TENSORS) break;
  }
  return bad === 0 ? tensors : null;
}

/** The tensor, or what is wrong with it. */
function readTensor(name: string, entry: Json): Tensor | string {
  if (!isObject(entry)) return 'is not an object';
  const extra = Object.keys(entry).find((key) => !FIELDS.has(key));
  if (extra !== undefined) return `has the unknown field ${excerpt(extra)}`;
  const { dtype, shape, data_offsets: offsets } = entry;
  const itemBits = typeof dtype === 'string' ? BITS.get(dtype) : undefined;
  if (typeof dtype !== 'string' || itemBits === undefined) return 'has an unknown dtype';
  const elements = elementsOf(shape);
  if (typeof elements === 'string') return elements;
  if (!Array.isArray(offsets) || offsets.length !== 2) return 'has no two data_offsets';
  const [begin, end] = offsets as readonly Json[];
  if (!isUnsigned(begin) || !isUnsigned(end)) return 'has data_offsets that are not unsigned';
  if (end < begin) return 'ends before it begins';
  return { name, dtype, elements, begin, end, bits: elements * itemBits };
}

/** The number of elements, or what is wrong with the shape. */
function elementsOf(shape: Json | undefined): bigint | string {
  if (!Array.isArray(shape)) return 'has no shape';
  let elements = 1n;
  for (const size of shape as readonly Json[]) {
    if (!isUnsigned(size)) return 'has a shape that is not of unsigned integers';
    elements *= BigInt(size);
    if (elements > MAX_U64) return 'has a shape whose product overflows';
  }
  return elements;
}

function checkTiling(inspection: Inspection, tensors: readonly Tensor[], dataBytes: number): void {
  let end = 0;
  for (const tensor of tensors.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    const name = excerpt(tensor.name);
    if (tensor.begin !== end) {
      const what = tensor.begin > end ? 'leaves a hole before it' : 'overlaps the one before';
      inspection.report('S-6', `the tensor ${name} ${what}`, 8);
      return;
    }
    if (tensor.bits % 8n !== 0n || tensor.bits / 8n !== BigInt(tensor.end - tensor.begin)) {
      inspection.report('S-6', `the tensor ${name} has another size than its shape`, 8);
      return;
    }
    end = tensor.end;
  }
  if (end > dataBytes) {
    inspection.report('S-6', `the tensors need ${end} bytes and ${dataBytes} remain`, 8);
  } else if (end < dataBytes) {
    const offset = inspection.source.sizeBytes - dataBytes + end;
    inspection.report('S-7', `${dataBytes - end} bytes belong to no tensor`, offset);
    judgeTail(inspection, offset);
  }
}

/** What stands behind the tensors may be a pickle that another reader begins at. */
function judgeTail(inspection: Inspection, offset: number): void {
  const { source } = inspection;
  const tail = sliceSource(source, offset, source.sizeBytes);
  const probe = probePickle(tail, 0);
  if (probe.denied > 0 && (probe.acts || probe.complete)) {
    inspection.member(`bytes@${offset}`, tail);
  }
}

function isUnsigned(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
