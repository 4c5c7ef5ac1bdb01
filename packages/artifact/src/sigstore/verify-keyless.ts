/**
 * Who made a keyless signature? The order is that of the Sigstore client specification:
 *
 * time -> certificate at that time -> certificate transparency -> artifact transparency -> signature
 * -> identity. The identity of the certificate is read only when everything else holds, and nothing
 * is believed but the trusted root and the list of identities. Offline; stricter than the
 * specification where it leaves a choice: every time stamp and every log entry that a bundle brings
 * must verify, not only enough of them, and an inclusion proof is never optional.
 *
 * @module
 */
import { X509Certificate } from 'node:crypto';

import { CoreError, publicKey, verifySignature } from '@proofmark/core';
import type { PublicKey } from '@proofmark/core';

import { verifyPath } from '../certificate.ts';
import { ArtifactError } from '../errors.ts';
import type { BundleEvidence } from './bundle-evidence.ts';
import { readIdentity } from './certificate-identity.ts';
import type { CertificateIdentity } from './certificate-identity.ts';
import { isTrustedIdentity } from './identity-policy.ts';
import type { TrustedIdentity } from './identity-policy.ts';
import { keylessError } from './keyless-error.ts';
import { verifyEntryBody } from './log-entry-body.ts';
import { requireLogInUse, verifyInclusion } from './log-inclusion.ts';
import type { IncludedEntry } from './log-inclusion.ts';
import { verifyCertificateTimestamps } from './sct.ts';
import type { SignedContent } from './signed-content.ts';
import { verifyTimestamp } from './timestamp.ts';
import { isValidAt } from './trusted-root.ts';
import type { TrustedAuthority, TrustedRoot } from './trusted-root.ts';

/** Whom to believe, of one Sigstore instance. */
export interface KeylessTrust {
  readonly trustedRoot: TrustedRoot;
  /** Who may sign; never empty. */
  readonly identities: readonly TrustedIdentity[];
}

/** Who signed, according to certificate, logs and time stamps that were all checked. */
export interface KeylessSigner {
  readonly identity: CertificateIdentity;
  readonly key: PublicKey;
  readonly fingerprint256: string;
  /** Earliest proven time of the signature, milliseconds. */
  readonly signedMs: number;
  /** Place in the first log. */
  readonly logIndex: number;
  readonly logName: string;
}

const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
/** How far a log's clock may run ahead of ours. */
const MAX_CLOCK_SKEW_MS = 60_000;

/**
 * @param nowMs Time of verification: proven times may not lie after it.
 * @throws {ArtifactError} ARTIFACT_TIMESTAMP_INVALID, ARTIFACT_TIMESTAMP_MISSING,
 *   ARTIFACT_CERTIFICATE_INVALID, ARTIFACT_SCT_INVALID, ARTIFACT_LOG_ENTRY_INVALID,
 *   ARTIFACT_LOG_ENTRY_MISMATCH, ARTIFACT_SIGNATURE_UNTRUSTED, ARTIFACT_IDENTITY_MISMATCH
 */
export function verifyKeyless(
  evidence: BundleEvidence,
  content: SignedContent,
  trust: KeylessTrust,
  nowMs: number,
): KeylessSigner {
  const { trustedRoot } = trust;
  const entries = verifyEntries(evidence, content, trustedRoot);
  const times = provenTimes(evidence, content, { trustedRoot, entries, nowMs });
  const { leaf, issuer } = verifyCertificate(evidence.certificate, trustedRoot, times);
  verifyCertificateTimestamps(evidence.certificate, issuer, trustedRoot.certificateLogs);
  for (const entry of entries) for (const atMs of times) requireLogInUse(entry, atMs);
  const key = signatureKey(leaf, content);
  const identity = identityOf(evidence.certificate);
  if (!isTrustedIdentity(identity, trust.identities)) {
    throw keylessError(
      'ARTIFACT_IDENTITY_MISMATCH',
      `it was made by ${JSON.stringify(identity.subject)} of ${JSON.stringify(identity.issuer)}, who is not one of the ${trust.identities.length} identities that may sign`,
    );
  }
  const [first] = entries;
  return {
    identity,
    key,
    fingerprint256: leaf.fingerprint256,
    signedMs: Math.min(...times),
    logIndex: first?.logIndex ?? 0,
    logName: first?.logName ?? '',
  };
}

