import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { readCsv } from '../../src/imports/csv.ts';

const records = (text: string): unknown => readCsv(text).map((row) => Object.fromEntries(row));

describe('readCsv()', () => {
  test('quotes hold separators, quotes and line breaks', () => {
    assert.deepEqual(records('a,b\r\n1,"x, ""y""\nz"\n2,\n'), [
      { a: '1', b: 'x, "y"\nz' },
      { a: '2', b: '' },
    ]);
    assert.deepEqual(records('\ufeffa\n\n1'), [{ a: '1' }]);
  });

  test('what is not CSV is refused, not guessed at', () => {
    for (const text of ['', 'a,a\n1,2', 'a,b\n1', 'a\n"open', 'a\n"x"y']) {
      assert.throws(() => readCsv(text), { code: 'EVALS_DATASET_INVALID' }, JSON.stringify(text));
    }
  });

  test('reads back whatever was quoted', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é') });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 6 }), (rows) => {
        const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`;
        const text = ['a,b', ...rows.map((row) => row.map(quote).join(','))].join('\n');
        assert.deepEqual(
          readCsv(text).map((row) => [row.get('a'), row.get('b')]),
          rows,
        );
      }),
    );
  });
});
