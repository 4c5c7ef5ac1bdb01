import assert from 'node:assert/strict';
import { test } from 'node:test';

import { generatePrivateKeyPem, readSigner } from '@proofmark/core';

import { sealBatch } from '../../src/receipt/receipt.ts';
import type { SpoolRecord } from '../../src/receipt/spool-record.ts';
import { batchBody, spoolState } from '../../src/receipt/spool-state.ts';
import { receiptPayload } from '../../src/receipt/statement.ts';
import { receiptFacts } from './facts.ts';

const id = (n: number): string => `rcpt_${String(n).repeat(32)}`;
const done = (n: number): SpoolRecord => ({
  kind: 'done',
  id: id(n),
  body: receiptPayload(receiptFacts({ id: id(n) })),
});
const open = (n: number): SpoolRecord => ({
  kind: 'open',
  id: id(n),
  body: JSON.stringify(receiptFacts({ id: id(n) })),
});

const { batch } = await sealBatch(
  [done(1).body, done(2).body],
  1,
  readSigner(generatePrivateKeyPem('ed25519')),
);
const batchRecord: SpoolRecord = { kind: 'batch', id: 'b', body: batchBody(batch, [id(1), id(2)]) };

test('streams without an end are unfinished, receipts without a batch are pending', () => {
  const state = spoolState([open(1), open(2), done(2), done(3)]);

  assert.deepEqual(
    state.unfinished.map((facts) => facts.id),
    [id(1)],
  );
  assert.deepEqual(
    state.pending.map((receipt) => receipt.id),
    [id(2), id(3)],
  );
});

test('a signed batch without an end is taken up with the same signature', () => {
  const state = spoolState([done(1), done(2), batchRecord, done(3)]);

  assert.deepEqual(state.batches[0]?.envelope, batch);
  assert.deepEqual(
    state.batches[0]?.receipts.map((receipt) => receipt.id),
    [id(1), id(2)],
  );
  assert.deepEqual(
    state.pending.map((receipt) => receipt.id),
    [id(3)],
  );
});

test('an ended batch leaves nothing to do', () => {
  const state = spoolState([done(1), done(2), batchRecord, { kind: 'end', id: 'b', body: '-' }]);

  assert.deepEqual([state.batches, state.pending], [[], []]);
  assert.deepEqual(state.finished, [id(1), id(2)]);
});

test('a batch that names a receipt which is not there is damage', () => {
  assert.throws(() => spoolState([done(1), batchRecord]), { code: 'GATEWAY_SPOOL_CORRUPT' });
});
