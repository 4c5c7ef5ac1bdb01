/**
 * Who a keyless certificate was issued to, and by whose word: Fulcio's extensions
 * (sigstore/fulcio `docs/oid-info.md`) and the one subject alternative name.
 *
 * Attacker-controlled until the certificate's path was checked.
 *
 * @module
 */
import { listExtensions } from '../certificate-extension.ts';
import { SEQUENCE, derChildren, derElements, derOid, derSingle, derValue } from '../der.ts';
import type { DerElement } from '../der.ts';

export interface CertificateIdentity {
  /** An e-mail address, a URI, or another name that the issuer vouches for. */
  readonly subject: string;
  /** URL of the OpenID Connect issuer. */
  readonly issuer: string;
}

const ALTERNATIVE_NAME = '551d11';
/** 1.3.6.1.4.1.57264.1.1: the text itself; .1.8: the text as DER UTF8String. */
const ISSUER_V1 = '2b0601040183bf300101';
const ISSUER_V2 = '2b0601040183bf300108';
/** 1.3.6.1.4.1.57264.1.7: a name that is neither e-mail address nor URI. */
const OTHER_NAME = '2b0601040183bf300107';

const TAG_OTHER_NAME = 0xa0;
const TAG_EMAIL = 0x81;
const TAG_URI = 0x86;
const TAG_EXPLICIT_0 = 0xa0;
const UTF8_STRING = 0x0c;
const MAX_CHARACTERS = 2048;

/** @throws {RangeError} when the certificate names not exactly one identity and issuer */
export function readIdentity(der: Uint8Array): CertificateIdentity {
  const extensions = new Map(listExtensions(der).map(({ name, value }) => [name, value]));
  return {
    subject: readSubject(extensions.get(ALTERNATIVE_NAME)),
    issuer: readIssuer(extensions.get(ISSUER_V1), extensions.get(ISSUER_V2)),
  };
}

function readSubject(value: Uint8Array | undefined): string {
  if (value === undefined) throw new RangeError('it names nobody');
  const [name, ...more] = derChildren(derSingle(value), SEQUENCE);
  if (name === undefined || more.length > 0)
    throw new RangeError('it names not exactly one signer');
  switch (name.tag) {
    case TAG_EMAIL:
    case TAG_URI:
      return readText(name.value);
    case TAG_OTHER_NAME:
      return readOtherName(name);
    default:
      throw new RangeError('it names its signer in another form');
  }
}

/** `OtherName ::= SEQUENCE { type-id OID, value [0] EXPLICIT ANY }`, implicitly tagged. */
function readOtherName(name: DerElement): string {
  const [type, wrapped] = derElements(name.value);
  if (derOid(type) !== OTHER_NAME) throw new RangeError('it names its signer in another form');
  const [text] = derChildren(wrapped, TAG_EXPLICIT_0);
  return readText(derValue(text, UTF8_STRING));
}

function readIssuer(first: Uint8Array | undefined, second: Uint8Array | undefined): string {
  const one = first === undefined ? null : readText(first);
  const two = second === undefined ? null : readText(derValue(derSingle(second), UTF8_STRING));
  if (one !== null && two !== null && one !== two) throw new RangeError('it names two issuers');
  const issuer = two ?? one;
  if (issuer === null) throw new RangeError('it names no issuer');
  return issuer;
}

function readText(bytes: Uint8Array): string {
  if (bytes.length === 0 || bytes.length > MAX_CHARACTERS) throw new RangeError('a name is empty');
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!/[\u0000-\u001f\u007f]/.test(text)) return text;
  } catch (cause) {
    throw new RangeError('a name is not UTF-8', { cause });
  }
  throw new RangeError('a name has control characters');
}
