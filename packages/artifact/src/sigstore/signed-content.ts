/**
 * What a keyless signature covers, in the forms that logs record it.
 *
 * @module
 */
import { preAuthEncoding, sha256 } from '@proofmark/core';
import type { Envelope } from '@proofmark/core';

export type SignedContent =
  | {
      readonly kind: 'envelope';
      /** DER, from the envelope's only signature. */
      readonly signature: Uint8Array;
      readonly payloadDigest: Uint8Array;
      readonly payloadType: string;
      /** The DSSE pre-authentication encoding. */
      readonly covered: Uint8Array;
    }
  | {
      readonly kind: 'message';
      readonly signature: Uint8Array;
      readonly covered: Uint8Array;
    };

/** The content of a DSSE envelope with exactly one signature. */
export function envelopeContent(envelope: Envelope): SignedContent {
  const payload = Buffer.from(envelope.payload, 'base64');
  return {
    kind: 'envelope',
    signature: Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64'),
    payloadDigest: sha256(payload),
    payloadType: envelope.payloadType,
    covered: preAuthEncoding(envelope.payloadType, payload),
  };
}
