import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { rules } from '../outcome.ts';

const CASES: readonly (readonly [title: string, yaml: string, expected: string])[] = [
  [
    'a class of a model library is fine',
    '_target_: nemo.collections.asr.models.EncDecCTCModel\ntarget: torch.optim.AdamW\n',
    '',
  ],
  ['"target" as an ordinary word is fine', 'target: x86\ngoal:\n  target: production\n', ''],
  ['a function of the library is not a class', '_target_: torch.hub.load\n', 'C-1'],
  ['a function of Python blocks', '_target_: os.system\n', 'C-1'],
  ['"target" into a module that runs code blocks', 'target: subprocess.run\n', 'C-1'],
  ['quotes do not hide it', '"_target_": \'os.system\'\n', 'C-1'],
  ['escapes do not hide it', '"_tar\\x67et_": "os.\\x73ystem"\n', 'C-1'],
  ['flow style does not hide it', 'a: {_target_: os.system, b: 1}\n', 'C-1'],
  ['an explicit key does not hide it', '? _target_\n: os.system\n', 'C-1'],
  ['a block scalar does not hide it', '_target_: >-\n  os.system\n', 'C-1'],
  ['an anchor does not hide it', '&a _target_: os.system\n', 'C-1'],
  ['a tag does not hide it', '!!str _target_: os.system\n', 'C-1'],
  ['an alias does not hide it', 'k: &k _target_\n*k : os.system\n', 'C-1'],
  [
    'a module behind those of a model library blocks',
    '_target_: torch.utils.data.os.System\n',
    'C-1',
  ],
  ['LightningCLI imports what class_path names', 'model:\n  class_path: subprocess.Popen\n', 'C-1'],
  ['torchtune imports what _component_ names', '_component_: os.system\n', 'C-1'],
  ['a class of torchtune is fine', '_component_: torchtune.models.llama3.llama3_8b\n', ''],
  ['C-3 a python tag blocks', 'a: !!python/object/apply:os.system [id]\n', 'C-3'],
  ['C-3 a percent-encoded tag blocks', 'a: !!%70ython/object/apply:os.system [id]\n', 'C-3'],
  [
    'C-3 a long tag with an encoded letter blocks',
    'a: !<tag:yaml.org,2002:%70ython/name:os.system> b\n',
    'C-3',
  ],
  [
    'C-3 a handle for all tags of YAML blocks',
    '%TAG !x! tag:yaml.org,2002:\n---\na: !x!python/object/apply:os.system [id]\n',
    'C-3',
  ],
  [
    'C-3 a handle for the beginning of a tag blocks',
    '%TAG !x! tag:y\n---\na: !x!aml.org,2002:python/name:os.system\n',
    'C-3',
  ],
  [
    'C-3 a handle that ends in a Python object blocks',
    '%TAG !x! tag:yaml.org,2002:python/object/apply:o\n---\na: !x!s.system [id]\n',
    'C-3',
  ],
  ['a picture from a folder of that name is clean', 'a: ![b](https://c.d/python/e.png)\n', ''],
  ['a path into Python that is no tag is clean', 'a: lib/python/x # not!python/y\n', ''],
  ['C-3 a function that stands beside the file blocks', 'f: !function utils.evil\n', 'C-3'],
  ['C-3 a long python tag blocks', 'a: !<tag:yaml.org,2002:python/name:os.system> b\n', 'C-3'],
  ['C-2 a switch for remote code is a finding', 'trust_remote_code: true\n', 'C-2'],
];

describe('targets in YAML', () => {
  for (const [title, yaml, expected] of CASES) {
    test(`C-1 ${title}`, () => {
      assert.equal(rules('config.yaml', Buffer.from(yaml)), expected);
    });
  }

  test('C-1 targets of JSON are found at any depth', () => {
    assert.equal(rules('c.json', Buffer.from('{"a":[{"b":{"_target_":"os.system"}}]}')), 'C-1');
    assert.equal(rules('c.json', Buffer.from('{"_target_":{"x":1}}')), 'C-1');
  });

  test('C-1 texts of millions of characters hide nothing, and one too tangled to follow is told', () => {
    const order = Buffer.from('_target_: os.system\nb: "');
    const quoted = (text: string): Buffer => Buffer.concat([order, Buffer.from(`${text}"\n`)]);

    assert.equal(rules('c.yaml', quoted('t'.repeat(14e6))), 'C-1');
    assert.equal(rules('c.yaml', quoted(String.raw`\t`.repeat(7e6))), 'C-1 M-3');
  });
});
