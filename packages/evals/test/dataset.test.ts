import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { diffDatasets, readDataset, toDataset, toRow, writeDataset } from '@proofmark/evals';

const row = (id: string, extra = {}): string =>
  JSON.stringify({ id, family: 'f', severity: 'low', owner: 'o', ...extra });

describe('readDataset()', () => {
  test('order and spacing do not change the version, content does', () => {
    const one = readDataset(`${row('a')}\n${row('b')}\n`);
    const two = readDataset(`${row('b')}\n\n${row('a').replaceAll(':', ': ')}`);
    const three = readDataset(`${row('a')}\n${row('b', { note: 'x' })}\n`);

    assert.equal(one.digest, two.digest);
    assert.notEqual(one.digest, three.digest);
  });

  test('writing and reading gives the same dataset', () => {
    const ids = fc.uniqueArray(
      fc.string({ minLength: 1, maxLength: 8 }).filter((id) => id.isWellFormed()),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(ids, (names) => {
        const dataset = toDataset(names.map((id) => toRow({ id, family: 'f' }, id)));
        assert.equal(readDataset(writeDataset(dataset)).digest, dataset.digest);
      }),
    );
  });

  const broken: readonly (readonly [string, string])[] = [
    ['a repeated id', `${row('a')}\n${row('a')}`],
    ['no JSON', '{'],
    ['a repeated key', '{"id":"a","id":"b","family":"f"}'],
    ['no family', '{"id":"a"}'],
    ['a wrong severity', row('a', { severity: 'awful' })],
    ['a list', '[1]'],
  ];
  for (const [name, text] of broken) {
    test(`refuses ${name}`, () => {
      assert.throws(() => readDataset(text), { code: 'EVALS_DATASET_INVALID' });
    });
  }
});

test('diffDatasets() tells added, removed and changed rows', () => {
  const before = readDataset(`${row('a')}\n${row('b')}`);
  const after = readDataset(`${row('b', { note: 1 })}\n${row('c')}`);

  assert.deepEqual(diffDatasets(before, after), { added: ['c'], removed: ['a'], changed: ['b'] });
});
