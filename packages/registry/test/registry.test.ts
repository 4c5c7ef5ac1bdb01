import assert from 'node:assert/strict';
import { test } from 'node:test';

import { moveOf, openWorld, registerReady } from './world.ts';

test('a version with passing evidence and an approval is promoted, and the alias points to it', async () => {
  const world = await openWorld();
  await registerReady(world);

  const result = await world.registry.promote(moveOf());

  assert.deepEqual(
    result.decision.rules.map((r) => [r.rule, r.outcome, r.code]),
    ['revocation', 'signature', 'scan', 'dependencies', 'regression', 'approval'].map((r) => [
      r,
      'pass',
      'GATE_OK',
    ]),
  );
  assert.equal(result.outcome, 'moved');
  assert.equal(result.alias?.generation, 1);
  assert.equal(result.alias.recordDigest, result.recordDigest);
  assert.deepEqual(await world.store.alias('production', 'live'), result.alias);
});
