import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sha256Hex } from '@proofmark/core';
import { childContext } from '@proofmark/trace';

import { Exchange } from '../../src/exchange.ts';
import { compileGeneration } from '../../src/generation.ts';
import { requestFacts } from '../../src/steps/receipt.ts';
import { answering, inWorld } from '../world.ts';

test('the retrieved texts of a request are bound by their digest', async () => {
  await inWorld({ model: answering('x') }, async (world) => {
    await world.chat({ documents: ['one', { text: 'two' }] });
    await world.chat();
    await world.issuer.flush();

    const [withDocuments, without] = [...world.sink.rows.values()];
    assert.equal(
      withDocuments?.facts.contextDigest,
      sha256Hex(sha256Hex('one') + sha256Hex('two')),
    );
    assert.equal(without?.facts.contextDigest, null);
    assert.notEqual(withDocuments.facts.salt, without?.facts.salt);
    assert.doesNotMatch(JSON.stringify(withDocuments.facts), /acme/);
  });
});

test('a request without a route has nothing to state', () => {
  const generation = compileGeneration({ routes: [], tenants: [] }, Buffer.alloc(32), 1);

  assert.throws(() => requestFacts(new Exchange(generation, 1, childContext(null), null)), {
    code: 'GATEWAY_INTERNAL',
  });
});
