import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { bytesSource, scanFiles } from '@proofmark/artifact';

import { rules } from '../outcome.ts';
import { calls } from '../pickle-bytes.ts';

const ARRAY = { zarr_format: 2, shape: [4], chunks: [2], dtype: '<f4', order: 'C', fill_value: 0 };
const v2 = (more: object = {}): string =>
  JSON.stringify({ ...ARRAY, compressor: { id: 'zstd', level: 1 }, filters: null, ...more });
const v3 = (...codecs: readonly unknown[]): string =>
  JSON.stringify({ zarr_format: 3, node_type: 'array', data_type: 'float32', codecs });
const json = (name: string, text: string): string => rules(name, Buffer.from(text));

/** Path and verdict of each file of a folder. */
function folder(files: Readonly<Record<string, string | Buffer>>): Record<string, string> {
  const { files: reports } = scanFiles(
    Object.entries(files).map(([path, content]) => ({
      path,
      kind: 'file',
      source: bytesSource(Buffer.from(content as string)),
    })),
  );
  return Object.fromEntries(reports.map(({ path, verdict }) => [path, verdict]));
}

const CHUNK = Buffer.from([1, 0x80, 0xff, 0, 7, 9, 0xfe, 3]);

describe('arrays of Zarr', () => {
  test('codecs that compute on bytes are clean', () => {
    const shard = {
      name: 'sharding_indexed',
      configuration: {
        codecs: [{ name: 'bytes' }, { name: 'blosc' }],
        index_codecs: [{ name: 'crc32c' }],
      },
    };

    assert.equal(json('.zarray', v2()), '');
    assert.equal(json('.zarray', v2({ compressor: null, filters: [{ id: 'delta' }] })), '');
    assert.equal(json('.zarray', v2({ dtype: '|O', filters: [{ id: 'vlen-utf8' }] })), '');
    assert.equal(json('zarr.json', v3({ name: 'bytes' }, { name: 'zstd' })), '');
    assert.equal(json('zarr.json', v3(shard)), '');
  });

  test('C-1 a codec that unpickles, or that nobody knows, blocks wherever it stands', () => {
    const shard = {
      name: 'sharding_indexed',
      configuration: { codecs: [{ name: 'numcodecs.pickle' }] },
    };
    const metadata = { 'a/.zarray': { ...ARRAY, filters: [{ id: 'pickle' }] } };

    assert.equal(json('.zarray', v2({ filters: [{ id: 'pickle', protocol: 5 }] })), 'C-1');
    assert.equal(json('.zarray', v2({ compressor: { id: 'mine' } })), 'C-1');
    assert.equal(json('.zarray', v2({ dtype: '|O' })), 'C-1');
    assert.equal(json('.zarray', v2({ dtype: [['a', '|O']], filters: [] })), 'C-1');
    assert.equal(json('zarr.json', v3({ name: 'numcodecs.pickle' })), 'C-1');
    assert.equal(json('zarr.json', v3('mine')), 'C-1');
    assert.equal(json('zarr.json', v3({})), 'C-1');
    assert.equal(json('zarr.json', v3(shard)), 'C-1');
    assert.equal(json('.zmetadata', JSON.stringify({ metadata })), 'C-1');
    assert.equal(
      json(
        'zarr.json',
        JSON.stringify({
          node_type: 'group',
          consolidated_metadata: { metadata: { a: JSON.parse(v3({ name: 'mine' })) as unknown } },
        }),
      ),
      'C-1',
    );
  });

  test('chunks beside a description are tensors, and what is not beside one is not', () => {
    assert.deepEqual(
      folder({ 'm/w/.zarray': v2(), 'm/w/0.1': CHUNK, 'm/w/x': CHUNK, 'm/0.1': CHUNK }),
      { 'm/w/.zarray': 'clean', 'm/w/0.1': 'clean', 'm/w/x': 'incomplete', 'm/0.1': 'incomplete' },
    );
    assert.deepEqual(folder({ 'zarr.json': v3({ name: 'bytes' }), 'c/0/1': CHUNK }), {
      'zarr.json': 'clean',
      'c/0/1': 'clean',
    });
  });

  test('P-1 a chunk that is a pickle blocks', () => {
    const files = folder({ 'w/.zarray': v2(), 'w/0.0': calls('posix', 'system') });

    assert.equal(files['w/0.0'], 'findings');
  });
});
