import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ServerError } from '../../src/errors.ts';
import { asObject, countIn, countOf, textIn, textOf } from '../../src/http/body.ts';

const invalid = (error: unknown): boolean =>
  error instanceof ServerError && error.code === 'SERVER_REQUEST_INVALID';

test('texts and counts of a body are read in their range', () => {
  const fields = asObject({ name: 'a', count: 3, none: null });

  assert.equal(textOf(fields, 'name'), 'a');
  assert.equal(countOf(fields, 'count'), 3);
  assert.equal(countOf(fields, 'none'), undefined);
  assert.equal(countOf(fields, 'absent'), undefined);
});

describe('a body is refused when', () => {
  const refused: readonly (readonly [string, () => unknown])[] = [
    ['it is a list', () => asObject([])],
    ['it is null', () => asObject(null)],
    ['a text is missing', () => textOf({}, 'name')],
    ['a text is empty', () => textOf({ name: '' }, 'name')],
    ['a text is a number', () => textOf({ name: 1 }, 'name')],
    ['a text is endless', () => textOf({ name: 'x'.repeat(1025) }, 'name')],
    ['a count is negative', () => countOf({ n: -1 }, 'n')],
    ['a count is a fraction', () => countOf({ n: 0.5 }, 'n')],
    ['a count is a text', () => countOf({ n: '1' }, 'n')],
    ['a count is over 2^53', () => countOf({ n: 2 ** 53 }, 'n')],
  ];
  for (const [name, read] of refused) {
    test(name, () => {
      assert.throws(read, invalid);
    });
  }
});

test('counts of a query are capped, and anything else is refused', () => {
  const query = new URLSearchParams('limit=5000&bad=1e3&minus=-1&empty=');

  assert.equal(countIn(query, 'limit', 10, 1000), 1000);
  assert.equal(countIn(query, 'absent', 10, 1000), 10);
  for (const key of ['bad', 'minus', 'empty']) {
    assert.throws(() => countIn(query, key, 10, 1000), invalid);
  }
});

test('a text of a query is there or not, and never endless', () => {
  const query = new URLSearchParams(`name=a&long=${'x'.repeat(257)}`);

  assert.deepEqual(textIn(query, 'name'), { name: 'a' });
  assert.deepEqual(textIn(query, 'absent'), {});
  assert.throws(() => textIn(query, 'long'), invalid);
});
