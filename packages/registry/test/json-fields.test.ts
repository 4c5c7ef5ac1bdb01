import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Json } from '@proofmark/core';

import { Fields } from '../src/json-fields.ts';
import { registryError } from './world.ts';

const kind = { what: 'document', code: 'REGISTRY_EVIDENCE_INVALID' } as const;
const of = (value: Json): Fields => new Fields(value, kind);

test('fields are read in their types', () => {
  const fields = of({
    text: 'a',
    digest: 'a'.repeat(64),
    count: 3,
    number: 0.5,
    flag: false,
    word: 'b',
    time: '2026-01-31T12:00:00.123456Z',
    object: { x: 1 },
    list: [{ x: 1 }, { x: 2 }],
    texts: ['a', 'b'],
    nothing: null,
  });

  assert.equal(fields.text('text'), 'a');
  assert.equal(fields.digest('digest'), 'a'.repeat(64));
  assert.equal(fields.count('count'), 3);
  assert.equal(fields.number('number', { min: 0, max: 1 }), 0.5);
  assert.equal(fields.flag('flag'), false);
  assert.equal(fields.oneOf('word', ['a', 'b']), 'b');
  assert.equal(fields.time('time'), Date.parse('2026-01-31T12:00:00.123Z'));
  assert.equal(fields.object('object').count('x'), 1);
  assert.deepEqual(
    fields.list('list', (item) => item.count('x')),
    [1, 2],
  );
  assert.deepEqual(fields.texts('texts'), ['a', 'b']);
  assert.deepEqual(
    [fields.has('nothing'), fields.has('absent'), fields.has('flag')],
    [false, false, true],
  );
});

describe('a field is refused when it is', () => {
  const refused: readonly (readonly [string, () => unknown])[] = [
    ['an empty text', () => of({ x: '' }).text('x')],
    ['a text too long', () => of({ x: 'ab' }).text('x', { max: 1 })],
    ['a text against its pattern', () => of({ x: 'B' }).text('x', { pattern: /^[a-z]$/ })],
    ['a lone surrogate', () => of({ x: '\ud800' }).text('x')],
    ['a digest in capitals', () => of({ x: 'A'.repeat(64) }).digest('x')],
    ['a negative count', () => of({ x: -1 }).count('x')],
    ['a count over 2^53', () => of({ x: 2 ** 53 }).count('x')],
    ['a number out of range', () => of({ x: 1.01 }).number('x', { min: 0, max: 1 })],
    ['no flag', () => of({ x: 0 }).flag('x')],
    ['another word', () => of({ x: 'c' }).oneOf('x', ['a', 'b'])],
    ['a time in another zone', () => of({ x: '2026-01-31T12:00:00+01:00' }).time('x')],
    ['a day that does not exist', () => of({ x: '2026-13-31T12:00:00Z' }).time('x')],
    ['a list instead of an object', () => of({ x: [] }).object('x')],
    ['an object instead of a list', () => of({ x: {} }).list('x', () => 0)],
    ['a list too long', () => of({ x: [{}, {}] }).list('x', () => 0, 1)],
    ['a list with a wrong item', () => of({ x: [1] }).texts('x')],
    ['a list with a wrong digest', () => of({ x: ['a'] }).digests('x')],
    ['a list with a wrong number', () => of({ x: [2] }).numbers('x', { min: 0, max: 1 })],
    ['not there', () => of({}).text('x')],
    ['a member of every object', () => of({}).text('constructor')],
    ['in no object', () => of(null)],
    ['in a list', () => of([])],
  ];
  for (const [name, read] of refused) {
    test(name, () => {
      assert.throws(read, registryError('REGISTRY_EVIDENCE_INVALID'));
    });
  }
});

test('a refusal says where, and never repeats more than a little of the document', () => {
  const inner = () =>
    of({ a: { b: [{ c: 'x'.repeat(500) }] } })
      .object('a')
      .list('b', (item) => item.text('c', { pattern: /^y/ }));

  assert.throws(inner, (e: Error) => e.message.includes('a.b[0].c') && e.message.length < 200);
});

test('an object with very many keys is refused before they are looked at', () => {
  const many = Object.fromEntries(Array.from({ length: 1025 }, (_, i) => [`k${i}`, 1]));

  assert.throws(() => of(many).keys(), registryError('REGISTRY_EVIDENCE_INVALID'));
});
