import assert from 'node:assert/strict';
import { test } from 'node:test';

import { childContext } from '@proofmark/trace';

import { Exchange } from '../src/exchange.ts';
import { compileGeneration } from '../src/generation.ts';
import { isReceiptId } from '../src/ids.ts';

const generation = compileGeneration({ routes: [], tenants: [] }, Buffer.alloc(32), 1);

test('an exchange begins with ids of its own, unreceipted, and as a failure until it is answered', () => {
  const [a, b] = [1, 2].map((ms) => new Exchange(generation, ms, childContext(null), null));
  assert.ok(a && b);

  assert.ok(isReceiptId(a.id));
  assert.notEqual(a.id, b.id);
  assert.notEqual(a.salt, b.salt);
  assert.equal(a.receipted, false);
  assert.equal(a.outcome, 'failed');
  assert.equal(a.gone.signal.aborted, false);
});
