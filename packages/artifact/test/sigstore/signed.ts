/**
 * A keyless signature of the test instance, as evidence and content, without HTTP.
 *
 * @module
 */
import { createHash, sign } from 'node:crypto';

import { parseStrictJson, preAuthEncoding } from '@proofmark/core';

import { readLogEntry } from '../../src/sigstore/bundle-evidence.ts';
import type { BundleEvidence } from '../../src/sigstore/bundle-evidence.ts';
import { ProtoMessage } from '../../src/sigstore/proto-json.ts';
import { envelopeContent } from '../../src/sigstore/signed-content.ts';
import type { SignedContent } from '../../src/sigstore/signed-content.ts';
import type { Instance, IssueOptions } from './instance.ts';
import { newKey } from './x509.ts';

export interface Signed {
  readonly evidence: BundleEvidence;
  readonly content: SignedContent;
}

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** An envelope signed at `atMs`, in the tiled log, with a time stamp. */
export function makeSigned(instance: Instance, atMs: number, issue: IssueOptions = {}): Signed {
  const payload = Buffer.from('{"signed":true}');
  const signed = makeSignedMessage(instance, atMs, preAuthEncoding(PAYLOAD_TYPE, payload), issue);
  const sig = Buffer.from(signed.content.signature).toString('base64');
  const content = envelopeContent({
    payloadType: PAYLOAD_TYPE,
    payload: payload.toString('base64'),
    signatures: [{ keyid: '', sig }],
  });
  return { ...signed, content };
}

/** The same over bytes of any kind. */
export function makeSignedMessage(
  instance: Instance,
  atMs: number,
  covered: Uint8Array,
  issue: IssueOptions = {},
): Signed {
  const key = newKey();
  const certificate = instance.issue(key.spki, issue);
  const signature = sign('sha256', covered, key.privateKey);
  const digest = (data: Uint8Array): Buffer => createHash('sha256').update(data).digest();
  const body = JSON.stringify({
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: {
      hashedRekordV002: {
        data: { algorithm: 'SHA2_256', digest: digest(covered).toString('base64') },
        signature: {
          content: signature.toString('base64'),
          verifier: { x509Certificate: { rawBytes: certificate.toString('base64') } },
        },
      },
    },
  });
  const answer = parseStrictJson(JSON.stringify(instance.logV2(Buffer.from(body))));
  return {
    evidence: {
      certificate,
      entries: [readLogEntry(new ProtoMessage(answer, 'entry'))],
      timestamps: [instance.timestamp(digest(signature), atMs)],
    },
    content: { kind: 'message', signature, covered },
  };
}
