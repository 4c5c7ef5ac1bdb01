/**
 * Writes pickles opcode by opcode for tests. The text of each name is the literal bytes.
 *
 * @module
 */

type Part = string | number | Uint8Array;

/** Concatenates latin1 text, single bytes and byte strings. */
export function bytes(...parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === 'number'
        ? Buffer.from([part])
        : typeof part === 'string'
          ? Buffer.from(part, 'latin1')
          : Buffer.from(part),
    ),
  );
}

export function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value >>> 0);
  return buffer;
}

export function u64(value: number | bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return buffer;
}

export function u16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value & 0xffff);
  return buffer;
}

/** SHORT_BINUNICODE */
export function text(value: string): Buffer {
  const utf8 = Buffer.from(value, 'utf8');
  return bytes(0x8c, utf8.length, utf8);
}

/** PROTO n */
export function proto(version: number): Buffer {
  return bytes(0x80, version);
}

/** GLOBAL module name */
export function global(module: string, name: string): Buffer {
  return bytes('c', module, '\n', name, '\n');
}

/** A pickle that imports and calls with one text argument. */
export function calls(module: string, name: string, argument = 'id'): Buffer {
  return bytes(proto(2), global(module, name), text(argument), 0x85, 'R.');
}

/** A torch tensor of four floats under one name, stored under `key`. */
export function tensor(name: string, key: string, elements = 4): Buffer {
  return bytes(
    text(name),
    global('torch._utils', '_rebuild_tensor_v2'),
    '((',
    text('storage'),
    global('torch', 'FloatStorage'),
    text(key),
    text('cpu'),
    'K',
    elements,
    'tQK\0K',
    elements,
    0x85,
    'K\u0001',
    0x85,
    0x89,
    global('collections', 'OrderedDict'),
    ')RtR',
  );
}

/** The pickle of a torch state dict with one tensor. */
export function stateDict(elements = 4): Buffer {
  return bytes(proto(2), '}(', tensor('weight', '0', elements), 'u.');
}
