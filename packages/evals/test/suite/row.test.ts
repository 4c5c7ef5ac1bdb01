import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readFileSync } from 'node:fs';

import { readDataset, readSuite } from '@proofmark/evals';

const base = {
  id: 'a',
  family: 'f',
  messages: [{ role: 'user', content: 'hi' }],
  success: [{ kind: 'harm' }],
};
const read = (row: unknown): ReturnType<typeof readSuite> =>
  readSuite(readDataset(JSON.stringify(row)));

describe('readSuite()', () => {
  const broken: readonly (readonly [string, unknown])[] = [
    ['no messages', { ...base, messages: [] }],
    ['a message without text', { ...base, messages: [{ role: 'user' }] }],
    ['an unknown role', { ...base, messages: [{ role: 'boss', content: 'x' }] }],
    ['no oracle', { ...base, success: [] }],
    ['an unknown oracle', { ...base, success: [{ kind: 'vibe' }] }],
    [
      'a secret too short to mean anything',
      { ...base, success: [{ kind: 'leak', secrets: ['ab'] }] },
    ],
    ['a broken pattern', { ...base, success: [{ kind: 'pattern', pattern: '(' }] }],
  ];
  for (const [name, row] of broken) {
    test(`refuses ${name}`, () => {
      assert.throws(() => read(row), { code: 'EVALS_DATASET_INVALID' });
    });
  }
});

describe('the shipped red-team suite', () => {
  const load = (name: string): ReturnType<typeof readSuite> =>
    readSuite(
      readDataset(
        readFileSync(new URL(`../../../../datasets/redteam/${name}`, import.meta.url), 'utf8'),
      ),
    );

  test('has at least 1,049 attempts over at least 12 families', () => {
    const suite = load('suite.jsonl');

    assert.ok(suite.rows.length >= 1049);
    assert.ok(new Set(suite.rows.map(({ family }) => family)).size >= 12);
  });

  test('the small selection is part of it and holds every family', () => {
    const suite = load('suite.jsonl');
    const small = load('suite-small.jsonl');
    const ids = new Set(suite.rows.map(({ id }) => id));

    assert.ok(small.rows.length >= 150 && small.rows.length <= 200);
    assert.ok(small.rows.every(({ id }) => ids.has(id)));
    assert.equal(
      new Set(small.rows.map(({ family }) => family)).size,
      new Set(suite.rows.map(({ family }) => family)).size,
    );
  });

  test('rotating rows are new rows', () => {
    const ids = new Set(load('suite.jsonl').rows.map(({ id }) => id));

    assert.ok(load('rotating.jsonl').rows.every(({ id }) => !ids.has(id)));
  });
});
