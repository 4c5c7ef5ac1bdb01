import assert from 'node:assert/strict';
import { test } from 'node:test';

import { rules } from '../outcome.ts';
import { bytes, u16, u32 } from '../pickle-bytes.ts';

const CUSTOM = 32;

/** A model with one operator code and one empty subgraph; offsets are written out by hand. */
function tflite(builtin: number, custom: string | null): Buffer {
  const head = bytes(u32(24), 'TFL3', u16(10), u16(12), u16(0), u16(4), u16(8), Buffer.alloc(6));
  const root = bytes(u32(16), u32(8), u32(12));
  const vectors = bytes(u32(1), u32(24), u32(1), u32(32));
  const slots = bytes(u16(12), u16(12), u16(0), u16(custom === null ? 0 : 8), u16(0), u16(4));
  const code = bytes(u32(12), u32(builtin), u32(20));
  const subgraph = bytes(u16(4), u16(4), u32(4), Buffer.alloc(8));
  return bytes(
    head,
    root,
    vectors,
    slots,
    code,
    subgraph,
    u32((custom ?? '').length),
    custom ?? '',
  );
}

test('T-4 an operation of the runtime is clean, a custom one is a finding', () => {
  assert.equal(rules('m.tflite', tflite(3, null)), '');
  assert.equal(rules('m.tflite', tflite(CUSTOM, 'AcmeRun')), 'T-4');
  assert.equal(rules('m.tflite', tflite(CUSTOM, null)), 'T-4');
});

test('T-1 a wrapped TensorFlow operation is judged as what it wraps', () => {
  assert.equal(rules('m.tflite', tflite(CUSTOM, 'FlexWriteFile')), 'T-1');
  assert.equal(rules('m.tflite', tflite(CUSTOM, 'FlexAddV2')), '');
});

test('T-3 offsets that leave the file are incomplete', () => {
  assert.equal(rules('m.tflite', bytes(u32(0x7fffffff), 'TFL3', Buffer.alloc(32))), 'T-3');
  assert.equal(rules('m.tflite', bytes(u32(8), 'TFL3', u32(4), Buffer.alloc(8, 0xff))), 'T-3');
});

test('T-3 no truncation of a model is clean', () => {
  const model = tflite(CUSTOM, 'AcmeRun');
  for (let length = 8; length < model.length; length += 1) {
    assert.notEqual(rules('m.tflite', model.subarray(0, length)), '', `${length}`);
  }
});
