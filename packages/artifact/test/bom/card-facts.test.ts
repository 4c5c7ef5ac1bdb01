import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cardFacts } from '../../src/bom/card-facts.ts';
import { factsOf } from './facts-of.ts';
import type { PlainFacts } from './facts-of.ts';

const read = (...lines: string[]): PlainFacts =>
  factsOf((facts) => cardFacts('README.md', Buffer.from(['---', ...lines].join('\n')), facts));

test('scalars, lists in both styles, quotes and comments', () => {
  const { values, inputs, outputs, libraries } = read(
    'license: "apache-2.0" # chosen',
    'language:',
    '- en',
    "- 'de'",
    'base_model: [org/a, "org/b"]',
    'datasets:',
    '  - set/one # why',
    'pipeline_tag: image-classification',
    'library_name: timm',
    '---',
    'license: not-here',
  );

  assert.deepEqual(values, {
    'base-model': ['org/a', 'org/b'],
    dataset: ['set/one'],
    language: ['en', 'de'],
    task: ['image-classification'],
    licence: ['apache-2.0'],
  });
  assert.deepEqual(inputs, [{ name: '', type: 'image', shape: null }]);
  assert.deepEqual(outputs, [{ name: '', type: 'labels', shape: null }]);
  assert.deepEqual(libraries, [{ name: 'timm', version: null, source: 'README.md' }]);
});

test('"other" refers to the name of the licence', () => {
  assert.deepEqual(read('license: other', 'license_name: llama3', '---').values['licence'], [
    'llama3',
  ]);
  assert.deepEqual(read('license: other', '---').values['licence'], ['other']);
});

test('what is not a plain scalar is left alone rather than guessed', () => {
  const { values } = read(
    'license: *anchor',
    'base_model: !!str x',
    'datasets: {a: b}',
    'language: |',
    '  en',
    'pipeline_tag: null',
    'model-index:',
    '- name: x',
    '  results: []',
    '---',
  );

  assert.deepEqual(values, {});
});

test('items below a nested mapping do not join the list above', () => {
  const { values } = read('datasets:', '- a', 'x:', '  y:', '  - b', '---');

  assert.deepEqual(values['dataset'], ['a']);
});

test('a key that appears twice states nothing', () => {
  assert.deepEqual(read('license: mit', 'license: apache-2.0', '---').values, {});
});

test('without front matter, or with one that does not end, nothing is stated', () => {
  const text = (value: string): PlainFacts =>
    factsOf((facts) => cardFacts('README.md', Buffer.from(value), facts));

  assert.deepEqual(text('# Title\nlicense: mit').values, {});
  assert.deepEqual(read('license: mit').values, {});
  assert.deepEqual(text('').values, {});
});

test('a task named like a property of objects has no ports', () => {
  assert.deepEqual(read('pipeline_tag: constructor', '---').inputs, []);
});
