import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';

import { verifyCertificateTimestamps } from '../../src/sigstore/sct.ts';
import { parseTrustedRoot } from '../../src/sigstore/trusted-root.ts';
import { makeInstance } from './instance.ts';
import { newKey } from './x509.ts';

const NOW = Date.parse('2026-05-01T00:00:00Z');
const instance = makeInstance(NOW);
const root = parseTrustedRoot(instance.trustedRoot);
const { spki } = newKey();
const certificate = instance.issue(spki);
const refused = { code: 'ARTIFACT_SCT_INVALID' };

const [authority] = root.certificateAuthorities;
assert.ok(authority);
const issuer = new X509Certificate(authority.chain[0] ?? new Uint8Array());
const logs = root.certificateLogs;

test('the log that vouches for a certificate is found', () => {
  verifyCertificateTimestamps(certificate, issuer, logs);
});

test('a certificate of another issuer, another log, or another time is refused', () => {
  assert.throws(() => verifyCertificateTimestamps(certificate, authority.root, logs), refused);
  assert.throws(() => verifyCertificateTimestamps(certificate, issuer, []), refused);
  const ended = logs.map((log) => ({ ...log, validity: { startMs: 0, endMs: NOW - 1 } }));
  assert.throws(() => verifyCertificateTimestamps(certificate, issuer, ended), refused);
});

test('a timestamp that is missing or forged is refused', () => {
  for (const sct of ['none', 'forged'] as const) {
    const other = instance.issue(spki, { sct });
    assert.throws(() => verifyCertificateTimestamps(other, issuer, logs), refused);
  }
});
