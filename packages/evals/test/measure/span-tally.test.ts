import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { readLabelledRow } from '../../src/measure/labelled-row.ts';
import { annotatedSpans, createSpanTally, matchSpans } from '../../src/measure/span-tally.ts';
import type { PiiSpan } from '../../src/pii/pii.ts';

const row = (spans: unknown): ReturnType<typeof readLabelledRow> =>
  readLabelledRow({ id: 'r', spans }, 'line 1');
const found = (type: PiiSpan['type'], start: number, end: number): PiiSpan => ({
  type,
  start,
  end,
  confidence: 1,
});

describe('annotatedSpans()', () => {
  test('a value without a place is every whole occurrence of it', () => {
    const spans = annotatedSpans(row([{ value: 'Ann', type: 'NAME' }]), 'Ann and Anna, Ann.');

    assert.deepEqual(spans, [
      { type: 'PERSON', start: 0, end: 3 },
      { type: 'PERSON', start: 14, end: 17 },
    ]);
  });

  test('type names of other sources are brought to ours', () => {
    const names = ['EMAIL_ADDRESS', 'Phone Number', 'US_SSN', 'iban_code', 'IN_AADHAAR', 'ODD'];
    const spans = annotatedSpans(
      row(names.map((type, i) => ({ type, start: i, end: i + 1 }))),
      'abcdefgh',
    );
    assert.deepEqual(
      spans?.map(({ type }) => type),
      ['EMAIL', 'PHONE', 'SSN', 'IBAN', 'NATIONAL_ID', 'ODD'],
    );
  });

  test('names annotated word by word are one name', () => {
    const spans = annotatedSpans(
      row([
        { value: 'Ada', type: 'PERSON' },
        { value: 'Lovelace', type: 'PERSON' },
        { value: 'Paris', type: 'CITY' },
      ]),
      'Ada Lovelace, Ada; Paris',
    );

    assert.deepEqual(
      spans?.map(({ start, end }) => [start, end]),
      [
        [19, 24],
        [0, 12],
        [14, 17],
      ],
    );
  });

  test('a span outside the text, without a type or a place is refused', () => {
    for (const spans of [
      [{ type: 'X', start: 2, end: 99 }],
      [{ type: 'X', start: -1, end: 1 }],
      [{ value: 'a' }],
      [{ type: 'X' }],
      'spans',
    ]) {
      assert.throws(() => annotatedSpans(row(spans), 'abc'), { code: 'EVALS_DATASET_INVALID' });
    }
  });
});

describe('createSpanTally()', () => {
  test('counts a span once, exactly or by more than half, and by its type', () => {
    const gold = [
      { type: 'EMAIL', start: 0, end: 10 },
      { type: 'PHONE', start: 20, end: 30 },
    ];
    const tally = createSpanTally();
    tally.add(
      matchSpans(gold, [found('EMAIL', 0, 10), found('EMAIL', 1, 9), found('PHONE', 22, 30)]),
    );
    const figures = tally.figures();

    assert.deepEqual(
      [figures?.types['EMAIL']?.precision, figures?.types['EMAIL']?.recall],
      [0.5, 1],
    );
    assert.equal(figures?.types['PHONE']?.f1, 1);
    assert.equal(figures?.types['PHONE']?.exactF1, 0);
    assert.equal(figures?.structured?.matched, 2);
  });

  test('a type that the file never annotates counts against nobody', () => {
    const tally = createSpanTally();
    tally.add(matchSpans([{ type: 'EMAIL', start: 0, end: 5 }], [found('EMAIL', 0, 5)]));
    tally.add(matchSpans([], [found('POSTAL_CODE', 0, 5)]));

    assert.equal(tally.figures()?.all.precision, 1);
    assert.equal(createSpanTally().figures(), null);
  });
});
