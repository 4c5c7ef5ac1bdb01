import assert from 'node:assert/strict';
import { chmodSync, fstatSync, rmSync } from 'node:fs';
import { test } from 'node:test';

import { verifyBundle } from '@proofmark/artifact';
import { sha256Hex } from '@proofmark/core';

import { closeAll, hashSealed, openSealed } from '../src/sealed-files.ts';
import { makeWorld, sealedPath } from './fixtures/admission.ts';

test('opens and hashes exactly the signed files', async (t) => {
  const { request, record } = await makeWorld(t);
  const signature = verifyBundle(request.bundle, request.trust);
  const opened = openSealed(signature, request.store);
  t.after(() => closeAll(opened));

  const { manifest, files } = await hashSealed(signature, opened);

  assert.equal(manifest.manifestDigest, record.manifestDigest);
  assert.deepEqual(
    files.map(({ path, sha256 }) => [path, sha256]),
    [
      ['sub/config.json', sha256Hex('{}')],
      ['w.bin', sha256Hex('GOOD')],
    ],
  );
});

test('opens all or none, and closes what it opened', async (t) => {
  const world = await makeWorld(t);
  const signature = verifyBundle(world.request.bundle, world.request.trust);
  const fds: number[] = [];
  const store = {
    open: (sha256: string) => {
      const sealed = world.store.open(sha256);
      fds.push(sealed.fd);
      return sealed;
    },
  };
  // The last file of the statement is the one that is gone.
  chmodSync(sealedPath(world, 'GOOD'), 0o644);
  rmSync(sealedPath(world, 'GOOD'));

  assert.throws(() => openSealed(signature, store), { code: 'ARTIFACT_SEALED_MISMATCH' });

  assert.equal(fds.length, 1);
  for (const fd of fds) assert.throws(() => fstatSync(fd), { code: 'EBADF' });
});
