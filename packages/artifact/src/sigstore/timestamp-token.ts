/**
 * The DER of an RFC 3161 time-stamp response: `TimeStampResp` around CMS `SignedData` (RFC 5652)
 * around `TSTInfo`. Reading only; time-stamp.ts decides what is true.
 *
 * Attacker-controlled throughout.
 *
 * @module
 */
import {
  INTEGER,
  OCTET_STRING,
  SEQUENCE,
  SET,
  derChildren,
  derElements,
  derOid,
  derSingle,
  derValue,
  encodeDer,
} from '../der.ts';
import type { DerElement } from '../der.ts';

export type HashName = 'sha256' | 'sha384' | 'sha512';

export interface TimestampToken {
  /** DER of `TSTInfo`, which the message digest is of. */
  readonly info: Uint8Array;
  readonly imprint: { readonly hash: HashName; readonly digest: Uint8Array };
  readonly timeMs: number;
  /** Hash of `info` as the signed attributes state it. */
  readonly messageDigest: Uint8Array;
  readonly digestHash: HashName;
  /** What the signature covers: the signed attributes as a SET. */
  readonly covered: Uint8Array;
  readonly signature: Uint8Array;
  /** Hash of the signature algorithm; `null` where it goes with the key (Ed25519). */
  readonly signatureHash: HashName | null;
  /** DER of issuer and serial number of the signer's certificate, or its key identifier. */
  readonly signer:
    | { readonly kind: 'issuer'; readonly issuer: Uint8Array; readonly serial: string }
    | { readonly kind: 'key'; readonly keyIdentifier: Uint8Array };
  /** DER of certificates that came along. */
  readonly certificates: readonly Uint8Array[];
}

const CONTEXT_0 = 0xa0;
const KEY_IDENTIFIER = 0x80;
const GENERALIZED_TIME = 0x18;
const MAX_CERTIFICATES = 16;

const SIGNED_DATA = '2a864886f70d010702';
const TST_INFO = '2a864886f70d0109100104';
const CONTENT_TYPE = '2a864886f70d010903';
const MESSAGE_DIGEST = '2a864886f70d010904';

const HASHES: ReadonlyMap<string, HashName> = new Map([
  ['608648016503040201', 'sha256'],
  ['608648016503040202', 'sha384'],
  ['608648016503040203', 'sha512'],
]);

/** Signature algorithms that name their hash: ECDSA and RSA PKCS#1 v1.5. */
const SIGNATURE_HASHES: ReadonlyMap<string, HashName> = new Map([
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
]);
/** `rsaEncryption` and `id-ecPublicKey`: the hash is that of the message digest. */
const UNNAMED_HASH: ReadonlySet<string> = new Set(['2a864886f70d010101', '2a8648ce3d0201']);
const ED25519 = '2b6570';

/** Reads a response whose status is granted. @throws {RangeError} */
export function parseTimestampResponse(der: Uint8Array): TimestampToken {
  const [status, token] = derChildren(derSingle(der), SEQUENCE);
  const [code] = derChildren(status, SEQUENCE);
  const granted = Buffer.from(derValue(code, INTEGER)).toString('hex');
  // 0 granted, 1 granted with modifications.
  if (granted !== '00' && granted !== '01') throw new RangeError('the authority did not grant it');
  const [type, wrapped] = derChildren(token, SEQUENCE);
  if (derOid(type) !== SIGNED_DATA) throw new RangeError('it is not CMS signed data');
  const [signedData] = derChildren(wrapped, CONTEXT_0);
  return parseSignedData(derChildren(signedData, SEQUENCE));
}

function parseSignedData(fields: readonly DerElement[]): TimestampToken {
  const [, , content, ...rest] = fields;
  const [type, wrapped] = derChildren(content, SEQUENCE);
  if (derOid(type) !== TST_INFO) throw new RangeError('it holds no time-stamp');
  const [octets] = derChildren(wrapped, CONTEXT_0);
  const info = derValue(octets, OCTET_STRING);
  const certificates = rest.find(({ tag }) => tag === CONTEXT_0);
  const given = certificates === undefined ? [] : derElements(certificates.value);
  if (given.length > MAX_CERTIFICATES) throw new RangeError('it brings too many certificates');
  const [signer, ...others] = derChildren(rest.at(-1), SET);
  if (others.length > 0) throw new RangeError('it has more than one signer');
  return {
    ...parseInfo(info),
    ...parseSigner(derChildren(signer, SEQUENCE)),
    certificates: given.map(({ raw }) => raw),
  };
}

