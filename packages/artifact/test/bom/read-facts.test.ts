import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ArtifactError, bytesSource, readFacts } from '@proofmark/artifact';
import type { BundleFacts } from '@proofmark/artifact';

import { gguf, safetensors } from '../scan/samples.ts';

function read(files: Readonly<Record<string, string | Uint8Array>>): BundleFacts {
  return readFacts(
    Object.entries(files).map(([path, content]) => ({
      path,
      source: () => bytesSource(Buffer.from(content)),
    })),
  );
}

test('each file is asked for what its kind states', () => {
  const { model, packages } = read({
    'README.md': '---\nlicense: mit\n---\n',
    'config.json': '{"model_type":"llama"}',
    'a.safetensors': safetensors(
      '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      Buffer.alloc(4),
    ),
    'b.gguf': gguf(),
    'serve/requirements.txt': 'vllm==0.9.0\n',
    'notes.txt': 'license: gpl',
  });

  assert.deepEqual(model.unread, []);
  assert.deepEqual(model.values.get('licence'), ['mit']);
  assert.deepEqual(model.values.get('family'), ['llama']);
  assert.deepEqual([...model.elements.keys()], ['safetensors', 'gguf']);
  assert.deepEqual(
    packages.map((p) => p.name),
    ['vllm'],
  );
});

test('a broken file is named and states nothing; the others still do', () => {
  const { model, packages } = read({
    'config.json': '{',
    'm.onnx': 'no model',
    'uv.lock': '{}',
    'README.md': '---\nlicense: mit\n---\n',
  });

  assert.deepEqual(
    model.unread.map((file) => file.path),
    ['config.json', 'm.onnx', 'uv.lock'],
  );
  assert.deepEqual(model.values.get('licence'), ['mit']);
  assert.deepEqual(packages, []);
});

test('a card deeper down describes something else', () => {
  assert.equal(read({ 'data/README.md': '---\nlicense: mit\n---\n' }).model.values.size, 0);
});

test('one package in two lock files counts once', () => {
  const { packages } = read({ 'requirements.txt': 'a==1\nb==2', 'requirements-gpu.txt': 'a==1' });

  assert.deepEqual(
    packages.map((p) => p.name),
    ['a', 'b'],
  );
});

test('files that state nothing are not opened', () => {
  const open = (): never => {
    throw new ArtifactError('ARTIFACT_UNREADABLE', 'opened');
  };

  assert.deepEqual(readFacts([{ path: 'model.bin', source: open }]).model.unread, []);
});
