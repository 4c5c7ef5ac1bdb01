/**
 * Certificates for tests, written byte by byte, so that every extension can be right or wrong.
 *
 * @module
 */
import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import {
  BIT_STRING,
  BOOLEAN,
  INTEGER,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  SEQUENCE,
  SET,
  encodeDer,
} from '../../src/der.ts';

export const UTF8_STRING = 0x0c;

export interface TestKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Buffer;
}

export interface TestExtension {
  readonly oid: string;
  readonly critical?: boolean;
  readonly value: Uint8Array;
}

export interface TestCertificate {
  readonly name: string;
  readonly issuer: string;
  readonly issuerKey: TestKey;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly fromMs: number;
  readonly toMs: number;
  readonly extensions: readonly TestExtension[];
}

export function newKey(type: 'p256' | 'ed25519' = 'p256'): TestKey {
  const pair =
    type === 'p256'
      ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
      : generateKeyPairSync('ed25519');
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { privateKey: createPrivateKey(pem), publicKey: pair.publicKey, spki };
}

export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left % 128) + 128);
    }
    bytes.push(...groups);
  }
  return encodeDer(OBJECT_IDENTIFIER, Buffer.from(bytes));
}

export const ECDSA_SHA256: Uint8Array = encodeDer(SEQUENCE, oid('1.2.840.10045.4.3.2'));

export function commonName(name: string): Uint8Array {
  const text = encodeDer(UTF8_STRING, Buffer.from(name));
  return encodeDer(SEQUENCE, encodeDer(SET, encodeDer(SEQUENCE, oid('2.5.4.3'), text)));
}

export function serialOf(spki: Uint8Array): Uint8Array {
  const hash = createHash('sha256').update(spki).digest().subarray(0, 15);
  return encodeDer(INTEGER, Buffer.concat([Buffer.from([1]), hash]));
}

/** `YYYYMMDDhhmmssZ` */
export function generalizedTime(timeMs: number): Uint8Array {
  const text = `${new Date(timeMs).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
  return encodeDer(0x18, Buffer.from(text));
}

/** TBSCertificate. */
export function certificateBody(certificate: TestCertificate): Uint8Array {
  const { name, issuer, spki, fromMs, toMs, extensions } = certificate;
  const list = extensions.map(({ oid: id, critical = false, value }) =>
    encodeDer(
      SEQUENCE,
      oid(id),
      ...(critical ? [encodeDer(BOOLEAN, Buffer.from([0xff]))] : []),
      encodeDer(OCTET_STRING, value),
    ),
  );
  return encodeDer(
    SEQUENCE,
    encodeDer(0xa0, encodeDer(INTEGER, Buffer.from([2]))),
    serialOf(spki),
    ECDSA_SHA256,
    commonName(issuer),
    encodeDer(SEQUENCE, generalizedTime(fromMs), generalizedTime(toMs)),
    name === '' ? encodeDer(SEQUENCE) : commonName(name),
    spki,
    encodeDer(0xa3, encodeDer(SEQUENCE, ...list)),
  );
}

export function signCertificate(body: Uint8Array, { privateKey }: TestKey): Buffer {
  const signature = sign('sha256', body, privateKey);
  const bits = encodeDer(BIT_STRING, Buffer.concat([Buffer.from([0]), signature]));
  return Buffer.from(encodeDer(SEQUENCE, body, ECDSA_SHA256, bits));
}

export function makeCertificate(certificate: TestCertificate): Buffer {
  return signCertificate(certificateBody(certificate), certificate.issuerKey);
}

const bits = (unused: number, byte: number): Uint8Array =>
  encodeDer(BIT_STRING, Buffer.from([unused, byte]));

export const AUTHORITY_EXTENSIONS: readonly TestExtension[] = [
  {
    oid: '2.5.29.19',
    critical: true,
    value: encodeDer(SEQUENCE, encodeDer(BOOLEAN, Buffer.from([0xff]))),
  },
  { oid: '2.5.29.15', critical: true, value: bits(1, 0x06) },
];

/** Digital signature, and one extended purpose. */
export function purposeExtensions(purpose: string): readonly TestExtension[] {
  return [
    { oid: '2.5.29.15', critical: true, value: bits(7, 0x80) },
    { oid: '2.5.29.37', critical: true, value: encodeDer(SEQUENCE, oid(purpose)) },
  ];
}
