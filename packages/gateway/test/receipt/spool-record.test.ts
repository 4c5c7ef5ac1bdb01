import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { parseSpoolLine, spoolLine } from '../../src/receipt/spool-record.ts';

const record = fc.record({
  kind: fc.constantFrom('open', 'done', 'batch', 'end'),
  id: fc.string({ unit: fc.constantFrom('r', '_', '0', 'a'), minLength: 1 }),
  body: fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\n\r]/g, ' ')),
});

test('a line reads back as what was written', () => {
  fc.assert(
    fc.property(record, (value) => {
      const written = { ...value, kind: value.kind as 'open' };
      assert.deepEqual(parseSpoolLine(spoolLine(written).slice(0, -1)), written);
    }),
  );
});

test('a line that was cut anywhere, or changed, is not whole', () => {
  const line = spoolLine({ kind: 'done', id: 'rcpt_1', body: '{"a":1}' }).slice(0, -1);

  for (let length = 0; length < line.length; length += 1) {
    assert.equal(parseSpoolLine(line.slice(0, length)), null);
  }
  assert.equal(parseSpoolLine(line.replace('"a":1', '"a":2')), null);
  assert.equal(parseSpoolLine('\0'.repeat(40)), null);
});
