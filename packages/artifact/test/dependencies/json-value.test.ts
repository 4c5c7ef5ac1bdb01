import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  isObject,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
  textsAt,
  timeAt,
  valueAt,
} from '../../src/dependencies/json-value.ts';

test('a value of the type asked for is given, anything else is absent', () => {
  const owner = { o: { a: 1 }, l: [{ b: 2 }, 'x', null, [1]], s: 'text', n: 1, z: null };

  assert.deepEqual(objectAt(owner, 'o'), { a: 1 });
  assert.deepEqual(
    [objectAt(owner, 'l'), objectAt(owner, 'z'), objectAt(owner, 's')],
    [{}, {}, {}],
  );
  assert.deepEqual(objectsAt(owner, 'l'), [{ b: 2 }]);
  assert.deepEqual(textsAt(owner, 'l'), ['x']);
  assert.deepEqual([listAt(owner, 'l').length, listAt(owner, 'o').length], [4, 0]);
  assert.deepEqual([textAt(owner, 's'), textAt(owner, 'n'), textAt(owner, 'q')], ['text', '', '']);
  assert.deepEqual([numberAt(owner, 'n'), numberAt(owner, 's')], [1, null]);
  assert.deepEqual([isObject([]), isObject(null), isObject({})], [false, false, true]);
});

test('what an object inherits is not in it', () => {
  for (const key of ['constructor', 'toString', '__proto__']) {
    assert.equal(valueAt({}, key), undefined);
    assert.deepEqual(objectAt({}, key), {});
  }
});

test('times are RFC 3339; the zero time of Go is none', () => {
  const at = (t: string): number | null => timeAt({ t }, 't');

  assert.equal(at('2026-01-02T03:04:05Z'), Date.UTC(2026, 0, 2, 3, 4, 5));
  assert.equal(at('2026-01-02T03:04:05.123456789+02:00'), Date.UTC(2026, 0, 2, 1, 4, 5, 123));
  for (const bad of [
    '0001-01-01T00:00:00Z',
    '2026-01-02',
    '2026-13-02T03:04:05Z',
    'now',
    '2026-01-02T03:04:05',
    '',
  ]) {
    assert.equal(at(bad), null, bad);
  }
});
