import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { generatePrivateKeyPem, readSigner } from '@proofmark/core';

import { assertAdmitted } from '../src/admit.ts';
import type { AdmittedModel } from '../src/admit.ts';
import { TEST_TENANT, launchCandidate, openCandidate } from '../src/candidate.ts';
import type { CandidateRequest } from '../src/candidate.ts';
import { nodeServerProfile } from '../src/server-profile.ts';
import { NOW_MS, makeWorld, sealedPath } from './fixtures/admission.ts';
import type { World } from './fixtures/admission.ts';
import { sandboxSupport, serverFolder, temporaryFolder } from './fixtures/sandbox.ts';

const requestOf = ({ request }: World): CandidateRequest => ({
  name: 'bot',
  version: '2.0',
  bundle: request.bundle,
  trust: request.trust,
  store: request.store,
});

test('a candidate runs in the sandbox for the test tenant, and no copy of it does', async (t) => {
  const support = await sandboxSupport(t);
  if (support === null) return;
  const candidate = await openCandidate(requestOf(await makeWorld(t)));
  t.after(() => candidate.close());
  const options = {
    runRoot: path.join(temporaryFolder(t), 'run'),
    clock: () => 1,
    support,
    server: nodeServerProfile(serverFolder('echo-server'), 'main.ts'),
  };

  await assert.rejects(launchCandidate({ ...candidate }, options), { code: 'RUNNER_NOT_ADMITTED' });
  const testing = await launchCandidate(candidate, options);
  t.after(() => testing.stop());

  assert.ok(testing.selfTest.checks.every(({ outcome }) => outcome === 'pass'));
  assert.equal((testing as unknown as { tenant: string }).tenant, TEST_TENANT);
  (await testing.connect()).destroy();
});

test('a candidate is no admitted model, whatever its type is made to say', async (t) => {
  const candidate = await openCandidate(requestOf(await makeWorld(t)));
  t.after(() => candidate.close());

  assert.throws(() => assertAdmitted(candidate as unknown as AdmittedModel), {
    code: 'RUNNER_NOT_ADMITTED',
  });
});

test('an untrusted signature or a changed byte makes no candidate', async (t) => {
  const world = await makeWorld(t);
  const stranger = readSigner(generatePrivateKeyPem('ecdsa-p256'));
  const trust = { keys: [stranger.publicKey], nowMs: NOW_MS };

  await assert.rejects(openCandidate({ ...requestOf(world), trust }), {
    code: 'ARTIFACT_SIGNATURE_UNTRUSTED',
  });

  const sealed = sealedPath(world, 'GOOD');
  chmodSync(sealed, 0o644);
  writeFileSync(sealed, 'GOOE');
  chmodSync(sealed, 0o444);
  await assert.rejects(openCandidate(requestOf(world)), { code: 'ARTIFACT_CONTENT_MISMATCH' });
});
