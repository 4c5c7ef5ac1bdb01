import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { inspect, rules } from '../outcome.ts';
import { bytes, u64 } from '../pickle-bytes.ts';
import type { Message } from './hdf5-bytes.ts';
import { attribute, externalLink, hdf5 } from './hdf5-bytes.ts';

const model = (layer: string): Message =>
  attribute(
    'model_config',
    JSON.stringify({
      class_name: 'Sequential',
      config: {
        layers: [
          { class_name: 'TimeDistributed', config: { layer: { class_name: layer, config: {} } } },
        ],
      },
    }),
  );

const CASES: readonly (readonly [title: string, messages: readonly Message[], expected: string])[] =
  [
    ['a model of stock layers is clean', [model('Dense')], ''],
    [
      'K-1 a Lambda at any depth blocks, because loading HDF5 ignores safe mode',
      [model('Lambda')],
      'K-1',
    ],
    ['K-3 a custom class is a finding', [model('AcmeLayer')], 'K-3'],
    ['K-2 duplicate keys block', [attribute('model_config', '{"a":1,"a":2}')], 'K-2'],
    [
      'K-4 a configuration that is not JSON is incomplete',
      [attribute('model_config', '{"a":')],
      'K-4',
    ],
    ['K-5 a link to another file blocks', [externalLink('x', '/etc/hostname')], 'K-5'],
    ['K-5 storage in another file blocks', [{ type: 0x07, data: Buffer.alloc(24) }], 'K-5'],
    [
      'K-5 a data set that is assembled from other files blocks',
      [{ type: 0x08, data: bytes(4, 3, u64(0)) }],
      'K-5',
    ],
    [
      'K-4 a group that is not read is incomplete',
      [{ type: 0x02, data: bytes(0, 0, u64(96), u64(96)) }],
      'K-4',
    ],
  ];

describe('HDF5 files', () => {
  for (const [title, messages, expected] of CASES) {
    test(title, () => {
      assert.equal(rules('model.h5', hdf5(messages)), expected);
    });
  }

  test('K-1 in a file that is not read completely, a Lambda in the raw bytes still blocks', () => {
    const file = hdf5(
      [{ type: 0x02, data: bytes(0, 0, u64(96), u64(96)) }],
      Buffer.from('{"class_name": "Lambda"}'),
    );

    assert.equal(rules('model.h5', file), 'K-1 K-4');
  });

  test('K-4 a cut file and a file without a superblock are incomplete', () => {
    assert.match(rules('m.h5', hdf5([model('Dense')]).subarray(0, -20)), /K-4/);
    assert.equal(inspect('m.h5', Buffer.alloc(600, 0xee)).verdict, 'incomplete');
  });
});
