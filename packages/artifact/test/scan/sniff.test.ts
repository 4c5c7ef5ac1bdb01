import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';

import { bytesSource } from '../../src/scan/byte-source.ts';
import { isUnmarkedPickle, sniff } from '../../src/scan/sniff.ts';
import { bytes, calls, global } from './pickle-bytes.ts';
import { SAMPLES, savedModel, tfNode } from './samples.ts';

const kind = (content: Uint8Array, name = 'x'): string => sniff(bytesSource(content), name);

test('Z-1 content is recognised under any name', () => {
  const kinds = SAMPLES.map(({ bytes: content }) => kind(content));

  assert.deepEqual(kinds, [
    'pickle',
    'text',
    'pickle',
    'zip',
    'safetensors',
    'gguf',
    'npy',
    'zip',
    'onnx',
    'binary',
    'zip',
    'tar',
    'text',
    'text',
  ]);
  assert.equal(kind(savedModel(tfNode('AddV2')), 'a.pb'), 'saved-model');
});

test('M-1 and M-2 what is no model is told apart', () => {
  assert.equal(kind(new Uint8Array(0)), 'empty');
  assert.equal(kind(Buffer.from('version https://git-lfs.github.com/spec/v1\n')), 'lfs-pointer');
  assert.equal(kind(Buffer.from('<!DOCTYPE html><html>')), 'html');
  assert.equal(kind(Buffer.from('\u007fELF\u0002', 'latin1')), 'native');
  assert.equal(kind(Buffer.from("7z\u00bc\u00af'\u001c", 'latin1')), 'refused-archive');
  assert.equal(kind(deflateSync(Buffer.from('x'))), 'zlib');
  assert.equal(kind(Buffer.from([0xfe, 0x01, 0x02])), 'binary');
});

test('Z-1 a pickle without magic is recognised by what it does, and prose is not one', () => {
  const unmarked = (content: Uint8Array, isText: boolean): boolean =>
    isUnmarkedPickle(bytesSource(content), isText);

  assert.ok(unmarked(bytes(global('posix', 'system'), "(S'id'\ntR."), true));
  assert.ok(unmarked(bytes(global('acme', 'f'), ')R.'), true));
  assert.ok(unmarked(bytes('(lp0\n.'), false));
  assert.ok(!unmarked(Buffer.from('cat\ndog\nfish\n'), true));
  assert.ok(!unmarked(Buffer.from('N.'), true));
  assert.ok(unmarked(calls('a', 'b'), true));
});
