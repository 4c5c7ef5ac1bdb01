/**
 * Small files of each format, made here: what the fuzz test mutates and the scenario tests vary.
 *
 * @module
 */
import { gzipSync } from 'node:zlib';

import { tar, zip } from './archive-bytes.ts';
import { bytes, calls, global, proto, stateDict, text, u32, u64 } from './pickle-bytes.ts';

export interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
}

export function npy(header: string, data: Uint8Array): Buffer {
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11) + '\n';
  return bytes('\u0093NUMPY', 1, 0, padded.length & 255, padded.length >> 8, padded, data);
}

export function safetensors(header: string, data: Uint8Array): Buffer {
  return bytes(u64(Buffer.byteLength(header)), Buffer.from(header, 'utf8'), data);
}

export function ggufText(value: string): Buffer {
  const utf8 = Buffer.from(value, 'utf8');
  return bytes(u64(utf8.length), utf8);
}

/** A GGUF file with text keys and one tensor of 32 floats. */
export function gguf(keys: Readonly<Record<string, string>> = {}): Buffer {
  const entries = Object.entries({ 'general.architecture': 'llama', ...keys });
  const head = bytes(
    'GGUF',
    u32(3),
    u64(1),
    u64(entries.length),
    ...entries.flatMap(([key, value]) => [ggufText(key), u32(8), ggufText(value)]),
    ggufText('weight'),
    u32(1),
    u64(32),
    u32(0),
    u64(0),
  );
  const padding = Buffer.alloc((32 - (head.length % 32)) % 32);
  return Buffer.concat([head, padding, Buffer.alloc(128)]);
}

export function torchZip(pickle: Uint8Array = stateDict()): Buffer {
  return zip([
    { name: 'archive/data.pkl', data: pickle },
    { name: 'archive/data/0', data: Buffer.alloc(16) },
    { name: 'archive/version', data: Buffer.from('3\n') },
  ]);
}

/** A length-delimited field of a protocol buffer, or a varint one. */
export function field(id: number, value: number | string | Uint8Array): Buffer {
  if (typeof value === 'number') return bytes(varint(id * 8), varint(value));
  const content = typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value);
  return bytes(varint(id * 8 + 2), varint(content.length), content);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  do {
    out.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(out);
}

export function onnxNode(operator: string, domain = ''): Buffer {
  return bytes(field(1, 'x'), field(2, 'y'), field(4, operator), field(7, domain));
}

/** An ONNX model around the fields of a graph. */
export function onnx(graph: Uint8Array, rest: Uint8Array = new Uint8Array(0)): Buffer {
  return bytes(field(1, 8), field(7, graph), field(8, bytes(field(1, ''), field(2, 17))), rest);
}

export function tfNode(operation: string, attributes: Uint8Array = new Uint8Array(0)): Buffer {
  return bytes(field(1, 'node'), field(2, operation), attributes);
}

export function savedModel(...nodes: readonly Uint8Array[]): Buffer {
  const graph = Buffer.concat(nodes.map((node) => field(1, node)));
  return bytes(field(1, 1), field(2, bytes(field(1, field(4, 'serve')), field(2, graph))));
}

export function keras(config: unknown): Buffer {
  return zip([
    { name: 'metadata.json', data: Buffer.from('{"keras_version":"3.5.0"}') },
    { name: 'config.json', data: Buffer.from(JSON.stringify(config)) },
  ]);
}

export const SEQUENTIAL: object = {
  module: 'keras',
  class_name: 'Sequential',
  config: {
    layers: [{ module: 'keras.layers', class_name: 'Dense', config: {}, registered_name: null }],
  },
  registered_name: null,
};

const HEADER = '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
const ARRAY = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";

export const SAMPLES: readonly Sample[] = [
  { name: 'list.pkl', bytes: bytes(proto(2), '](', text('a'), 'K\u0001e.') },
  { name: 'old.pkl', bytes: bytes('(lp0\nI1\na(dp1\nVx\np2\nF1.5\nsa.') },
  { name: 'state.pkl', bytes: stateDict() },
  { name: 'model.pt', bytes: torchZip() },
  { name: 'model.safetensors', bytes: safetensors(HEADER, Buffer.alloc(8)) },
  {
    name: 'model.gguf',
    bytes: gguf({ 'tokenizer.chat_template': '{% for m in x %}{{ m.a }}{% endfor %}' }),
  },
  { name: 'array.npy', bytes: npy(ARRAY, Buffer.alloc(8)) },
  {
    name: 'array.npz',
    bytes: zip([{ name: 'a.npy', data: npy(ARRAY, Buffer.alloc(8)), method: 8 }]),
  },
  { name: 'model.onnx', bytes: onnx(field(1, onnxNode('Relu'))) },
  { name: 'saved_model.pb', bytes: savedModel(tfNode('Placeholder'), tfNode('AddV2')) },
  { name: 'model.keras', bytes: keras(SEQUENTIAL) },
  { name: 'model.nemo', bytes: tar([{ name: 'model_config.yaml', data: Buffer.from('a: 1\n') }]) },
  { name: 'config.json', bytes: Buffer.from('{"model_type":"llama"}') },
  { name: 'chat_template.jinja', bytes: Buffer.from('{% if a %}{{ b["c"] | trim }}{% endif %}') },
];

/** Samples that import code, with bytes that must survive for the import to be in the file. */
export const UNSAFE: readonly (Sample & { readonly marker: string })[] = [
  { name: 'global.pkl', bytes: calls('posix', 'system'), marker: 'cposix\nsystem\n' },
  {
    name: 'old.pkl',
    bytes: bytes(global('posix', 'system'), "(S'id'\ntR."),
    marker: 'cposix\nsystem\n',
  },
  { name: 'model.pt', bytes: torchZip(calls('posix', 'system')), marker: 'cposix\nsystem\n' },
  {
    name: 'evil.tar',
    bytes: tar([{ name: 'a.pkl', data: calls('posix', 'system') }]),
    marker: 'cposix\nsystem\n',
  },
];

export const GZIPPED: Buffer = gzipSync(calls('posix', 'system'));
