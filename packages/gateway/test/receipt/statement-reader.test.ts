import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { readReceiptPayload } from '../../src/receipt/statement-reader.ts';
import { receiptPayload } from '../../src/receipt/statement.ts';
import { anyFacts, receiptFacts } from './facts.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

test('reading what was written gives the facts back', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      assert.deepEqual(readReceiptPayload(bytes(receiptPayload(facts))), facts);
    }),
  );
});

const good = receiptPayload(receiptFacts());
const broken: readonly [name: string, payload: string][] = [
  ['no JSON', '{'],
  ['another predicate type', good.replace('urn:proofmark:receipt:v1', 'urn:proofmark:receipt:v2')],
  ['an extra field', good.replace('"route":', '"extra":1,"route":')],
  ['a missing field', good.replace('"route":"support-live",', '')],
  ['a duplicate field', good.replace('"route":', '"route":"other","route":')],
  ['a digest in upper case', good.replaceAll('d'.repeat(64), 'D'.repeat(64))],
  ['a negative time', good.replace('"startedAtMs":1', '"startedAtMs":-1')],
  ['an unknown outcome', good.replace('"outcome":"answered"', '"outcome":"fine"')],
  ['an unknown outcome with a response', good.replace('"answered"', '"unknown"')],
  [
    'a subject that is another response',
    good.replace(`"sha256":"${'6'.repeat(64)}"`, `"sha256":"${'7'.repeat(64)}"`),
  ],
  ['a subject of another name', good.replace(/"name":"rcpt_1+"/, '"name":"rcpt_2"')],
  ['an id that is none', good.replaceAll(`rcpt_${'1'.repeat(32)}`, 'rcpt_x')],
  ['a short salt', good.replace('2'.repeat(32), '22')],
];

for (const [name, payload] of broken) {
  test(`a payload with ${name} is refused`, () => {
    assert.notEqual(payload, good);
    assert.throws(() => readReceiptPayload(bytes(payload)), { code: 'GATEWAY_RECEIPT_INVALID' });
  });
}
