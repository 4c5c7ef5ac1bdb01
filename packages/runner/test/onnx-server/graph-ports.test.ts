import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { ServeError } from '../../src/model-server/errors.ts';
import { readGraphPorts } from '../../src/onnx-server/graph-ports.ts';
import { FLOAT, INT64, bytesField, model, port, tensor } from './onnx-writer.ts';

const isInvalid = (e: unknown): boolean => e instanceof ServeError && e.code === 'model_invalid';
const graph = { nodes: [], initializers: [], inputs: [], outputs: [] };

test('names, types and shapes are read; sizes known at run time are null', () => {
  const ports = readGraphPorts(
    model({
      ...graph,
      inputs: [port('input_ids', INT64, ['batch', 'sequence'])],
      outputs: [port('logits', FLOAT, ['batch', 1, 2048])],
    }),
  );

  assert.deepEqual(ports, {
    inputs: [{ name: 'input_ids', type: INT64, shape: [null, null] }],
    outputs: [{ name: 'logits', type: FLOAT, shape: [null, 1, 2048] }],
    hasExternalData: false,
  });
});

test('an initializer with an input of its name is a default, not something to feed', () => {
  const weight = tensor('w', FLOAT, [1], new Uint8Array(4));

  const { inputs } = readGraphPorts(
    model({ ...graph, initializers: [weight], inputs: [port('w', FLOAT, [1])] }),
  );

  assert.deepEqual(inputs, []);
});

test('weights in another file are noticed', () => {
  const weight = tensor('w', FLOAT, [1], { location: 'w.bin', offset: 0, length: 4 });

  assert.ok(readGraphPorts(model({ ...graph, initializers: [weight] })).hasExternalData);
});

test('a negative size is left to the runtime', () => {
  const { inputs } = readGraphPorts(model({ ...graph, inputs: [port('x', FLOAT, [-1])] }));

  assert.deepEqual(inputs[0]?.shape, [null]);
});

test('no graph, two graphs, too many inputs and a name without end are refused', () => {
  const one = model(graph);
  const many = Array.from({ length: 2049 }, () => port('x', FLOAT, []));
  for (const bytes of [
    new Uint8Array(0),
    Buffer.concat([one, one]),
    model({ ...graph, inputs: many }),
    model({ ...graph, inputs: [port('x'.repeat(257), FLOAT, [])] }),
    bytesField(7, Uint8Array.of(90, 200)),
  ]) {
    assert.throws(() => readGraphPorts(bytes), isInvalid);
  }
});

test('a file cut or changed anywhere is read or refused, nothing else', () => {
  const whole = model({
    ...graph,
    initializers: [tensor('w', FLOAT, [1], new Uint8Array(4))],
    inputs: [port('input_ids', INT64, ['batch', 1])],
  });
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
      const bytes = Uint8Array.from(cut ? whole.subarray(0, at) : whole);
      if (!cut) bytes[at] = byte;
      try {
        readGraphPorts(bytes);
      } catch (error) {
        assert.ok(isInvalid(error));
      }
    }),
    { numRuns: 300 },
  );
});
