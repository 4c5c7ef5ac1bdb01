/**
 * Asks an RFC 3161 authority for a time stamp of a signature. The answer is checked with the bundle.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';

import { sha256 } from '@proofmark/core';

import { BOOLEAN, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, encodeDer } from '../der.ts';
import { requestService, serviceError, serviceUrl } from './http.ts';

const SHA256 = Buffer.from('608648016503040201', 'hex');
const NULL = Buffer.from([0x05, 0x00]);

/** DER of the `TimeStampResp`. @throws {ArtifactError} ARTIFACT_SERVICE_FAILED */
export async function requestTimestamp(
  timestampUrl: string,
  signature: Uint8Array,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const response = await requestService({
    method: 'POST',
    url: serviceUrl(timestampUrl, ''),
    headers: { 'content-type': 'application/timestamp-query' },
    body: timestampQuery(signature),
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.status === 200 || response.status === 201) return response.body;
  throw serviceError(`the time-stamp authority answered ${response.status}`);
}

/** `TimeStampReq ::= SEQUENCE { version 1, messageImprint, nonce, certReq TRUE }` */
function timestampQuery(data: Uint8Array): Uint8Array {
  const algorithm = encodeDer(SEQUENCE, encodeDer(OBJECT_IDENTIFIER, SHA256), NULL);
  const imprint = encodeDer(SEQUENCE, algorithm, encodeDer(OCTET_STRING, sha256(data)));
  // A leading byte below 0x80 and not 0 keeps the number positive and shortest.
  const nonce = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  return encodeDer(
    SEQUENCE,
    encodeDer(INTEGER, Buffer.from([1])),
    imprint,
    encodeDer(INTEGER, nonce),
    encodeDer(BOOLEAN, Buffer.from([0xff])),
  );
}
