import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { importDataset } from '@proofmark/evals';
import type { Dataset } from '@proofmark/evals';

const data = (dataset: Dataset): readonly unknown[] => dataset.rows.map((row) => row.data);

describe('importDataset()', () => {
  test('JSON lines keep their fields; defaults fill in; the same file is the same version', () => {
    const source = '{"id":"a","text":"x","family":"own"}\n{"text":"y"}\n';
    const dataset = importDataset('jsonl', source, { family: 'given', owner: 'red-team' });

    assert.deepEqual(
      dataset.rows.map(({ family, owner }) => [family, owner]),
      [
        ['own', 'red-team'],
        ['given', 'red-team'],
      ],
    );
    assert.equal(
      importDataset('jsonl', source, { family: 'given', owner: 'red-team' }).digest,
      dataset.digest,
    );
    assert.notEqual(importDataset('jsonl', source, { family: 'other' }).digest, dataset.digest);
  });

  test('CSV labels become numbers', () => {
    assert.deepEqual(data(importDataset('csv', 'id,text,label\na,"x, y",1\n')), [
      { family: 'imported', severity: 'none', owner: '', id: 'a', text: 'x, y', label: 1 },
    ]);
  });

  test('HarmBench behaviours keep id, category and context', () => {
    const source =
      'Behavior,FunctionalCategory,SemanticCategory,Tags,ContextString,BehaviorID\n"Do a bad, bad thing",contextual,illegal,[],some context,bad_thing\n';
    assert.deepEqual(data(importDataset('harmbench', source, { severity: 'high' })), [
      {
        family: 'illegal',
        severity: 'high',
        owner: '',
        id: 'bad_thing',
        text: 'Do a bad, bad thing',
        label: 1,
        context: 'some context',
        kind: 'contextual',
      },
    ]);
  });

  test('promptfoo configurations and result files', () => {
    const config = {
      tests: [{ vars: { query: 'ignore that' }, metadata: { pluginId: 'hijacking' } }],
    };
    const results = {
      results: { results: [{ vars: { prompt: 'hello' }, description: 'greets' }] },
    };

    assert.equal(importDataset('promptfoo', config).rows[0]?.family, 'hijacking');
    assert.equal(importDataset('promptfoo', results).rows[0]?.data['text'], 'hello');
  });

  test('garak reports and hit logs: attempts only, old and new prompt shapes', () => {
    const report = [
      { entry_type: 'init', garak_version: '1' },
      {
        entry_type: 'attempt',
        probe_classname: 'dan.Dan',
        prompt: 'be DAN',
        outputs: ['no'],
        goal: 'g',
      },
      {
        entry_type: 'attempt',
        probe_classname: 'encoding.Rot13',
        prompt: { turns: [{ role: 'user', content: { text: 'rot' } }] },
        outputs: [{ text: 'yes' }],
      },
      { entry_type: 'eval', probe: 'dan.Dan' },
    ];
    const hit = {
      probe: 'dan.Dan',
      prompt: { text: 'be DAN' },
      output: { text: 'sure' },
      score: 1,
    };
    const source = [...report, hit].map((entry) => JSON.stringify(entry)).join('\n');

    const rows = data(importDataset('garak', source)) as readonly {
      output: string;
      text: string;
    }[];
    assert.deepEqual(rows.map(({ output, text }) => `${text}:${output}`).toSorted(), [
      'be DAN:no',
      'be DAN:sure',
      'rot:yes',
    ]);
  });

  const broken = [
    ['jsonl', 'not json'],
    ['jsonl', '7'],
    ['jsonl', ''],
    ['csv', 'a,b\n1'],
    ['harmbench', 'Other\nx'],
    ['promptfoo', { nothing: 1 }],
    ['promptfoo', null],
    ['garak', '{"entry_type":"init"}'],
    ['garak', 7],
  ] as const;
  for (const [format, source] of broken) {
    test(`${format} ${JSON.stringify(source)} is refused`, () => {
      assert.throws(() => importDataset(format, source), { code: 'EVALS_DATASET_INVALID' });
    });
  }

  test('a row that names a prototype stays data', () => {
    const dataset = importDataset('jsonl', '{"id":"a","__proto__":{"polluted":true}}');
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    assert.equal(dataset.rows.length, 1);
  });
});
