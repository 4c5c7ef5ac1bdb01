/**
 * Rekor: an entry in a transparency log, version 1 (`dsse`) or 2 (`hashedrekord` over the DSSE
 * encoding).
 *
 * What the log answers is not believed here: the bundle is verified like any other before it is
 * written.
 *
 * @module
 */
import { CoreError, parseStrictJson, sha256 } from '@proofmark/core';
import type { Envelope } from '@proofmark/core';

import { readLogEntry } from './bundle-evidence.ts';
import type { LogEntry } from './bundle-evidence.ts';
import { requestService, serviceError, serviceUrl } from './http.ts';
import type { ServiceResponse } from './http.ts';
import { ProtoMessage } from './proto-json.ts';
import { envelopeContent } from './signed-content.ts';

export interface LogRequest {
  readonly rekorUrl: string;
  readonly rekorVersion: 1 | 2;
  readonly envelope: Envelope;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly signal?: AbortSignal;
}

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

/** @throws {ArtifactError} ARTIFACT_SERVICE_FAILED */
export async function requestLogEntry(request: LogRequest): Promise<LogEntry> {
  try {
    return request.rekorVersion === 1 ? await logDsse(request) : await logHash(request);
  } catch (cause) {
    if (!(cause instanceof RangeError) && !(cause instanceof CoreError)) throw cause;
    throw serviceError('the answer of the transparency log cannot be read', cause);
  }
}

async function logDsse(request: LogRequest): Promise<LogEntry> {
  const { rekorUrl, envelope, certificate, signal } = request;
  const url = serviceUrl(rekorUrl, '/api/v1/log/entries');
  const aborts = signal === undefined ? {} : { signal };
  let response = await requestService({
    method: 'POST',
    url,
    headers: JSON_HEADERS,
    body: JSON.stringify({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        proposedContent: {
          envelope: JSON.stringify(envelope),
          verifiers: [Buffer.from(certificatePem(certificate)).toString('base64')],
        },
      },
    }),
    ...aborts,
  });
  if (response.status === 409 && response.location !== null) {
    const known = new URL(response.location, url);
    if (known.origin !== url.origin) throw serviceError('the log points to another host');
    response = await requestService({
      method: 'GET',
      url: known,
      headers: JSON_HEADERS,
      ...aborts,
    });
  }
  return readV1(bodyOf(response));
}

async function logHash(request: LogRequest): Promise<LogEntry> {
  const { rekorUrl, envelope, certificate, signal } = request;
  const { covered, signature } = envelopeContent(envelope);
  const response = await requestService({
    method: 'POST',
    url: serviceUrl(rekorUrl, '/api/v2/log/entries'),
    headers: JSON_HEADERS,
    body: JSON.stringify({
      hashedRekordRequestV002: {
        digest: base64(sha256(covered)),
        signature: {
          content: base64(signature),
          verifier: {
            x509Certificate: { rawBytes: base64(certificate) },
            keyDetails: 'PKIX_ECDSA_P256_SHA_256',
          },
        },
      },
    }),
    ...(signal === undefined ? {} : { signal }),
  });
  return readLogEntry(new ProtoMessage(parseStrictJson(bodyOf(response)), 'entry'));
}

function bodyOf({ status, body }: ServiceResponse): Uint8Array {
  if (status === 200 || status === 201) return body;
  throw serviceError(`the transparency log answered ${status}`);
}

/** `{ uuid: { body, integratedTime, logID, logIndex, verification } }`, hashes in hex. */
function readV1(bytes: Uint8Array): LogEntry {
  const answer = new ProtoMessage(parseStrictJson(bytes), 'answer');
  const [uuid, ...more] = answer.keys();
  if (uuid === undefined || more.length > 0) throw new RangeError('not exactly one entry');
  const entry = answer.message(uuid);
  const verification = entry.message('verification');
  const proof = verification.message('inclusionProof');
  return {
    logId: entry.text('logID'),
    kind: 'dsse',
    version: '0.0.1',
    logIndex: entry.count('logIndex'),
    integratedSeconds: entry.count('integratedTime'),
    promise: verification.bytes('signedEntryTimestamp'),
    proof: {
      index: proof.count('logIndex'),
      size: proof.count('treeSize'),
      root: Buffer.from(proof.text('rootHash'), 'hex'),
      hashes: proof.texts('hashes', 64).map((hash) => Buffer.from(hash, 'hex')),
      checkpoint: proof.text('checkpoint'),
    },
    body: entry.bytes('body'),
  };
}

function certificatePem(der: Uint8Array): string {
  const lines = base64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
