import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answering, inWorld } from '../world.ts';

test('a row says who asked, which version answered, how it ended, and holds no content', async () => {
  await inWorld({ model: answering('Hello there.') }, async (world) => {
    const answer = await world.chat({ stream: true });

    const [row] = world.ledger;
    assert.equal(row?.tenantId, 'acme');
    assert.equal(row.id, answer.headers['x-proofmark-receipt']);
    assert.equal(row.route?.version, '1.2.0');
    assert.equal(row.route.owner, 'team-support');
    assert.deepEqual(
      [row.outcome, row.status, row.stream, row.receipted, row.errorCode, row.claimedModel],
      ['answered', 200, true, true, null, 'support'],
    );
    assert.ok((row.firstByteMs ?? -1) >= 0 && row.durationMs >= (row.firstByteMs ?? 0));
    assert.doesNotMatch(JSON.stringify(row), /Hello|order/);
  });
});
