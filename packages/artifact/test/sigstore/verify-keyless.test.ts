import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { ArtifactError } from '../../src/errors.ts';
import type { BundleEvidence } from '../../src/sigstore/bundle-evidence.ts';
import { parseTrustedRoot } from '../../src/sigstore/trusted-root.ts';
import { verifyKeyless } from '../../src/sigstore/verify-keyless.ts';
import type { KeylessTrust } from '../../src/sigstore/verify-keyless.ts';
import { ISSUER, SUBJECT, makeInstance } from './instance.ts';
import { makeSigned } from './signed.ts';
import type { Signed } from './signed.ts';

const NOW = Date.now();
const instance = makeInstance(NOW);
const stranger = makeInstance(NOW);
const trustedRoot = parseTrustedRoot(instance.trustedRoot);
const trust: KeylessTrust = { trustedRoot, identities: [{ issuer: ISSUER, subject: SUBJECT }] };
const good = makeSigned(instance, NOW);

const verify = ({ evidence, content }: Signed, by: KeylessTrust = trust, nowMs = NOW): unknown =>
  verifyKeyless(evidence, content, by, nowMs);

function refused(signed: Signed, code: string, by: KeylessTrust = trust, nowMs = NOW): void {
  assert.throws(
    () => verify(signed, by, nowMs),
    (error) => {
      assert.ok(error instanceof ArtifactError, String(error));
      assert.equal(error.code, code, error.message);
      return true;
    },
  );
}

const withEvidence = (change: Partial<BundleEvidence>): Signed => ({
  ...good,
  evidence: { ...good.evidence, ...change },
});

test('the signer, the proven time and the place in the log are named', () => {
  const signer = verifyKeyless(good.evidence, good.content, trust, NOW);

  assert.deepEqual(signer.identity, { subject: SUBJECT, issuer: ISSUER });
  assert.equal(signer.signedMs, Math.floor(NOW / 1000) * 1000);
  assert.deepEqual([signer.logName, signer.logIndex], ['log2026.example.org', 2]);
});

test('a signature outlives its certificate', () => {
  verify(good, trust, NOW + 300 * 86_400_000);
});

describe('refused with its own code', () => {
  test('somebody who may not sign', () => {
    for (const identity of [
      { issuer: ISSUER, subject: SUBJECT.slice(0, -1) },
      { issuer: ISSUER, subject: 'main' },
      { issuer: `${ISSUER}.evil.example`, subject: SUBJECT },
      { issuer: ISSUER, subject: '*' },
    ]) {
      refused(good, 'ARTIFACT_IDENTITY_MISMATCH', { trustedRoot, identities: [identity] });
    }
    refused(good, 'ARTIFACT_IDENTITY_MISMATCH', { trustedRoot, identities: [] });
  });

  test('a certificate that was not valid at the proven time', () => {
    refused(makeSigned(instance, NOW, { fromMs: NOW - 3_600_000 }), 'ARTIFACT_CERTIFICATE_INVALID');
    refused(
      makeSigned(instance, NOW - 60_000, { fromMs: NOW - 5000 }),
      'ARTIFACT_CERTIFICATE_INVALID',
    );
  });

  test('a certificate that is not for code signing, or of another authority', () => {
    const purpose = '1.3.6.1.5.5.7.3.1';
    refused(makeSigned(instance, NOW, { purpose }), 'ARTIFACT_CERTIFICATE_INVALID');
    const own = parseTrustedRoot(stranger.trustedRoot);
    const mixed = { ...trustedRoot, certificateAuthorities: own.certificateAuthorities };
    refused(good, 'ARTIFACT_CERTIFICATE_INVALID', { ...trust, trustedRoot: mixed });
  });

  test('a certificate that no certificate log has seen', () => {
    refused(makeSigned(instance, NOW, { sct: 'none' }), 'ARTIFACT_SCT_INVALID');
    refused(makeSigned(instance, NOW, { sct: 'forged' }), 'ARTIFACT_SCT_INVALID');
    refused(good, 'ARTIFACT_SCT_INVALID', {
      ...trust,
      trustedRoot: { ...trustedRoot, certificateLogs: [] },
    });
  });

  test('no log entry, or one of another log', () => {
    refused(withEvidence({ entries: [] }), 'ARTIFACT_LOG_ENTRY_INVALID');
    const foreign = makeSigned(stranger, NOW);
    refused(foreign, 'ARTIFACT_LOG_ENTRY_INVALID');
  });

  test('a log entry about another signature', () => {
    const other = makeSigned(instance, NOW);
    refused(withEvidence({ entries: other.evidence.entries }), 'ARTIFACT_LOG_ENTRY_MISMATCH');
  });

  test('one good log entry beside one that is not', () => {
    const [entry] = good.evidence.entries;
    assert.ok(entry);
    const entries = [entry, { ...entry, proof: null }];
    refused(withEvidence({ entries }), 'ARTIFACT_LOG_ENTRY_INVALID');
  });

  test('no proven time, a foreign one, or one in the future', () => {
    refused(withEvidence({ timestamps: [] }), 'ARTIFACT_TIMESTAMP_MISSING');
    const foreign = makeSigned(stranger, NOW).evidence.timestamps;
    refused(withEvidence({ timestamps: foreign }), 'ARTIFACT_TIMESTAMP_INVALID');
    refused(good, 'ARTIFACT_TIMESTAMP_INVALID', trust, NOW - 120_000);
  });

  test('a log that was no longer in use', () => {
    const artifactLogs = trustedRoot.artifactLogs.map((log) => ({
      ...log,
      validity: { ...log.validity, endMs: NOW - 3_600_000 },
    }));
    refused(good, 'ARTIFACT_LOG_ENTRY_INVALID', {
      ...trust,
      trustedRoot: { ...trustedRoot, artifactLogs },
    });
  });

  test('a payload that was changed', () => {
    const content = { ...good.content, covered: Buffer.from('DSSEv1 other') };
    refused({ ...good, content }, 'ARTIFACT_LOG_ENTRY_MISMATCH');
  });
});

test('a flipped bit in the certificate, the time stamp, or what is logged never verifies', () => {
  const [entry] = good.evidence.entries;
  const [stamp] = good.evidence.timestamps;
  assert.ok(entry !== undefined && stamp !== undefined);
  const flip = (bytes: Uint8Array, at: number, bit: number): Uint8Array => {
    const copy = Uint8Array.from(bytes);
    const index = at % copy.length;
    copy[index] = (copy[index] ?? 0) ^ (1 << bit);
    return copy;
  };
  const parts = ['certificate', 'stamp', 'body'] as const;
  fc.assert(
    fc.property(fc.constantFrom(...parts), fc.nat(4096), fc.nat(7), (part, at, bit) => {
      const changed = {
        certificate: withEvidence({ certificate: flip(good.evidence.certificate, at, bit) }),
        stamp: withEvidence({ timestamps: [flip(stamp, at, bit)] }),
        body: withEvidence({ entries: [{ ...entry, body: flip(entry.body, at, bit) }] }),
      }[part];
      try {
        verify(changed);
      } catch (error) {
        assert.ok(error instanceof ArtifactError, String(error));
        return;
      }
      // The status and the certificates of a response are covered by nothing; the time still is.
      assert.equal(part, 'stamp');
      const signer = verifyKeyless(changed.evidence, changed.content, trust, NOW);
      assert.equal(signer.signedMs, Math.floor(NOW / 1000) * 1000);
    }),
    { numRuns: 150 },
  );
});
