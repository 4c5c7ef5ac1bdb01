import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { rules } from '../outcome.ts';
import { bytes } from '../pickle-bytes.ts';
import { field } from '../samples.ts';

const attribute = (key: string, value: Uint8Array): Buffer =>
  field(5, bytes(field(1, key), field(2, value)));
const constant = (name: string, text: string): Buffer =>
  field(1, bytes(field(1, name), field(2, 'Const'), attribute('value', field(8, field(8, text)))));
const node = (
  operation: string,
  inputs: readonly string[],
  rest: Uint8Array = Buffer.alloc(0),
): Buffer =>
  field(
    1,
    bytes(field(1, operation), field(2, operation), ...inputs.map((i) => field(3, i)), rest),
  );
const model = (graph: readonly Uint8Array[], rest: readonly Uint8Array[] = []): string =>
  rules('saved_model.pb', bytes(field(1, 1), field(2, bytes(field(2, bytes(...graph)), ...rest))));
const asset = (tensor: string, file: string): Buffer =>
  bytes(field(1, field(1, tensor)), field(2, file));

describe('paths of a TensorFlow graph', () => {
  for (const path of ['/etc/x', '../x', 'a/../../x', '~/x', 'gs://b/x', 'C:\\x', '\\\\h\\x']) {
    test(`T-1 restoring from ${path} blocks, and from what the runtime passes is clean`, () => {
      assert.equal(model([constant('p', path), node('RestoreV2', ['p:0', 'n', 's'])]), 'T-1');
      assert.equal(
        model([
          constant('n', path),
          node('Placeholder', []),
          node('RestoreV2', ['Placeholder', 'n']),
        ]),
        '',
      );
    });
  }

  test('T-1 a path is followed over what joins it, also to the constant of a saver', () => {
    const parts = [constant('save/Const', '/etc'), constant('b', 'x')];
    const joined = node('StringJoin', ['save/Const', 'b:0']);

    assert.equal(model([...parts, joined, node('SaveV2', ['StringJoin:0'])]), 'T-1');
    assert.equal(model([constant('save/Const', 'model'), node('SaveV2', ['save/Const:0'])]), '');
  });

  test('T-1 a path as raw content is read', () => {
    const raw = field(
      1,
      bytes(
        field(1, 'p'),
        field(2, 'Const'),
        attribute('value', field(8, field(4, '\u0006/etc/x'))),
      ),
    );

    assert.equal(model([raw, node('RestoreV2', ['p'])]), 'T-1');
  });

  test('T-1 a path that is handed to a function blocks', () => {
    const call = node('StatefulPartitionedCall', ['p'], attribute('f', field(10, field(1, 'g'))));

    assert.equal(model([constant('p', '/etc/x'), call]), 'T-1');
    assert.equal(model([constant('p', 'a text'), call]), '');
  });

  test('T-1 a table from a file that is no asset blocks', () => {
    const table = [
      constant('p', '/srv/vocab.txt'),
      node('InitializeTableFromTextFileV2', ['t', 'p:0']),
    ];
    const collection = field(
      4,
      bytes(
        field(1, 'saved_model_assets'),
        field(2, field(5, field(1, field(2, asset('p:0', 'vocab.txt'))))),
      ),
    );

    assert.equal(model(table), 'T-1');
    assert.equal(model(table, [field(6, asset('p:0', 'vocab.txt'))]), '');
    assert.equal(model(table, [collection]), '');
  });

  test('T-1 an asset outside of the folder of assets blocks', () => {
    assert.equal(model([node('NoOp', [])], [field(6, asset('p:0', '../../x'))]), 'T-1');
  });

  test('K-1 the configuration of a layer among the saved objects is judged', () => {
    const objects = (json: string): Buffer =>
      field(7, field(1, field(4, bytes(field(1, '_tf_keras_layer'), field(3, json)))));

    assert.equal(
      model([node('NoOp', [])], [objects('{"class_name":"Lambda","config":{}}')]),
      'K-1',
    );
    assert.equal(model([node('NoOp', [])], [objects('{"class_name":"Dense","config":{}}')]), '');
    assert.equal(model([node('NoOp', [])], [objects('{"class_name":')]), 'T-3');
    assert.equal(model([node('NoOp', [])], [objects('')]), '');
  });

  test('T-1 a path that a function of the graph gives is followed into the functions', () => {
    const choice = node('If', ['c'], attribute('then_branch', field(10, field(1, 'f'))));
    const graph = (path: string): Buffer[] => {
      const body = constant('p', path).subarray(2);
      const library = field(2, field(1, bytes(field(1, field(1, 'f')), field(3, body))));
      return [choice, node('RestoreV2', ['If:0']), library];
    };

    assert.equal(model(graph('/etc/x')), 'T-1');
    assert.equal(model(graph('a text')), '');
  });
});
