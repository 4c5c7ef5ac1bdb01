import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { createKey } from '../src/keyring.ts';
import { readTrust, readTrustedRoot } from '../src/signature-trust.ts';
import type { TrustOptions } from '../src/signature-trust.ts';

const cwd = mkdtempSync(path.join(tmpdir(), 'proofmark-trust-'));
createKey(path.join(cwd, 'key.pem'), 'ecdsa-p256');
const nobody: TrustOptions = { key: [], root: [], subject: [], identity: [] };

test('keys and identities are trusted together', () => {
  const issuer = 'https://issuer.example';
  const trust = readTrust({ ...nobody, key: ['key.pub'], identity: ['a', 'b'], issuer }, cwd, 5);

  assert.equal(trust.keys.length, 1);
  assert.deepEqual(trust.keyless?.[0]?.identities, [
    { issuer, subject: 'a' },
    { issuer, subject: 'b' },
  ]);
  assert.equal(trust.nowMs, 5);
});

test('nobody, an identity without issuer, and an issuer without identity are refused', () => {
  for (const options of [
    nobody,
    { ...nobody, identity: ['a'] },
    { ...nobody, key: ['key.pub'], issuer: 'https://issuer.example' },
  ]) {
    assert.throws(() => readTrust(options, cwd, 0), { code: 'CLI_USAGE' });
  }
});

test('the shipped trusted root is read, and a file that is none is refused', () => {
  assert.ok(readTrustedRoot(undefined, cwd).artifactLogs.length > 0);
  assert.throws(() => readTrustedRoot('missing.json', cwd), { code: 'CLI_INPUT_UNREADABLE' });
  assert.throws(() => readTrustedRoot('key.pub', cwd), { code: 'ARTIFACT_TRUSTED_ROOT_INVALID' });
  assert.throws(() => readTrust({ ...nobody, root: ['key.pub'] }, cwd, 0), {
    code: 'CLI_INPUT_UNREADABLE',
  });
});
