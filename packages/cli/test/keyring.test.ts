import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { CliError } from '../src/errors.ts';
import {
  KEY_ROLES,
  createKey,
  readPublicKeyFile,
  readSignerFile,
  roleSigner,
} from '../src/keyring.ts';

const folder = (): string => mkdtempSync(path.join(tmpdir(), 'proofmark-keys-'));

test('every role gets a key of its own once, readable by its owner only', () => {
  const at = folder();

  const first = KEY_ROLES.map((role) => roleSigner(at, role).publicKey.keyId);
  const again = KEY_ROLES.map((role) => roleSigner(at, role).publicKey.keyId);

  assert.deepEqual(again, first);
  assert.equal(new Set(first).size, KEY_ROLES.length);
  for (const role of KEY_ROLES) {
    assert.equal(statSync(path.join(at, `${role}.pem`)).mode & 0o777, 0o600);
    assert.ok(!readFileSync(path.join(at, `${role}.pub`), 'utf8').includes('PRIVATE'));
  }
});

test('models are signed with ECDSA, as OpenSSF Model Signing requires', () => {
  assert.equal(roleSigner(folder(), 'model').publicKey.algorithm, 'ecdsa-p256');
});

test('a private key that others can read is refused', () => {
  const file = path.join(folder(), 'k.pem');
  createKey(file, 'ed25519');
  chmodSync(file, 0o644);

  assert.throws(() => readSignerFile(file), coded('CLI_KEY_FILE'));
});

test('a key is never overwritten by accident', () => {
  const file = path.join(folder(), 'k.pem');
  const { keyId } = createKey(file, 'ed25519');

  assert.throws(() => createKey(file, 'ed25519'), coded('CLI_OUTPUT_EXISTS'));
  assert.equal(readPublicKeyFile(file.replace('.pem', '.pub')).keyId, keyId);
});

test('a missing key file says how to make one', () => {
  assert.throws(() => readPublicKeyFile('/nonexistent/k.pub'), coded('CLI_KEY_FILE'));
});

function coded(code: string): (error: unknown) => boolean {
  return (error) => error instanceof CliError && error.code === code;
}
