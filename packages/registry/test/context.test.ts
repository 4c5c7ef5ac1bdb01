import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sha256Hex } from '@proofmark/core';

import { documentsAbout, requireDocument, requireVersion, storedDocument } from '../src/context.ts';
import { attachAs, openWorld, registration, registryError, scan } from './world.ts';

test('a document is found by the SHA-256 of its text', () => {
  assert.deepEqual(storedDocument('é'), { digest: sha256Hex('é'), text: 'é' });
});

test('everything about a version is gathered: bundle, manifest, attestations', async () => {
  const world = await openWorld();
  const given = await registration();
  const row = await world.registry.register(given);
  await attachAs(world, 'scanner', { kind: 'scan', predicate: scan() });

  const documents = await documentsAbout(world.store, row);

  assert.equal(documents.bundle, given.bundle);
  assert.equal(sha256Hex(documents.manifest ?? ''), row.manifestDigest);
  assert.deepEqual(
    documents.attached.map((item) => item.kind),
    ['scan'],
  );
});

test('what must be there and is not is refused with its own code', async () => {
  const { store } = await openWorld();

  await assert.rejects(requireVersion(store, 'a', '1'), registryError('REGISTRY_NOT_FOUND'));
  await assert.rejects(
    requireDocument(store, sha256Hex('lost')),
    registryError('REGISTRY_STORE_CORRUPT'),
  );
});
