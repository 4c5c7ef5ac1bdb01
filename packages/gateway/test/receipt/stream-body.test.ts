import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  closingComment,
  eventEnd,
  splitEvents,
  withoutClosingComment,
} from '../../src/receipt/stream-body.ts';

const split = (text: string): string[] =>
  splitEvents(Buffer.from(text)).map((event) => Buffer.from(event).toString());

test('events end with an empty line, whatever the line ending', () => {
  assert.deepEqual(split('data: a\n\ndata: b\n\n'), ['data: a\n\n', 'data: b\n\n']);
  assert.deepEqual(split('data: a\r\n\r\ndata: b'), ['data: a\r\n\r\n', 'data: b']);
  assert.deepEqual(split('data: a\r\rdata: b\n\n'), ['data: a\r\r', 'data: b\n\n']);
  assert.deepEqual(split(''), []);
});

test('cutting loses and invents no byte', () => {
  const body = fc.string({ unit: fc.constantFrom('a', '\n', '\r', ':') });
  fc.assert(fc.property(body, (text) => assert.equal(split(text).join(''), text)));
});

test('a lone CR at the end of the bytes may be half of a CR LF and ends nothing', () => {
  assert.equal(eventEnd(Buffer.from('data: a\r\n\r'), 0), -1);
  assert.equal(eventEnd(Buffer.from('data: a\r\n\r\n'), 0), 11);
});

test('only the exact closing comment at the very end is taken off', () => {
  const id = `rcpt_${'1'.repeat(32)}`;
  const comment = closingComment(id).toString();
  const cut = (text: string): string =>
    Buffer.from(withoutClosingComment(Buffer.from(text), id)).toString();

  assert.equal(cut(`data: a\n\n${comment}`), 'data: a\n\n');
  assert.equal(cut(`${comment}data: a\n\n`), `${comment}data: a\n\n`);
  assert.equal(
    cut(`data: a\n\n${comment.replace('1', '2')}`),
    `data: a\n\n${comment.replace('1', '2')}`,
  );
});
