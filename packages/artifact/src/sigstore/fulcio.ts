/**
 * Fulcio: a short-lived certificate for a key that lives as long as one signature
 * (`POST /api/v2/signingCert`).
 *
 * @module
 */
import { X509Certificate } from 'node:crypto';

import { CoreError, parseStrictJson, publicKeyPem } from '@proofmark/core';
import type { Signer } from '@proofmark/core';

import { requestService, serviceError, serviceUrl } from './http.ts';
import { tokenSubject } from './identity-token.ts';
import { ProtoMessage } from './proto-json.ts';

export interface CertificateRequest {
  readonly fulcioUrl: string;
  /** Secret. */
  readonly identityToken: string;
  readonly signer: Signer;
  readonly signal?: AbortSignal;
}

/** DER of the certificate, not checked yet. @throws {ArtifactError} ARTIFACT_SERVICE_FAILED */
export async function requestCertificate(request: CertificateRequest): Promise<Uint8Array> {
  const { fulcioUrl, identityToken, signer, signal } = request;
  const proof = await signer.sign(Buffer.from(tokenSubject(identityToken)));
  const response = await requestService({
    method: 'POST',
    url: serviceUrl(fulcioUrl, '/api/v2/signingCert'),
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      credentials: { oidcIdentityToken: identityToken },
      publicKeyRequest: {
        publicKey: { algorithm: 'ECDSA', content: publicKeyPem(signer.publicKey) },
        proofOfPossession: Buffer.from(proof).toString('base64'),
      },
    }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.status === 400 || response.status === 401 || response.status === 403) {
    throw serviceError('the certificate authority does not accept the identity token');
  }
  if (response.status !== 200 && response.status !== 201) {
    throw serviceError(`the certificate authority answered ${response.status}`);
  }
  return readCertificate(response.body);
}

function readCertificate(body: Uint8Array): Uint8Array {
  try {
    const [pem = ''] = new ProtoMessage(parseStrictJson(body), 'answer')
      .message('signedCertificateEmbeddedSct')
      .message('chain')
      .texts('certificates', 16);
    return new X509Certificate(pem).raw;
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    if (!(cause instanceof RangeError || cause instanceof CoreError || 'code' in cause))
      throw cause;
    throw serviceError('the answer of the certificate authority cannot be read', cause);
  }
}
