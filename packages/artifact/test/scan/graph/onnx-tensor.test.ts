import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { bytesSource, scanFiles } from '@proofmark/artifact';
import type { ScanFile } from '@proofmark/artifact';

import { rules } from '../outcome.ts';
import { bytes } from '../pickle-bytes.ts';
import { field, onnx, onnxNode } from '../samples.ts';

function entries(values: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(values).map(([key, value]) => field(13, bytes(field(1, key), field(2, value)))),
  );
}

function external(values: Readonly<Record<string, string>>): Buffer {
  return bytes(field(1, 4), field(2, 1), field(8, 'w'), entries(values), field(14, 1));
}

const raw = (dims: readonly number[], type: number, size: number): Buffer =>
  bytes(
    ...dims.map((dim) => field(1, dim)),
    field(2, type),
    field(8, 'w'),
    field(9, Buffer.alloc(size)),
  );

/** Verdict of a model whose initializer is that tensor, with `weights.bin` of 64 bytes beside it. */
function verdict(tensor: Uint8Array, sibling: Partial<ScanFile> = {}): string {
  const model = {
    path: 'm/model.onnx',
    kind: 'file',
    source: bytesSource(onnx(field(5, tensor))),
  } as const;
  const weights = {
    path: 'm/weights.bin',
    kind: 'file',
    source: bytesSource(Buffer.alloc(64, 7)),
    ...sibling,
  } as const;
  const report = scanFiles([model, weights]);
  return report.files.flatMap((file) => file.findings.map((finding) => finding.rule)).join(' ');
}

describe('tensors of ONNX models', () => {
  test('O-1 data in a file of the folder are clean, and the file counts as tensor data', () => {
    assert.equal(verdict(external({ location: 'weights.bin', offset: '0', length: '64' })), '');
    assert.equal(verdict(external({ location: './weights.bin' })), '');
  });

  for (const location of [
    '../x',
    'a/../../x',
    '/etc/hostname',
    '..\\x',
    'C:\\x',
    'file:///etc/hostname',
    'http://x/y',
    'w.bin\0.txt',
    'a/%2e%2e/%2e%2e/x',
    '~/x',
    '',
  ]) {
    test(`O-1 the location ${JSON.stringify(location)} blocks`, () => {
      assert.match(rules('m.onnx', onnx(field(5, external({ location })))), /O-1/);
    });
  }

  test('O-1 external data is found wherever a tensor may stand', () => {
    const bad = external({ location: '../x' });
    const attribute = (content: Uint8Array): Buffer =>
      field(1, bytes(field(4, 'If'), field(5, content)));
    const places: readonly Buffer[] = [
      onnx(attribute(bytes(field(1, 'a'), field(5, bad)))),
      onnx(attribute(bytes(field(1, 'a'), field(10, bad)))),
      onnx(attribute(bytes(field(1, 'a'), field(6, field(5, bad))))),
      onnx(attribute(bytes(field(1, 'a'), field(11, field(5, bad))))),
      onnx(attribute(bytes(field(1, 'a'), field(22, field(1, bad))))),
      onnx(attribute(bytes(field(1, 'a'), field(23, field(2, bad))))),
      onnx(field(15, field(1, bad))),
      onnx(
        field(1, onnxNode('Relu')),
        field(25, bytes(field(1, 'F'), field(7, field(5, field(5, bad))))),
      ),
      onnx(field(1, onnxNode('Relu')), field(25, bytes(field(1, 'F'), field(11, field(5, bad))))),
      onnx(field(1, onnxNode('Relu')), field(20, field(1, field(5, bad)))),
      onnx(field(1, onnxNode('Relu')), field(20, field(2, field(5, bad)))),
    ];
    for (const [index, model] of places.entries())
      assert.match(rules('m.onnx', model), /O-1/, `place ${index}`);
  });

  test('O-1 a link, a hard link or a basepath blocks; a missing file is incomplete', () => {
    const plain = external({ location: 'weights.bin' });
    assert.match(verdict(plain, { kind: 'symlink', source: null }), /O-1/);
    assert.match(verdict(plain, { links: 2 }), /O-1/);
    assert.match(verdict(external({ location: 'weights.bin', basepath: '/etc' })), /O-1/);
    assert.match(verdict(external({ location: 'other.bin' })), /O-3/);
  });

  test('O-3 ranges, keys and numbers that are wrong are incomplete', () => {
    for (const values of [
      { offset: '-16' },
      { offset: '60', length: '8' },
      { length: '1e3' },
      { __class__: 'x' },
    ] as Readonly<Record<string, string>>[]) {
      assert.match(verdict(external({ location: 'weights.bin', ...values })), /O-3/);
    }
  });

  test('O-3 inline data has exactly the size of its shape', () => {
    assert.equal(rules('m.onnx', onnx(field(5, raw([2, 3], 1, 24)))), '');
    assert.equal(rules('m.onnx', onnx(field(5, raw([2, 3], 1, 23)))), 'O-3');
    assert.equal(rules('m.onnx', onnx(field(5, raw([2 ** 40, 2 ** 40], 1, 8)))), 'O-3');
    assert.equal(rules('m.onnx', onnx(field(5, raw([3], 22, 2)))), '');
  });
});

test('O-1 O-3 a tensor in a file of its own is judged like one in a model', () => {
  const tensor = (...rest: readonly Uint8Array[]): Buffer =>
    bytes(field(1, 2), field(2, 1), field(8, 'x'), ...rest);
  const place = (location: string): Buffer =>
    field(13, bytes(field(1, 'location'), field(2, location)));

  assert.equal(rules('test_data_set_0/input_0.pb', tensor(field(9, Buffer.alloc(8)))), '');
  assert.equal(rules('input_0.pb', tensor(field(9, Buffer.alloc(9)))), 'O-3');
  assert.equal(rules('input_0.pb', tensor(place('/etc/passwd'), field(14, 1))), 'O-1');
  assert.equal(rules('input_0.pb', tensor(place('../x'), field(14, 1))), 'O-1');
});
