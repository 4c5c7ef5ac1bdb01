import assert from 'node:assert/strict';
import {
  chmodSync,
  fstatSync,
  linkSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { generatePrivateKeyPem, readSigner, sha256Hex } from '@proofmark/core';

import { admit, assertAdmitted } from '../src/admit.ts';
import type { AdmissionRequest, AdmittedModel } from '../src/admit.ts';
import { RunnerError } from '../src/errors.ts';
import { makeWorld, NOW_MS, sealedPath } from './fixtures/admission.ts';

const stranger = readSigner(generatePrivateKeyPem('ed25519'));

async function refused(request: AdmissionRequest, code: string): Promise<void> {
  const before = openSealedFiles();

  await assert.rejects(admit(request), { code });

  assert.deepEqual(openSealedFiles(), before, 'a descriptor stayed open');
}

/** Descriptors of this process that point into a sealed store. */
function openSealedFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('/sha256/');
    } catch {
      return false;
    }
  });
}

test('admits what was signed, promoted here, logged and sealed', async (t) => {
  const world = await makeWorld(t);

  const admitted = await admit(world.request);
  t.after(() => admitted.close());

  assert.deepEqual(admitted.model, {
    name: 'bot',
    version: '1.0',
    omsRoot: world.record.omsRoot,
    manifestDigest: world.record.manifestDigest,
  });
  assert.deepEqual(
    admitted.files.map(({ path: name, sha256 }) => [name, sha256]),
    [
      ['sub/config.json', sha256Hex('{}')],
      ['w.bin', sha256Hex('GOOD')],
    ],
  );
  assert.equal(admitted.signer.keyId, world.modelKey.publicKey.keyId);
  assert.equal(admitted.logIndex, 0);
  assertAdmitted(admitted);
});

test('a rollback admits too, close() closes every descriptor', async (t) => {
  const world = await makeWorld(t);
  const admitted = await admit(await world.promote({ action: 'rollback', generation: 2 }));
  const fds = admitted.files.map(({ fd }) => fd);

  admitted.close();

  for (const fd of fds) assert.throws(() => fstatSync(fd), { code: 'EBADF' });
});

describe('admit() refuses', () => {
  test('a signature by an unknown key', async (t) => {
    const { request } = await makeWorld(t);
    const other = readSigner(generatePrivateKeyPem('ecdsa-p256'));
    const trust = { keys: [other.publicKey], nowMs: NOW_MS };

    await refused({ ...request, trust }, 'ARTIFACT_SIGNATURE_UNTRUSTED');
    await refused(
      { ...request, trust: { keys: [], nowMs: NOW_MS } },
      'ARTIFACT_SIGNATURE_UNTRUSTED',
    );
  });

  test('a record by an unknown control plane, and any record when none is trusted', async (t) => {
    const world = await makeWorld(t);

    await refused(await world.promote({}, stranger), 'CORE_SIGNATURE_INVALID');
    await refused({ ...world.request, recordTrust: [] }, 'CORE_SIGNATURE_INVALID');
  });

  test('a denial', async (t) => {
    const world = await makeWorld(t);

    await refused(await world.promote({ action: 'denial' }), 'RUNNER_NOT_ADMITTED');
  });

  test('a record for another environment', async (t) => {
    const world = await makeWorld(t);

    await refused({ ...world.request, environment: 'staging' }, 'RUNNER_RECORD_MISMATCH');
    await refused(await world.promote({ environment: 'staging' }), 'RUNNER_RECORD_MISMATCH');
  });

  test('a record about another signature or another manifest', async (t) => {
    const world = await makeWorld(t);

    await refused(
      await world.promote({ bundleDigest: sha256Hex('other') }),
      'RUNNER_RECORD_MISMATCH',
    );
    await refused(
      await world.promote({ manifestDigest: sha256Hex('other') }),
      'RUNNER_RECORD_MISMATCH',
    );
  });

  test('a signed but unpromoted build under the name of the promoted one', async (t) => {
    const world = await makeWorld(t);
    writeFileSync(path.join(world.folder, 'w.bin'), 'DEBUG');
    const debug = await world.release();

    await refused({ ...world.request, bundle: debug.bundle }, 'RUNNER_RECORD_MISMATCH');
  });

  test('a record that is not in the log, or is proven by another entry or log', async (t) => {
    const world = await makeWorld(t);
    const other = await world.promote({ generation: 2 });
    const logPolicy = { origin: 'test.example/log', logKey: stranger.publicKey };

    await refused({ ...world.request, proof: other.proof }, 'TLOG_PROOF_INVALID');
    await refused({ ...world.request, proof: '' }, 'TLOG_PROOF_INVALID');
    await refused({ ...world.request, logPolicy }, 'TLOG_SIGNATURE_INVALID');
  });

  test('what was revoked: the version, the record, or a key', async (t) => {
    const { request, record, controlKey, modelKey } = await makeWorld(t);
    const admitted = await admit(request);
    t.after(() => admitted.close());
    const none = new Set<string>();

    for (const revoked of [
      { ...request.revoked, manifestDigests: new Set([record.manifestDigest]) },
      { ...request.revoked, recordDigests: new Set([admitted.recordDigest]) },
      { ...request.revoked, keyIds: new Set([controlKey.publicKey.keyId]) },
      { manifestDigests: none, recordDigests: none, keyIds: new Set([modelKey.publicKey.keyId]) },
    ]) {
      await refused({ ...request, revoked }, 'RUNNER_REVOKED');
    }
  });
});

describe('admit() looks at the sealed bytes and refuses', () => {
  test('one flipped byte, naming the file', async (t) => {
    const world = await makeWorld(t);
    const sealed = sealedPath(world, 'GOOD');
    chmodSync(sealed, 0o644);
    writeFileSync(sealed, 'GOOE');
    chmodSync(sealed, 0o444);

    await assert.rejects(admit(world.request), (cause) => {
      assert.ok(cause instanceof Error && 'code' in cause && 'details' in cause);
      assert.equal(cause.code, 'ARTIFACT_CONTENT_MISMATCH');
      assert.match(cause.message, /w\.bin/);
      return true;
    });
  });

  test('a missing, truncated, writable, linked or symlinked file', async (t) => {
    const damages: readonly ((sealed: string) => void)[] = [
      (sealed) => rmSync(sealed),
      (sealed) => {
        chmodSync(sealed, 0o644);
        writeFileSync(sealed, 'GOO');
        chmodSync(sealed, 0o444);
      },
      (sealed) => chmodSync(sealed, 0o644),
      (sealed) => linkSync(sealed, `${sealed}.second`),
      (sealed) => {
        rmSync(sealed);
        writeFileSync(`${sealed}.target`, 'GOOD', { mode: 0o444 });
        symlinkSync(`${sealed}.target`, sealed);
      },
    ];
    for (const damage of damages) {
      const world = await makeWorld(t);
      damage(sealedPath(world, 'GOOD'));

      await assert.rejects(admit(world.request), (cause) => {
        assert.ok(cause instanceof Error && 'code' in cause);
        assert.match(String(cause.code), /^ARTIFACT_/);
        return true;
      });
    }
  });
});

test('only admit() makes an admitted model: a copy of one is refused', async (t) => {
  const world = await makeWorld(t);
  const admitted = await admit(world.request);
  t.after(() => admitted.close());
  const forged: AdmittedModel = { ...admitted };

  assert.throws(
    () => assertAdmitted(forged),
    (cause) => cause instanceof RunnerError && cause.code === 'RUNNER_NOT_ADMITTED',
  );
});
