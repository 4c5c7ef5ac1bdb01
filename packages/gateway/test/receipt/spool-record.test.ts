import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { SpoolLines, parseSpoolLine } from '../../src/receipt/spool-record.ts';
import type { SpoolRecord } from '../../src/receipt/spool-record.ts';

const record = fc.record({
  kind: fc.constantFrom('open', 'done', 'batch', 'end'),
  id: fc.string({ unit: fc.constantFrom('r', '_', '0', 'a'), minLength: 1 }),
  body: fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\n\r]/g, ' ')),
});

const lines = new SpoolLines();
const textOf = (records: readonly SpoolRecord[]): string =>
  Buffer.from(lines.encode(records)).toString('utf8');

test('lines read back as what was written, group after group', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (values) => {
      const written = values.map((value) => ({ ...value, kind: value.kind as 'open' }));

      const read = textOf(written).split('\n');

      assert.equal(read.pop(), '');
      assert.deepEqual(read.map(parseSpoolLine), written);
    }),
  );
});

test('a record longer than any before it is written whole, and a short one after it too', () => {
  const long = { kind: 'done', id: 'rcpt_1', body: '\u{1f600}é'.repeat(1_000_000) } as const;
  const short = { kind: 'end', id: 'rcpt_1', body: '-' } as const;

  assert.deepEqual(parseSpoolLine(textOf([long]).slice(0, -1)), long);
  assert.deepEqual(parseSpoolLine(textOf([short]).slice(0, -1)), short);
});

test('a line that was cut anywhere, or changed, is not whole', () => {
  const line = textOf([{ kind: 'done', id: 'rcpt_1', body: '{"a":1}' }]).slice(0, -1);

  for (let length = 0; length < line.length; length += 1) {
    assert.equal(parseSpoolLine(line.slice(0, length)), null);
  }
  assert.equal(parseSpoolLine(line.replace('"a":1', '"a":2')), null);
  assert.equal(parseSpoolLine('\0'.repeat(40)), null);
});