/** `TSTInfo ::= SEQUENCE { version, policy, messageImprint, serialNumber, genTime, ... }` */
function parseInfo(info: Uint8Array): Pick<TimestampToken, 'info' | 'imprint' | 'timeMs'> {
  const [, , imprint, , time] = derChildren(derSingle(info), SEQUENCE);
  const [algorithm, digest] = derChildren(imprint, SEQUENCE);
  const [hash] = derChildren(algorithm, SEQUENCE);
  return {
    info,
    imprint: { hash: hashOf(hash), digest: derValue(digest, OCTET_STRING) },
    timeMs: readTime(Buffer.from(derValue(time, GENERALIZED_TIME)).toString('latin1')),
  };
}

/** `SignerInfo ::= SEQUENCE { version, sid, digestAlgorithm, signedAttrs [0], ... }` */
function parseSigner(
  fields: readonly DerElement[],
): Omit<TimestampToken, 'info' | 'imprint' | 'timeMs' | 'certificates'> {
  const [, identifier, digestAlgorithm, attributes, signatureAlgorithm, signature] = fields;
  const [digestHash] = derChildren(digestAlgorithm, SEQUENCE);
  const [signatureOid] = derChildren(signatureAlgorithm, SEQUENCE);
  const signed = derChildren(attributes, CONTEXT_0);
  const hash = hashOf(digestHash);
  if (derOid(attribute(signed, CONTENT_TYPE)) !== TST_INFO) {
    throw new RangeError('its attributes are about other content');
  }
  return {
    signer: parseIdentifier(identifier),
    digestHash: hash,
    messageDigest: derValue(attribute(signed, MESSAGE_DIGEST), OCTET_STRING),
    // RFC 5652 section 5.4: signed with the tag of a SET, not with the implicit one.
    covered: encodeDer(SET, derValue(attributes, CONTEXT_0)),
    signatureHash: signatureHashOf(derOid(signatureOid), hash),
    signature: derValue(signature, OCTET_STRING),
  };
}

/** `Attribute ::= SEQUENCE { type OID, values SET }`; must be there once, with one value. */
function attribute(attributes: readonly DerElement[], type: string): DerElement {
  const matching = attributes
    .map((element) => derChildren(element, SEQUENCE))
    .filter(([name]) => derOid(name) === type);
  const [[, values] = []] = matching;
  const [value, ...more] = matching.length === 1 ? derChildren(values, SET) : [];
  if (value === undefined || more.length > 0) {
    throw new RangeError('an attribute is missing or repeated');
  }
  return value;
}

function parseIdentifier(identifier: DerElement | undefined): TimestampToken['signer'] {
  if (identifier?.tag === KEY_IDENTIFIER) {
    return { kind: 'key', keyIdentifier: identifier.value };
  }
  const [issuer, serial] = derChildren(identifier, SEQUENCE);
  if (issuer === undefined) throw new RangeError('it names no signer');
  return {
    kind: 'issuer',
    issuer: issuer.raw,
    serial: Buffer.from(derValue(serial, INTEGER)).toString('hex'),
  };
}

function hashOf(element: DerElement | undefined): HashName {
  const hash = HASHES.get(derOid(element));
  if (hash === undefined) throw new RangeError('its hash is not SHA-256, SHA-384 or SHA-512');
  return hash;
}

function signatureHashOf(oid: string, digestHash: HashName): HashName | null {
  if (oid === ED25519) return null;
  const hash = UNNAMED_HASH.has(oid) ? digestHash : SIGNATURE_HASHES.get(oid);
  if (hash === undefined) throw new RangeError('its signature algorithm is not known');
  return hash;
}

/** `YYYYMMDDhhmmss[.f]Z` */
function readTime(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z$/.exec(text);
  const [, year, month, day, hour, minute, second, fraction = ''] = match ?? [];
  const timeMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}Z`);
  if (match === null || Number.isNaN(timeMs)) throw new RangeError('its time cannot be read');
  return timeMs;
}
