/**
 * X.509 as OpenSSF Model Signing needs it (section 8): a leaf that may sign, valid now, with a path
 * of valid certificate authorities to a root the caller trusts.
 *
 * Paths are built from the bundle's intermediates and the caller's roots; the bundle never brings a
 * root. Names are not checked: which subject may sign is the caller's policy (`subjects`).
 *
 * @module
 */
import { X509Certificate } from 'node:crypto';

import { CoreError, publicKey } from '@proofmark/core';
import type { PublicKey } from '@proofmark/core';

import { ArtifactError } from './errors.ts';

export interface CertificateTrust {
  /** Trusted certificate authorities. */
  readonly roots: readonly X509Certificate[];
  /** Subjects that may sign, compared exactly with Node's form; absent: any. */
  readonly subjects?: readonly string[];
}

/** Who signed, according to a chain that was checked. */
export interface CertifiedSigner {
  readonly subject: string;
  readonly fingerprint256: string;
  readonly key: PublicKey;
}

const MAX_PATH = 8;
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const KEY_USAGE_OID = Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x0f]);
const DIGITAL_SIGNATURE_BIT = 0x80;

/**
 * Checks a chain as of `nowMs`.
 *
 * @throws {ArtifactError} ARTIFACT_CERTIFICATE_INVALID
 */
export function verifyChain(
  chain: readonly Uint8Array[],
  trust: CertificateTrust,
  nowMs: number,
): CertifiedSigner {
  const [leaf, ...intermediates] = chain.map(parse);
  if (leaf === undefined) throw invalid('the chain is empty');
  checkValidity(leaf, nowMs);
  if (!maySign(leaf)) throw invalid('the certificate is not for signing');
  if (trust.subjects !== undefined && !trust.subjects.includes(leaf.subject)) {
    throw invalid('its subject is not one that may sign');
  }
  buildPath(leaf, { intermediates, roots: trust.roots, nowMs });
  return {
    subject: leaf.subject,
    fingerprint256: leaf.fingerprint256,
    key: signingKey(leaf),
  };
}

interface Authorities {
  readonly intermediates: readonly X509Certificate[];
  readonly roots: readonly X509Certificate[];
  readonly nowMs: number;
}

/** Depth-first from the leaf; every step must be signed by a valid certificate authority. */
function buildPath(leaf: X509Certificate, authorities: Authorities): void {
  const { intermediates, roots, nowMs } = authorities;
  const isIssuer = (issuer: X509Certificate, of: X509Certificate): boolean =>
    issuer.ca && of.checkIssued(issuer) && of.verify(issuer.publicKey);
  const visit = (certificate: X509Certificate, path: readonly X509Certificate[]): boolean => {
    const root = roots.find(
      (r) => isIssuer(r, certificate) || r.fingerprint256 === certificate.fingerprint256,
    );
    if (root !== undefined && isValid(root, nowMs)) return true;
    if (path.length >= MAX_PATH) return false;
    return intermediates.some(
      (next) =>
        !path.includes(next) &&
        isValid(next, nowMs) &&
        isIssuer(next, certificate) &&
        visit(next, [...path, next]),
    );
  };
  if (!visit(leaf, [leaf])) throw invalid('no path of valid certificates leads to a trusted root');
}

/** Digital signature in KeyUsage, or code signing in ExtendedKeyUsage. */
function maySign(certificate: X509Certificate): boolean {
  if ((certificate.keyUsage ?? []).includes(CODE_SIGNING)) return true; // Node names EKU so
  return (keyUsageBits(certificate.raw) & DIGITAL_SIGNATURE_BIT) !== 0;
}

/**
 * First octet of the KeyUsage bit string, 0 when absent. Node does not expose it; the extension is
 * `OID, [critical], OCTET STRING { BIT STRING }`, found by its OID in the DER.
 */
function keyUsageBits(der: Buffer): number {
  let at = der.indexOf(KEY_USAGE_OID);
  if (at < 0) return 0;
  at += KEY_USAGE_OID.length;
  if (der[at] === 0x01) at += 3; // BOOLEAN critical
  const isBitString = der[at] === 0x04 && der[at + 2] === 0x03;
  return isBitString ? (der[at + 5] ?? 0) : 0;
}

function checkValidity(certificate: X509Certificate, nowMs: number): void {
  if (nowMs < certificate.validFromDate.getTime()) throw invalid('it is not valid yet');
  if (nowMs > certificate.validToDate.getTime()) throw invalid('it has expired');
}

function isValid(certificate: X509Certificate, nowMs: number): boolean {
  return nowMs >= certificate.validFromDate.getTime() && nowMs <= certificate.validToDate.getTime();
}

function signingKey(certificate: X509Certificate): PublicKey {
  try {
    return publicKey(certificate.publicKey);
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw invalid('its key is not ECDSA on P-256, P-384 or P-521', cause);
  }
}

function parse(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw invalid('it is not a certificate', cause);
  }
}

function invalid(why: string, cause?: unknown): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_CERTIFICATE_INVALID',
    `cannot trust the signing certificate: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
