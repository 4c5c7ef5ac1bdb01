import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytesSource } from '@proofmark/artifact';

import { ggufFacts, safetensorsFacts } from '../../src/bom/header-facts.ts';
import { bytes, u32, u64 } from '../scan/pickle-bytes.ts';
import { ggufText, safetensors } from '../scan/samples.ts';
import { factsOf } from './facts-of.ts';
import type { PlainFacts } from './facts-of.ts';

const ofSafetensors = (header: string, data: number): PlainFacts =>
  factsOf((facts) =>
    safetensorsFacts('m', bytesSource(safetensors(header, Buffer.alloc(data))), facts),
  );

test('safetensors: elements by type', () => {
  const header = JSON.stringify({
    a: { dtype: 'F16', shape: [2, 3], data_offsets: [0, 12] },
    b: { dtype: 'I8', shape: [4], data_offsets: [12, 16] },
    scalar: { dtype: 'F16', shape: [], data_offsets: [16, 18] },
  });

  assert.deepEqual(ofSafetensors(header, 18).elements, { safetensors: { F16: 7n, I8: 4n } });
});

test('a safetensors file that the scanner refuses states nothing but that', () => {
  const hole = '{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}';
  const facts = ofSafetensors(hole, 8);

  assert.deepEqual(facts.elements, {});
  assert.match(facts.unread[0]?.why ?? '', /^S-6: /);
});

const key = (name: string, type: number, value: Uint8Array): Buffer =>
  bytes(ggufText(name), u32(type), value);
const text = (name: string, value: string): Buffer => key(name, 8, ggufText(value));

function gguf(
  keys: readonly Buffer[],
  dims: readonly number[],
  type: number,
  data: number,
): Buffer {
  const head = bytes(
    'GGUF',
    u32(3),
    u64(1),
    u64(keys.length),
    ...keys,
    ggufText('w'),
    u32(dims.length),
    ...dims.map(u64),
    u32(type),
    u64(0),
  );
  return bytes(head, Buffer.alloc((32 - (head.length % 32)) % 32), Buffer.alloc(data));
}

const KEYS = [
  text('general.architecture', 'llama'),
  text('general.license', 'mit'),
  text('general.base_model.0.name', 'Base'),
  text('general.base_model.0.repo_url', 'https://huggingface.co/org/base'),
  text('general.base_model.1.name', 'Other'),
  key('general.file_type', 4, u32(15)),
  key('llama.context_length', 4, u32(4096)),
  key('general.languages', 9, bytes(u32(8), u64(2), ggufText('en'), ggufText('de'))),
  key('tokenizer.ggml.tokens', 9, bytes(u32(8), u64(1), ggufText('</s>'))),
];

test('GGUF: family, licence, base models, quantisation, context, languages, elements', () => {
  const file = gguf(KEYS, [256, 2], 12, 288);
  const { values, elements, unread } = factsOf((f) => ggufFacts('m', bytesSource(file), f));

  assert.deepEqual(unread, []);
  assert.deepEqual(values, {
    family: ['llama'],
    licence: ['mit'],
    quantisation: ['Q4_K_M'],
    'context-length': ['4096'],
    language: ['en', 'de'],
    'base-model': ['https://huggingface.co/org/base', 'Other'],
  });
  assert.deepEqual(elements, { gguf: { Q4_K: 512n } });
});

test('a GGUF file cut short states nothing, though its keys came before the fault', () => {
  const file = gguf(KEYS, [256, 2], 12, 288).subarray(0, -40);
  const { values, elements, unread } = factsOf((f) => ggufFacts('m', bytesSource(file), f));

  assert.deepEqual([values, elements], [{}, {}]);
  assert.match(unread[0]?.why ?? '', /^G-4: /);
});

test('a file type that is not known is named by its number', () => {
  const file = gguf([key('general.file_type', 4, u32(999))], [32], 0, 128);

  const { values } = factsOf((f) => ggufFacts('m', bytesSource(file), f));

  assert.deepEqual(values['quantisation'], ['file type 999']);
});
