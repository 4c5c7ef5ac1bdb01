import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ScanError, bytesSource } from '@proofmark/artifact';

import { onnxFacts } from '../../src/bom/onnx-facts.ts';
import { bytes } from '../scan/pickle-bytes.ts';
import { field, onnx, onnxNode } from '../scan/samples.ts';
import { factsOf } from './facts-of.ts';

const dimension = (size: number | string): Buffer =>
  field(1, typeof size === 'number' ? field(1, size) : field(2, size));
const port = (name: string, type: number, ...sizes: (number | string)[]): Buffer =>
  bytes(
    field(1, name),
    field(2, field(1, bytes(field(1, type), field(2, bytes(...sizes.map(dimension)))))),
  );
const initializer = (name: string, type: number, ...dims: number[]): Buffer =>
  bytes(...dims.map((size) => field(1, size)), field(2, type), field(8, name));

test('ONNX: inputs without initializers, outputs, element types, quantised operators, producer', () => {
  const model = bytes(
    field(2, 'pytorch'),
    field(3, '2.4.0'),
    onnx(
      bytes(
        field(1, onnxNode('MatMulNBits', 'com.microsoft')),
        field(1, onnxNode('Relu')),
        field(5, initializer('w', 1, 3, 4)),
        field(5, initializer('q', 3, 8)),
        field(11, port('ids', 7, 'batch', 128)),
        field(11, port('w', 1, 3, 4)),
        field(12, port('logits', 10, 'batch', 128, 32000)),
      ),
    ),
  );
  const { values, elements, inputs, outputs, libraries } = factsOf((facts) =>
    onnxFacts('m.onnx', bytesSource(model), facts),
  );

  assert.deepEqual(values, { quantisation: ['MatMulNBits'], producer: ['pytorch 2.4.0'] });
  assert.deepEqual(elements, { onnx: { FLOAT: 12n, INT8: 8n } });
  assert.deepEqual(inputs, [{ name: 'ids', type: 'INT64', shape: ['batch', '128'] }]);
  assert.deepEqual(outputs, [
    { name: 'logits', type: 'FLOAT16', shape: ['batch', '128', '32000'] },
  ]);
  assert.deepEqual(libraries, [{ name: 'pytorch', version: '2.4.0', source: 'm.onnx' }]);
});

test('what a port does not say is unknown; sequences and maps are named', () => {
  const model = onnx(
    bytes(
      field(11, field(1, 'bare')),
      field(11, bytes(field(1, 'list'), field(2, field(4, new Uint8Array(0))))),
      field(12, bytes(field(1, 'map'), field(2, field(5, new Uint8Array(0))))),
      field(12, port('odd', 99, '')),
    ),
  );
  const { inputs, outputs } = factsOf((facts) => onnxFacts('m', bytesSource(model), facts));

  assert.deepEqual(inputs, [
    { name: 'bare', type: 'unknown', shape: null },
    { name: 'list', type: 'sequence', shape: null },
  ]);
  assert.deepEqual(outputs, [
    { name: 'map', type: 'map', shape: null },
    { name: 'odd', type: 'type 99', shape: ['?'] },
  ]);
});

test('a cut file, and a tensor of very many dimensions, are refused', () => {
  const whole = onnx(field(12, port('y', 1, 2)));
  const deep = onnx(field(5, initializer('w', 1, ...Array<number>(100).fill(1))));
  for (const model of [whole.subarray(0, -3), deep]) {
    assert.throws(() => factsOf((f) => onnxFacts('m', bytesSource(model), f)), ScanError);
  }
});
