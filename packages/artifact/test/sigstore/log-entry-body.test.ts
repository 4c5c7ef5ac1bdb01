import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';

import type { Json } from '@proofmark/core';

import type { LogEntry } from '../../src/sigstore/bundle-evidence.ts';
import { verifyEntryBody } from '../../src/sigstore/log-entry-body.ts';
import type { SignedContent } from '../../src/sigstore/signed-content.ts';

const der = Buffer.from('a certificate');
const signature = Buffer.from('a signature');
const payload = Buffer.from('payload');
const hex = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
const base64 = (data: Uint8Array | string): string => Buffer.from(data).toString('base64');
const pem = (label = 'CERTIFICATE'): string =>
  base64(`-----BEGIN ${label}-----\n${base64(der)}\n-----END ${label}-----\n`);

const envelope: SignedContent = {
  kind: 'envelope',
  signature,
  payloadDigest: createHash('sha256').update(payload).digest(),
  payloadType: 'type',
  covered: Buffer.from('covered'),
};
const message: SignedContent = { kind: 'message', signature, covered: payload };

const sha256 = (value: string): Json => ({ algorithm: 'sha256', value });
const verifier = { x509Certificate: { rawBytes: base64(der) } };

/** A good body of every type, and what it is about. */
const BODIES: readonly (readonly [string, string, SignedContent, Json])[] = [
  [
    'hashedrekord',
    '0.0.1',
    message,
    {
      data: { hash: sha256(hex(payload)) },
      signature: { content: base64(signature), publicKey: { content: pem() } },
    },
  ],
  [
    'hashedrekord',
    '0.0.2',
    envelope,
    {
      hashedRekordV002: {
        data: {
          algorithm: 'SHA2_256',
          digest: Buffer.from(hex(envelope.covered), 'hex').toString('base64'),
        },
        signature: { content: base64(signature), verifier },
      },
    },
  ],
  [
    'dsse',
    '0.0.1',
    envelope,
    {
      payloadHash: sha256(hex(payload)),
      signatures: [{ signature: base64(signature), verifier: pem() }],
    },
  ],
  [
    'dsse',
    '0.0.2',
    envelope,
    {
      dsseV002: {
        payloadHash: {
          algorithm: 'SHA2_256',
          digest: Buffer.from(hex(payload), 'hex').toString('base64'),
        },
        signatures: [{ content: base64(signature), verifier }],
      },
    },
  ],
  [
    'intoto',
    '0.0.2',
    envelope,
    {
      content: {
        payloadHash: sha256(hex(payload)),
        envelope: {
          payloadType: 'type',
          signatures: [{ sig: base64(base64(signature)), publicKey: pem() }],
        },
      },
    },
  ],
];

function check(kind: string, version: string, content: SignedContent, spec: Json): void {
  const body = Buffer.from(JSON.stringify({ apiVersion: version, kind, spec }));
  verifyEntryBody(entryOf(kind, version, body), content, { der, label: 'CERTIFICATE' });
}

function entryOf(kind: string, version: string, body: Uint8Array): LogEntry {
  const none = { integratedSeconds: null, promise: null, proof: null };
  return { logId: '', kind, version, logIndex: 0, body, ...none };
}

const refused = { code: 'ARTIFACT_LOG_ENTRY_MISMATCH' };

for (const [kind, version, content, spec] of BODIES) {
  describe(`${kind} ${version}`, () => {
    test('about this signature', () => check(kind, version, content, spec));

    test('about another signature, signer or content', () => {
      const text = JSON.stringify(spec);
      const swaps: readonly (readonly [string, string])[] = [
        [base64(signature), base64('another one')],
        [base64(base64(signature)), base64(base64('another one'))],
        [base64(der), base64('z certificate')],
        [pem(), pem('PUBLIC KEY')],
        [hex(payload), hex(der)],
      ];
      const changed = swaps
        .map(([from, to]) => text.replace(from, to))
        .filter((one) => one !== text)
        .map((one) => JSON.parse(one) as Json);
      assert.ok(changed.length >= 2);
      for (const one of changed) assert.throws(() => check(kind, version, content, one), refused);
      const other = { ...content, covered: Buffer.from('x'), payloadDigest: Buffer.alloc(32) };
      assert.throws(() => check(kind, version, other, spec), refused);
      assert.throws(() => check(kind, version, content, {}), refused);
    });
  });
}

test('a type that is not known, or not the one that the bundle says, is refused', () => {
  assert.throws(() => check('rpm', '0.0.1', message, {}), refused);
  const body = Buffer.from('{"apiVersion":"0.0.2","kind":"dsse","spec":{}}');
  const entry = entryOf('dsse', '0.0.1', body);
  assert.throws(() => verifyEntryBody(entry, envelope, { der, label: 'CERTIFICATE' }), refused);
});
