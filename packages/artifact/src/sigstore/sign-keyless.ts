/**
 * Signs a manifest without a key of one's own: a key made for this one signature, a certificate that
 * says whose it was, and proof in a public log of when (OpenSSF Model Signing v1.0, method sigstore).
 *
 * What the services answered is verified like anybody's bundle before it is returned, so a bundle
 * that comes out of here verifies with the same trusted root. The key is never written anywhere.
 *
 * @module
 */
import {
  IN_TOTO_PAYLOAD_TYPE,
  generatePrivateKeyPem,
  readSigner,
  signEnvelope,
} from '@proofmark/core';

import { formatBundle } from '../bundle.ts';
import type { Manifest } from '../manifest.ts';
import { buildPayload } from '../statement.ts';
import { DEFAULT_IGNORED } from '../walk.ts';
import { readIdentity } from './certificate-identity.ts';
import { requestCertificate } from './fulcio.ts';
import { serviceError } from './http.ts';
import { requestLogEntry } from './rekor.ts';
import { envelopeContent } from './signed-content.ts';
import { requestTimestamp } from './timestamp-request.ts';
import type { TrustedRoot } from './trusted-root.ts';
import { verifyKeyless } from './verify-keyless.ts';
import type { KeylessSigner } from './verify-keyless.ts';

/** The services of a Sigstore instance. */
export interface SigstoreServices {
  readonly fulcioUrl: string;
  readonly rekorUrl: string;
  readonly rekorVersion: 1 | 2;
  /** Needed with version 2, which signs no time; `null` without. */
  readonly timestampUrl: string | null;
  readonly trustedRoot: TrustedRoot;
}

export interface KeylessSignRequest {
  /** Name in the statement; informational. */
  readonly name: string;
  readonly manifest: Manifest;
  /** Further top-level names that the manifest left out. */
  readonly ignored?: readonly string[];
  /** OpenID Connect token for the audience `sigstore`. Secret. */
  readonly identityToken: string;
  readonly services: SigstoreServices;
  /** Milliseconds since the Unix epoch, read when the services have answered. */
  readonly clock: () => number;
  readonly signal?: AbortSignal;
}

export interface KeylessSignature {
  /** Text of the bundle, ready to be written beside the model. */
  readonly bundle: string;
  readonly signer: KeylessSigner;
}

/**
 * @throws {ArtifactError} ARTIFACT_SERVICE_FAILED when a service refuses or fails, and those of
 *   `verifyKeyless` when what they answered does not verify
 */
export async function signModelKeyless(request: KeylessSignRequest): Promise<KeylessSignature> {
  const { name, manifest, services, identityToken, clock, signal } = request;
  const aborts = signal === undefined ? {} : { signal };
  const signer = readSigner(generatePrivateKeyPem('ecdsa-p256'));
  const ignored = [...new Set([...DEFAULT_IGNORED, ...(request.ignored ?? [])])];
  const { fulcioUrl, rekorUrl, rekorVersion, timestampUrl } = services;
  const certificate = await requestCertificate({ fulcioUrl, identityToken, signer, ...aborts });
  const payload = buildPayload(name, manifest, ignored);
  const signed = await signEnvelope(IN_TOTO_PAYLOAD_TYPE, payload, [signer]);
  const [signature] = signed.signatures;
  const envelope = { ...signed, signatures: [{ sig: signature?.sig ?? '', keyid: '' }] };
  const content = envelopeContent(envelope);
  const timestamps =
    timestampUrl === null ? [] : [await requestTimestamp(timestampUrl, content.signature, signal)];
  const log = { rekorUrl, rekorVersion, envelope, certificate, ...aborts };
  const evidence = { certificate, entries: [await requestLogEntry(log)], timestamps };
  const trust = { trustedRoot: services.trustedRoot, identities: [identityOf(certificate)] };
  return {
    bundle: formatBundle({ material: { kind: 'sigstore', evidence }, envelope }),
    signer: verifyKeyless(evidence, content, trust, clock()),
  };
}

function identityOf(certificate: Uint8Array): ReturnType<typeof readIdentity> {
  try {
    return readIdentity(certificate);
  } catch (cause) {
    throw serviceError('the certificate authority issued a certificate without identity', cause);
  }
}
