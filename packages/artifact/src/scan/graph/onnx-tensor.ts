/**
 * One ONNX TensorProto: where its data come from and whether their size holds (rules O-1, O-3).
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { fault } from '../errors.ts';
import type { Inspection, Sibling } from '../inspection.ts';
import type { Field, Message } from './protobuf.ts';
import { fieldText, fields, nested, varints } from './protobuf.ts';

const EXTERNAL = 1n;
const KEYS = new Set(['location', 'offset', 'length', 'checksum', 'basepath']);
/** Bits of an element by TensorProto.DataType; 0 for text and unknown types. */
const ITEM_BITS = [
  0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4, 8, 2, 2,
];
const MAX_ELEMENTS = 1n << 62n;

interface Tensor {
  name: string;
  dims: bigint[];
  type: number;
  location: bigint;
  rawBytes: number | null;
  readonly entries: Map<string, string>;
}

/** Judges one tensor. @throws {ScanError} where it is malformed */
export function readTensor(inspection: Inspection, message: Message): void {
  const tensor = parse(inspection, message);
  const count = elements(tensor, message.start);
  if (tensor.entries.size > 0 || tensor.location === EXTERNAL) {
    checkExternal(inspection, tensor, message.start);
    return;
  }
  const bits = ITEM_BITS[tensor.type] ?? 0;
  if (tensor.rawBytes === null || bits === 0) return;
  const expected = (count * BigInt(bits) + 7n) / 8n;
  if (expected !== BigInt(tensor.rawBytes)) {
    const what = `the tensor ${excerpt(tensor.name)} has ${tensor.rawBytes} bytes of data`;
    throw fault('SCAN_MALFORMED', `${what} and its shape needs ${expected}`, message.start);
  }
}

function parse(inspection: Inspection, message: Message): Tensor {
  const tensor: Tensor = {
    name: '',
    dims: [],
    type: 0,
    location: 0n,
    rawBytes: null,
    entries: new Map(),
  };
  for (const field of fields(message, (steps) => inspection.spend(steps))) {
    switch (field.id) {
      case 1:
        tensor.dims.push(...varints(message, field));
        break;
      case 2:
        tensor.type = Number(field.value);
        break;
      case 8:
        tensor.name = fieldText(message, field);
        break;
      case 9:
        tensor.rawBytes = field.end - field.start;
        break;
      case 13:
        addEntry(inspection, tensor, message, field);
        break;
      case 14:
        tensor.location = field.value;
        break;
      default: // typed data fields: the runtime checks their counts against the shape
    }
    if (tensor.dims.length > 64)
      throw fault('SCAN_MALFORMED', 'a tensor has too many dimensions', field.start);
  }
  return tensor;
}

function addEntry(inspection: Inspection, tensor: Tensor, message: Message, field: Field): void {
  const entry = nested(message, field);
  let [key, value] = ['', ''];
  for (const part of fields(entry, (steps) => inspection.spend(steps))) {
    if (part.id === 1) key = fieldText(entry, part);
    if (part.id === 2) value = fieldText(entry, part);
  }
  if (!KEYS.has(key)) {
    throw fault('SCAN_MALFORMED', `external data has the unknown key ${excerpt(key)}`, field.start);
  }
  if (tensor.entries.has(key)) {
    throw fault('SCAN_MALFORMED', `external data has the key ${key} twice`, field.start);
  }
  tensor.entries.set(key, value);
}

function elements(tensor: Tensor, offset: number): bigint {
  let count = 1n;
  for (const size of tensor.dims) {
    if (size < 0n)
      throw fault(
        'SCAN_MALFORMED',
        `the tensor ${excerpt(tensor.name)} has a negative size`,
        offset,
      );
    count *= size;
    if (count > MAX_ELEMENTS) {
      throw fault('SCAN_MALFORMED', `the shape of ${excerpt(tensor.name)} overflows`, offset);
    }
  }
  return count;
}

function checkExternal(inspection: Inspection, tensor: Tensor, offset: number): void {
  const location = tensor.entries.get('location') ?? '';
  const why = leaves(location);
  if (why !== null) {
    const what = `loading the model opens ${excerpt(location)} for ${excerpt(tensor.name)}`;
    inspection.report('O-1', `${what}: the path ${why}`, offset);
    return;
  }
  if ((tensor.entries.get('basepath') ?? '') !== '') {
    inspection.report('O-1', 'external data moves its folder with a basepath', offset);
  }
  const [start, length] = [decimal(tensor, 'offset', offset), decimal(tensor, 'length', offset)];
  if (inspection.place.depth > 0) return checkMember(inspection, location, offset);
  const { path, folder } = inspection.job;
  const base = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
  const target = base + location.replace(/^(?:\.\/)+/, '');
  const sibling = folder.siblings.get(target);
  folder.tensorData.add(target);
  checkSibling(inspection, location, sibling, offset);
  if (sibling?.kind !== 'file') return;
  const end = (start ?? 0n) + (length ?? 0n);
  if (end > BigInt(sibling.sizeBytes)) {
    const what = `the data of ${excerpt(tensor.name)} end at ${end} of ${sibling.sizeBytes} bytes`;
    throw fault('SCAN_MALFORMED', what, offset);
  }
}

function checkSibling(
  inspection: Inspection,
  location: string,
  sibling: Sibling | undefined,
  offset: number,
): void {
  const name = excerpt(location);
  if (sibling === undefined) {
    inspection.report('O-3', `the external data file ${name} is not in the folder`, offset);
  } else if (sibling.kind !== 'file') {
    inspection.report('O-1', `loading the model follows the link or device ${name}`, offset);
  } else if (sibling.links > 1) {
    const what = `the external data file ${name} is a hard link: its bytes can change elsewhere`;
    inspection.report('O-1', what, offset);
  }
}

function checkMember(inspection: Inspection, location: string, offset: number): void {
  inspection.report(
    'O-3',
    `external data ${excerpt(location)} of a model in an archive are not read`,
    offset,
  );
}

/** Why a location leaves the folder, or null. */
function leaves(location: string): string | null {
  if (location === '') return 'is empty';
  if (location.includes('\0')) return 'holds a NUL';
  if (location.includes('\\')) return 'holds a backslash, which is a separator on Windows';
  if (location.startsWith('/')) return 'is absolute';
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(location)) return 'names a drive or a scheme';
  if (location.startsWith('~')) return 'names a home folder';
  let decoded = location;
  for (let n = 0; n < 3; n += 1) {
    decoded = decoded.replaceAll(/%([0-9a-fA-F]{2})/g, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
  if (decoded.split(/[/\\]/).includes('..')) return 'climbs out of the folder with ".."';
  return null;
}

function decimal(tensor: Tensor, key: string, offset: number): bigint | null {
  const value = tensor.entries.get(key);
  if (value === undefined) return null;
  if (!/^\d{1,18}$/.test(value)) {
    throw fault('SCAN_MALFORMED', `the ${key} of external data is ${excerpt(value)}`, offset);
  }
  return BigInt(value);
}
