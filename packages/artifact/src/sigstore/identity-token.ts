/**
 * The OpenID Connect token that a keyless signer presents: only what the certificate authority asks
 * to be signed is read here. The token is a secret until it expires; it stands in no error.
 *
 * @module
 */
import { CoreError, parseStrictJson } from '@proofmark/core';

import { serviceError } from './http.ts';
import { ProtoMessage } from './proto-json.ts';

const MAX_TOKEN_CHARACTERS = 64 * 1024;
const TOKEN = /^[\w-]+\.([\w-]+)\.[\w-]+$/;

/**
 * What possession of the key is proven over: the verified e-mail address, else the subject
 * (sigstore/fulcio `docs/how-certificate-issuing-works.md`).
 *
 * @throws {ArtifactError} ARTIFACT_SERVICE_FAILED when it is no token, or its address is not verified
 */
export function tokenSubject(token: string): string {
  const [, claims] = token.length > MAX_TOKEN_CHARACTERS ? [] : (TOKEN.exec(token) ?? []);
  if (claims === undefined) throw serviceError('the identity token is not a JSON Web Token');
  try {
    const message = new ProtoMessage(parseStrictJson(Buffer.from(claims, 'base64url')), 'token');
    if (!message.has('email')) return message.text('sub');
    if (message.json('email_verified') !== true && message.json('email_verified') !== 'true') {
      throw serviceError('the e-mail address of the identity token is not verified');
    }
    return message.text('email');
  } catch (cause) {
    if (!(cause instanceof RangeError) && !(cause instanceof CoreError)) throw cause;
    throw serviceError('the claims of the identity token cannot be read');
  }
}
