import assert from 'node:assert/strict';
import { test } from 'node:test';

import { verifyFileBundle } from '../../src/sigstore/file-bundle.ts';
import { parseTrustedRoot } from '../../src/sigstore/trusted-root.ts';
import { writeEvidence } from '../../src/sigstore/bundle-evidence.ts';
import { ISSUER, SUBJECT, makeInstance } from './instance.ts';
import { makeSignedMessage } from './signed.ts';

const NOW = Date.now();
const instance = makeInstance(NOW);
const file = Buffer.from('one file');
const { evidence, content } = makeSignedMessage(instance, NOW, file);
const bundle = (change: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: writeEvidence(evidence),
    messageSignature: { signature: Buffer.from(content.signature).toString('base64') },
    ...change,
  });
const trust = {
  kind: 'keyless',
  trustedRoot: parseTrustedRoot(instance.trustedRoot),
  identities: [{ issuer: ISSUER, subject: SUBJECT }],
} as const;

test('a file that was signed as it is verifies', () => {
  const signer = verifyFileBundle(bundle(), file, trust, NOW);

  assert.equal(signer.kind === 'keyless' && signer.identity.subject, SUBJECT);
});

test('another file, a wrong stated digest, an unknown version and no content are refused', () => {
  const refused = (text: string, bytes: Buffer, code: string): void =>
    assert.throws(() => verifyFileBundle(text, bytes, trust, NOW), { code });

  refused(bundle(), Buffer.from('another file'), 'ARTIFACT_LOG_ENTRY_MISMATCH');
  const messageDigest = { algorithm: 'SHA2_256', digest: Buffer.alloc(32).toString('base64') };
  const signature = Buffer.from(content.signature).toString('base64');
  const stated = bundle({ messageSignature: { signature, messageDigest } });
  refused(stated, file, 'ARTIFACT_CONTENT_MISMATCH');
  refused(bundle({ mediaType: 'application/json' }), file, 'ARTIFACT_BUNDLE_INVALID');
  refused(bundle({ messageSignature: null }), file, 'ARTIFACT_BUNDLE_INVALID');
  refused(bundle({ dsseEnvelope: {} }), file, 'ARTIFACT_BUNDLE_INVALID');
});
