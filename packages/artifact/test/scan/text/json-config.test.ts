import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { inspect, rules } from '../outcome.ts';

const CASES: readonly (readonly [title: string, name: string, json: string, expected: string])[] = [
  [
    'C-2 auto_map makes the loader run code of the model',
    'config.json',
    '{"auto_map":{"AutoModel":"m.M"}}',
    'C-2',
  ],
  [
    'C-2 auto_map is found at any depth',
    'config.json',
    '{"a":[{"auto_map":{"AutoModel":"m.M"}}]}',
    'C-2',
  ],
  ['C-2 trust_remote_code is a finding', 'config.json', '{"trust_remote_code":true}', 'C-2'],
  ['C-4 a duplicate key is incomplete', 'config.json', '{"a":1,"a":2}', 'C-4'],
  ['C-4 broken JSON is incomplete', 'config.json', '{"a":', 'C-4'],
  [
    'G-1 a template of the tokenizer is judged',
    'tokenizer_config.json',
    '{"chat_template":"{{ x.__class__ }}"}',
    'G-1',
  ],
  [
    'G-1 each template of a list is judged',
    'tokenizer_config.json',
    '{"chat_template":[{"name":"a","template":"{{ x }}"},{"name":"b","template":"{{ x.__class__ }}"}]}',
    'G-1',
  ],
  [
    'G-1 a template in a file of its own is judged',
    'chat_template.json',
    '{"chat_template":"{{ x.__class__ }}"}',
    'G-1',
  ],
  [
    'K-1 a Keras configuration is judged in any JSON',
    'model.json',
    '{"class_name":"Lambda","config":{}}',
    'K-1',
  ],
  [
    'a plain configuration is clean',
    'config.json',
    '\ufeff{"model_type":"llama","vocab_size":5}',
    '',
  ],
  ['JSON lines are read line by line', 'data.jsonl', '{"a":1}\n{"b":2}\n', ''],
];

describe('JSON files', () => {
  for (const [title, name, json, expected] of CASES) {
    test(title, () => {
      assert.equal(rules(name, Buffer.from(json)), expected);
    });
  }

  test('formats are told apart by name and keys', () => {
    const format = (name: string, json: string): string => inspect(name, Buffer.from(json)).format;

    assert.equal(format('tokenizer_config.json', '{}'), 'tokenizer-config');
    assert.equal(format('config.json', '{"architectures":[]}'), 'hf-config');
    assert.equal(format('m.json', '{"learner":{},"version":[1]}'), 'xgboost-json');
  });
});