function verifyEntries(
  { entries, certificate }: BundleEvidence,
  content: SignedContent,
  { artifactLogs }: TrustedRoot,
): readonly IncludedEntry[] {
  if (entries.length === 0) {
    throw keylessError(
      'ARTIFACT_LOG_ENTRY_INVALID',
      'it is in no transparency log: the bundle brings no entry',
    );
  }
  return entries.map((entry) => {
    verifyEntryBody(entry, content, { der: certificate, label: 'CERTIFICATE' });
    return verifyInclusion(entry, artifactLogs);
  });
}

interface TimeSources {
  readonly trustedRoot: TrustedRoot;
  readonly entries: readonly IncludedEntry[];
  readonly nowMs: number;
}

/** Every proven time of the signature; at least one. */
function provenTimes(
  { timestamps }: BundleEvidence,
  content: SignedContent,
  { trustedRoot, entries, nowMs }: TimeSources,
): readonly number[] {
  const stamped = timestamps.map((response) =>
    verifyTimestamp(response, content.signature, trustedRoot.timestampAuthorities),
  );
  const logged = entries.flatMap(({ integratedMs }) =>
    integratedMs === null ? [] : [integratedMs],
  );
  const times = [...stamped, ...logged];
  if (times.length === 0) {
    throw keylessError(
      'ARTIFACT_TIMESTAMP_MISSING',
      'nothing proves when it was made: neither a time stamp nor a signed log time',
    );
  }
  if (times.some((timeMs) => timeMs > nowMs + MAX_CLOCK_SKEW_MS)) {
    throw keylessError('ARTIFACT_TIMESTAMP_INVALID', 'its proven time lies in the future');
  }
  return times;
}

interface IssuedCertificate {
  readonly leaf: X509Certificate;
  readonly issuer: X509Certificate;
}

/** The certificate, issued by a trusted authority and valid at every proven time. */
function verifyCertificate(
  der: Uint8Array,
  { certificateAuthorities }: TrustedRoot,
  times: readonly number[],
): IssuedCertificate {
  let last: unknown;
  for (const authority of certificateAuthorities) {
    try {
      return issuedBy(der, authority, times);
    } catch (cause) {
      if (!(cause instanceof ArtifactError)) throw cause;
      last = cause;
    }
  }
  if (last instanceof ArtifactError) throw last;
  throw keylessError('ARTIFACT_CERTIFICATE_INVALID', 'the trusted root has no authority');
}

function issuedBy(
  der: Uint8Array,
  authority: TrustedAuthority,
  times: readonly number[],
): IssuedCertificate {
  const chain = [der, ...authority.chain.slice(0, -1)];
  for (const atMs of times) {
    if (!isValidAt(authority.validity, atMs)) {
      throw keylessError(
        'ARTIFACT_CERTIFICATE_INVALID',
        'its authority was not in use at its time',
      );
    }
    verifyPath(chain, [authority.root], atMs);
  }
  const leaf = new X509Certificate(der);
  if (leaf.ca || leaf.keyUsage?.includes(CODE_SIGNING) !== true) {
    throw keylessError('ARTIFACT_CERTIFICATE_INVALID', 'its certificate is not for code signing');
  }
  const issuer = authority.chain
    .map((one) => new X509Certificate(one))
    .find((one) => leaf.checkIssued(one) && leaf.verify(one.publicKey));
  if (issuer === undefined) {
    throw keylessError('ARTIFACT_CERTIFICATE_INVALID', 'its issuer is not known');
  }
  return { leaf, issuer };
}

function signatureKey(leaf: X509Certificate, content: SignedContent): PublicKey {
  try {
    const key = publicKey(leaf.publicKey);
    if (verifySignature(key, content.covered, content.signature)) return key;
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw keylessError('ARTIFACT_CERTIFICATE_INVALID', 'its key is of a kind not in use', cause);
  }
  throw keylessError('ARTIFACT_SIGNATURE_UNTRUSTED', 'its certificate does not verify it');
}

function identityOf(der: Uint8Array): CertificateIdentity {
  try {
    return readIdentity(der);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw keylessError(
      'ARTIFACT_CERTIFICATE_INVALID',
      `its certificate is odd: ${cause.message}`,
      cause,
    );
  }
}
