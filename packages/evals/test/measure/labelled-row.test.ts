import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  optionalField,
  readLabelledRow,
  rowId,
  textField,
} from '../../src/measure/labelled-row.ts';

describe('readLabelledRow()', () => {
  test('reads id, label and fields; a missing label is null', () => {
    assert.deepEqual(readLabelledRow({ id: 'a', label: 1, text: 'x' }, 'line 1').label, 1);
    assert.equal(readLabelledRow({ text: 'x' }, 'line 3').id, 'line 3');
    assert.equal(readLabelledRow({ text: 'x' }, 'line 3').label, null);
    assert.equal(readLabelledRow({ label: false }, 'line 3').label, 0);
  });

  for (const row of [null, 7, 'text', [], { label: 'yes' }, { label: 2 }, { label: {} }]) {
    test(`refuses ${JSON.stringify(row)} and names it`, () => {
      assert.throws(() => readLabelledRow(row, 'line 9'), {
        code: 'EVALS_DATASET_INVALID',
        message: /line 9/,
      });
    });
  }

  test('an id is bounded, and a broken row keeps the one it has', () => {
    assert.equal(rowId({ id: 'x'.repeat(9000) }, 'p').length, 200);
    assert.equal(rowId({ id: 12 }, 'p'), '12');
    assert.equal(rowId({ id: { nested: 1 } }, 'p'), 'p');
  });
});

test('textField() takes the first field with text and refuses a row of another task', () => {
  const row = readLabelledRow({ id: 'a', input: 'i', output: true }, 'line 1');

  assert.equal(textField(row, 'text', 'input'), 'i');
  assert.equal(textField(row, 'output'), 'true');
  assert.equal(optionalField(row, 'context'), undefined);
  assert.throws(() => textField(row, 'text'), { code: 'EVALS_DATASET_INVALID' });
});
