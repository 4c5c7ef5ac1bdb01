import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inspect, rules } from '../outcome.ts';

test('documentation, source code and vocabularies are listed and clean', () => {
  for (const [name, text] of [
    ['README.md', '# A model\nimport os'],
    ['LICENSE', 'Apache'],
    ['modeling.py', 'import os\nos.system("id")'],
    ['vocab.txt', 'cat\ndog\n'],
    ['merges.txt', '#version\na b\n'],
  ] as const) {
    assert.equal(rules(name, Buffer.from(text)), '', name);
  }
  assert.equal(inspect('a.py', Buffer.from('x = 1')).format, 'python');
});

test('M-1 text under the name of a model is incomplete', () => {
  for (const name of ['model.safetensors', 'model.pt', 'model.gguf', 'model.onnx']) {
    assert.equal(inspect(name, Buffer.from('not a model')).verdict, 'incomplete', name);
  }
});

test('C-1 targets in settings files are found', () => {
  assert.equal(rules('a.toml', Buffer.from('_target_: os.system\n')), 'C-1');
});
