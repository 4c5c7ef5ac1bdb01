/**
 * Signs a manifest: OpenSSF Model Signing v1.0, method `files`, ECDSA over SHA-256/384/512.
 *
 * @module
 */
import { IN_TOTO_PAYLOAD_TYPE, publicKeyPem, sha256Hex, signEnvelope } from '@proofmark/core';
import type { Signer } from '@proofmark/core';

import { formatBundle } from './bundle.ts';
import type { VerificationMaterial } from './bundle.ts';
import { ArtifactError } from './errors.ts';
import type { Manifest } from './manifest.ts';
import { buildPayload } from './statement.ts';
import { DEFAULT_IGNORED } from './walk.ts';

export interface SignRequest {
  /** Name in the statement; informational. */
  readonly name: string;
  readonly manifest: Manifest;
  readonly signer: Signer;
  /** DER certificates, leaf first, when a certificate rather than a bare key vouches for the signer. */
  readonly certificates?: readonly Uint8Array[];
  /** Further top-level names that the manifest left out, for instance the signature file. */
  readonly ignored?: readonly string[];
}

/**
 * Signs and returns the text of the bundle, ready to be written beside the model.
 *
 * @throws {ArtifactError} ARTIFACT_METHOD_UNSUPPORTED for a key that is not ECDSA
 */
export async function signModel(request: SignRequest): Promise<string> {
  const { name, manifest, signer } = request;
  if (signer.publicKey.algorithm === 'ed25519') {
    throw new ArtifactError(
      'ARTIFACT_METHOD_UNSUPPORTED',
      'cannot sign a model with an Ed25519 key: OpenSSF Model Signing allows ECDSA only; make a key with proofmark keygen',
    );
  }
  const ignored = [...new Set([...DEFAULT_IGNORED, ...(request.ignored ?? [])])];
  const payload = buildPayload(name, manifest, ignored);
  const envelope = await signEnvelope(IN_TOTO_PAYLOAD_TYPE, payload, [signer]);
  const material: VerificationMaterial =
    request.certificates === undefined
      ? { kind: 'key', hint: keyHint(signer) }
      : { kind: 'certificate', chain: request.certificates };
  return formatBundle({ material, envelope });
}

/** SHA-256 of the SPKI PEM text, not of its DER: what the reference implementation looks keys up by. */
function keyHint(signer: Signer): string {
  return sha256Hex(publicKeyPem(signer.publicKey));
}
