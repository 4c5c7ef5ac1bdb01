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

test('M-1 trees of LightGBM are clean under any name, and not clean when they were cut', () => {
  const model =
    'tree\nversion=v4\ntree_sizes=9 8\n\nTree=0\nx\nTree=1\n\nend of trees\n\npandas_categorical:null\n';

  for (const name of ['m.txt', 'm.model', 'm.lgb']) {
    assert.equal(rules(name, Buffer.from(model)), '', name);
    assert.equal(inspect(name, Buffer.from(model)).format, 'lightgbm');
    assert.equal(rules(name, Buffer.from(model.slice(0, -20))), 'M-1');
    assert.equal(rules(name, Buffer.from(model.replace('x\n', ''))), 'M-1');
  }
});

test('C-1 targets in settings files are found', () => {
  assert.equal(rules('a.toml', Buffer.from('_target_: os.system\n')), 'C-1');
});

test('G-1 a template is told in settings, and under a name that says nothing', () => {
  for (const name of ['a.toml', 'b.ini', 'chat.tmpl', 'chat.j2', 'x.prompt']) {
    assert.equal(rules(name, Buffer.from('a = "{{ x.__class__ }}"\n')), 'G-1', name);
    assert.equal(rules(name, Buffer.from('a = "{{ x.content }}"\n')), '', name);
  }
  assert.equal(rules('README.md', Buffer.from('`{{ x.__class__ }}`\n')), '');
});
