import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { inspect, rules } from '../outcome.ts';
import { bytes } from '../pickle-bytes.ts';

const long = (value: number): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(BigInt(value));
  return bytes('L', buffer);
};
const key = (name: string): Buffer => bytes(long(name.length), name);
const text = (value: string): Buffer => bytes('S', long(value.length), value);

/** An XGBoost model in small: typed, counted and plain arrays, nested objects. */
function model(learner: Uint8Array = bytes('{', key('name'), text('gbtree'), '}')): Buffer {
  return bytes(
    '{',
    key('learner'),
    learner,
    key('version'),
    bytes('[#', long(3), 'i\u0003i\u0002i\0'),
    '}',
  );
}
const member = (value: Uint8Array): Buffer => model(bytes('{', key('a'), value, '}'));

describe('UBJSON', () => {
  test('a model of XGBoost is clean under each of its names', () => {
    for (const name of ['m.ubj', 'm.model', 'm.bst', 'm.bin']) {
      assert.equal(rules(name, model()), '', name);
      assert.equal(inspect(name, model()).format, 'xgboost-ubj');
    }
    assert.equal(rules('m.json', model()), 'Z-1');
  });

  const VALUES: readonly (readonly [what: string, value: Uint8Array])[] = [
    ['a typed array', bytes('[$d#', long(2), Buffer.alloc(8))],
    ['an empty typed array', bytes('[$L#', long(0))],
    ['an array of texts', bytes('[', text('a'), text('b'), ']')],
    ['a counted array of texts', bytes('[$S#U\u0002U\u0001aU\u0001b')],
    ['an array of objects', bytes('[{', key('x'), 'T}{}', 'N]')],
    ['a counted object', bytes('{#U\u0001U\u0001aF')],
    ['a typed object', bytes('{$U#U\u0001U\u0001a\u0007')],
    [
      'numbers of all sizes',
      bytes('[i\0U\0I\0\0l\0\0\0\0', long(0), 'd\0\0\0\0D', Buffer.alloc(8), 'CxZHU\u0001', '1]'),
    ],
  ];
  for (const [what, value] of VALUES) {
    test(`${what} is read`, () => assert.equal(rules('m.ubj', member(value)), ''));
  }

  const BROKEN: readonly (readonly [what: string, file: Uint8Array])[] = [
    ['bytes behind the document', bytes(model(), 'x')],
    ['a key twice', member(bytes('{', key('a'), 'T', key('a'), 'F}'))],
    ['an array longer than the file', member(bytes('[$d#', long(2 ** 40)))],
    ['a text longer than the file', member(bytes('S', long(9e9)))],
    ['a negative length', member(bytes('S', 'i\u00ff'))],
    ['a length that is no integer', member(bytes('Sd\0\0\0\0'))],
    ['a type without a count', member(bytes('[$d', Buffer.alloc(8)))],
    ['an unknown type', member(bytes('?'))],
    [
      'a counted array of objects that is longer than the file',
      member(bytes('[$Z#', long(2 ** 52), '[')),
    ],
    ['an end that is missing', model().subarray(0, -1)],
    ['a nesting beyond 64', member(bytes('['.repeat(70), ']'.repeat(70)))],
    ['a key beyond 4096 bytes', member(bytes('{', key('k'.repeat(4097)), 'T}'))],
  ];
  for (const [what, file] of BROKEN) {
    test(`C-4 ${what} makes the file incomplete`, () => {
      const report = inspect('m.ubj', file);

      assert.deepEqual([report.verdict, report.findings[0]?.rule], ['incomplete', 'C-4']);
    });
  }

  test('prose that begins with a brace is no UBJSON', () => {
    assert.equal(inspect('notes.txt', Buffer.from('{Under the roof of the house}')).format, 'text');
    assert.equal(rules('m.ubj', bytes('{', long(3), '\u0001\u0002\u0003')), 'M-1');
  });
});
