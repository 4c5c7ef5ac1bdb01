import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { bytesSource } from '../../../src/scan/byte-source.ts';
import type { Value } from '../../../src/scan/pickle/value.ts';
import {
  EMPTY_TUPLE,
  FALSE,
  FLOAT,
  LONG_TEXT,
  NONE,
  StreamText,
  TRUE,
  addEntry,
  addItem,
  container,
  describe as render,
  entriesOf,
  instance,
  int,
  isGlobal,
  sizeOf,
  text,
  textOf,
  tuple,
  weightOf,
} from '../../../src/scan/pickle/value.ts';

describe('values of the machine', () => {
  test('weight counts the leaves of a walk, also through shared items', () => {
    const shared = tuple([NONE, NONE]);
    const list = container('list');
    addItem(list, shared);
    addItem(list, shared);

    assert.equal(weightOf(list), 1 + 2 * 3);
  });

  test('the last value of a key counts, as a load keeps it', () => {
    const dict = container('dict');
    addEntry(dict, text('a'), int(1));
    addEntry(dict, text('b'), int(2));
    addEntry(dict, text('a'), int(3));

    assert.deepEqual(
      [...(entriesOf(dict) ?? [])],
      [
        ['a', int(3)],
        ['b', int(2)],
      ],
    );
  });

  test('a dict with a key that is no literal text has no known entries', () => {
    const dict = container('dict');
    addEntry(dict, text('a'), NONE);
    assert.notEqual(entriesOf(dict), null);

    addEntry(dict, int(1), NONE);

    assert.equal(entriesOf(dict), null);
  });

  test('a dict of more than 256 entries has no known entries', () => {
    const dict = container('dict');
    for (let n = 0; n < 256; n += 1) addEntry(dict, text(`${n}`), NONE);
    assert.equal(entriesOf(dict)?.size, 256);

    addEntry(dict, text('0'), NONE);

    assert.equal(entriesOf(dict), null);
    assert.equal(weightOf(dict), 1 + 2 * 257);
  });

  test('dicts without entries do not share later ones', () => {
    const [one, other] = [container('dict'), container('dict')];
    addEntry(one, text('a'), NONE);

    assert.equal(entriesOf(one)?.size, 1);
    assert.equal(entriesOf(other)?.size, 0);
    assert.equal(entriesOf(container('list')), null);
  });

  test('a text of the stream is read where it stands', () => {
    const value = new StreamText(bytesSource(Buffer.from('..name..')), 2, 4);

    assert.equal(textOf(value), 'name');
    assert.equal(render(value), '"name"');
  });

  test('a size is a safe integer that is not negative', () => {
    assert.equal(sizeOf(int(5)), 5);
    assert.equal(sizeOf(int(-5)), null);
    assert.equal(sizeOf(int(1n << 60n)), null);
    assert.equal(sizeOf(text('5')), null);
  });

  test('a rendering is short, quoted and bounded', () => {
    assert.equal(render(tuple([text('a\nb'), int(3), NONE])), '("a\\nb", 3, None)');
    assert.equal(render(text('x'.repeat(5000))), 'a long text');
  });

  test('renderings of every kind of value', () => {
    const call = instance({ kind: 'global', module: 'a.b', name: 'f', rule: null }, EMPTY_TUPLE);
    const rendered: readonly (readonly [value: Value, text: string])[] = [
      [NONE, 'None'],
      [TRUE, 'True'],
      [FALSE, 'False'],
      [FLOAT, 'float'],
      [int(255), '255'],
      [int(256), '256'],
      [int(-1), '-1'],
      [int(null), 'a long int'],
      [int(10n ** 30n), `1${'0'.repeat(23)}`],
      [text('x'.repeat(61)), `"${'x'.repeat(60)}"`],
      [LONG_TEXT, 'a long text'],
      [{ kind: 'bytes', start: 0, length: 3 }, '3 bytes'],
      [{ kind: 'global', module: 'a.b', name: 'f', rule: null }, 'a.b.f'],
      [container('list'), 'a list'],
      [container('dict'), 'a dict'],
      [container('set'), 'a set'],
      [{ kind: 'persistent', id: NONE }, 'a persistent'],
      [call, 'f(...)'],
      [instance(call, EMPTY_TUPLE), 'a computed value'],
      [EMPTY_TUPLE, '()'],
      [tuple([NONE, NONE, NONE, NONE]), '(None, None, None, None)'],
      [tuple([NONE, NONE, NONE, NONE, NONE]), '(None, None, None, None, ...)'],
      [tuple([tuple([tuple([NONE])])]), '(((...)))'],
    ];
    for (const [value, expected] of rendered) assert.equal(render(value), expected);
  });

  test('a text of 1024 characters is kept, and one more is not', () => {
    assert.equal(textOf(text('x'.repeat(1024)))?.length, 1024);
    assert.equal(textOf(text('x'.repeat(1025))), null);
    assert.equal(textOf(NONE), null);
    assert.equal(textOf(undefined), null);
  });

  test('small integers are one object each', () => {
    assert.equal(int(255), int(255));
    assert.deepEqual(
      [int(0), int(255)],
      [
        { kind: 'int', value: 0 },
        { kind: 'int', value: 255 },
      ],
    );
    assert.deepEqual(int(5n), { kind: 'int', value: 5n });
  });

  test('weights of made values, which never pass 10 to the 15th', () => {
    const heavy = container('list');
    heavy.weight = 1e15 - 3;
    const list = container('list');
    addItem(list, heavy);
    assert.equal(list.weight, 1e15 - 2);
    for (let n = 0; n < 5; n += 1) addItem(list, NONE);
    assert.equal(list.weight, 1e15);

    const dict = container('dict');
    addEntry(dict, NONE, heavy);
    assert.equal(dict.weight, 1e15 - 1);
    addEntry(dict, NONE, NONE);
    assert.equal(dict.weight, 1e15);
    assert.equal(weightOf(tuple([heavy, NONE, NONE, NONE])), 1e15);
    assert.equal(weightOf(tuple([heavy])), 1e15 - 2);
    assert.equal(weightOf(instance(NONE, tuple([NONE, NONE]))), 4);
    assert.deepEqual(
      [NONE, text('a'), int(1), container('set'), { kind: 'persistent', id: heavy } as const].map(
        weightOf,
      ),
      [1, 1, 1, 1, 1],
    );
  });

  test('items of an object are weighed', () => {
    const made = instance(NONE, EMPTY_TUPLE);
    addEntry(made, NONE, NONE);
    addItem(made, NONE);

    assert.equal(made.weight, 5);
    assert.equal(entriesOf(made), null);
  });

  test('an import is known by module and name', () => {
    const global = { kind: 'global', module: 'a', name: 'b', rule: null } as const;

    assert.ok(isGlobal(global, 'a', 'b'));
    assert.ok(
      !isGlobal(global, 'a', 'c') && !isGlobal(global, 'c', 'b') && !isGlobal(NONE, 'a', 'b'),
    );
    assert.ok(!isGlobal(undefined, 'a', 'b'));
  });

  test('a size may be zero or a long integer, and not more than a safe one', () => {
    assert.equal(sizeOf(int(0)), 0);
    assert.equal(sizeOf(int(7n)), 7);
    assert.equal(sizeOf(int(null)), null);
    assert.equal(sizeOf(int(2n ** 53n - 1n)), 2 ** 53 - 1);
    assert.equal(sizeOf(int(2n ** 53n)), null);
    assert.equal(sizeOf(undefined), null);
  });
});
