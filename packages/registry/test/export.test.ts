import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sha256Hex } from '@proofmark/core';

import { moveOf, openWorld, registerReady, registryError } from './world.ts';

test('an export holds the record and all that the record names', async () => {
  const world = await openWorld();
  await registerReady(world);
  const { recordDigest } = await world.registry.promote(moveOf());

  const exported = await world.registry.exportDecision(recordDigest);

  assert.equal(sha256Hex(exported.record.envelope), recordDigest);
  assert.equal(exported.former, null);
  assert.ok(exported.evidence.length > 0);
  for (const { digest, envelope } of exported.evidence) assert.equal(sha256Hex(envelope), digest);
});

test('a record that is not there cannot be exported', async () => {
  const world = await openWorld();

  await assert.rejects(
    world.registry.exportDecision('a'.repeat(64)),
    registryError('REGISTRY_NOT_FOUND'),
  );
});
