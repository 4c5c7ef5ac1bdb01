/**
 * A small Sigstore instance for tests: certificate authority, certificate log, transparency log and
 * time-stamp authority, with real keys and real signatures, in memory. `serve` puts it behind HTTP.
 *
 * It stands in for Fulcio, Rekor and a time-stamp authority, which cannot run here; it is written
 * from their specifications and shares no code with the verifier but the DER writer.
 *
 * @module
 */
import { createHash, sign } from 'node:crypto';

import { INTEGER, OCTET_STRING, SEQUENCE, SET, encodeDer } from '../../src/der.ts';
import {
  AUTHORITY_EXTENSIONS,
  ECDSA_SHA256,
  UTF8_STRING,
  certificateBody,
  commonName,
  generalizedTime,
  makeCertificate,
  newKey,
  oid,
  purposeExtensions,
  serialOf,
  signCertificate,
} from './x509.ts';
import type { TestExtension, TestKey } from './x509.ts';

export const SUBJECT =
  'https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main';
export const ISSUER = 'https://token.example.org';
const LOG_NAME = 'rekor.example.org';
const TILED_NAME = 'log2026.example.org';
const DAY_MS = 86_400_000;

export interface IssueOptions {
  readonly subject?: string;
  readonly issuer?: string;
  readonly fromMs?: number;
  readonly lifeMs?: number;
  /** Leaves the certificate log's timestamp out, or signs it with another key. */
  readonly sct?: 'good' | 'none' | 'forged';
  readonly purpose?: string;
  readonly extra?: readonly TestExtension[];
}

export interface Instance {
  readonly root: Buffer;
  readonly trustedRoot: string;
  issue(spki: Uint8Array, options?: IssueOptions): Buffer;
  /** A Rekor v1 answer for the entry's body. */
  logV1(body: Uint8Array, atMs: number): Record<string, unknown>;
  /** A Rekor v2 answer (`TransparencyLogEntry`). */
  logV2(body: Uint8Array): Record<string, unknown>;
  timestamp(imprint: Uint8Array, atMs: number): Buffer;
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** @param nowMs Instances are valid from a day before until a year after. */
export function makeInstance(nowMs: number): Instance {
  const keys = {
    root: newKey(),
    middle: newKey(),
    certificateLog: newKey(),
    log: newKey(),
    tiled: newKey('ed25519'),
    stampRoot: newKey(),
    stamp: newKey(),
  };
  const validity = { fromMs: nowMs - DAY_MS, toMs: nowMs + 365 * DAY_MS };
  const authority = (name: string, key: TestKey, issuer: string, issuerKey: TestKey): Buffer =>
    makeCertificate({
      name,
      issuer,
      issuerKey,
      spki: key.spki,
      ...validity,
      extensions: AUTHORITY_EXTENSIONS,
    });
  const root = authority('root', keys.root, 'root', keys.root);
  const middle = authority('intermediate', keys.middle, 'root', keys.root);
  const stampRoot = authority('stamp root', keys.stampRoot, 'stamp root', keys.stampRoot);
  const stamp = makeCertificate({
    name: 'stamp',
    issuer: 'stamp root',
    issuerKey: keys.stampRoot,
    spki: keys.stamp.spki,
    ...validity,
    extensions: purposeExtensions('1.3.6.1.5.5.7.3.8'),
  });
  const start = new Date(validity.fromMs).toISOString();
  const logOf = (name: string, { spki }: TestKey, id: Buffer): Record<string, unknown> => ({
    baseUrl: `https://${name}`,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: spki.toString('base64'), validFor: { start } },
    logId: { keyId: id.toString('base64') },
  });
  const chainOf = (...chain: readonly Buffer[]): Record<string, unknown> => ({
    certChain: { certificates: chain.map((der) => ({ rawBytes: der.toString('base64') })) },
    validFor: { start },
  });
  const trustedRoot = JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [
      logOf(LOG_NAME, keys.log, sha256(keys.log.spki)),
      logOf(TILED_NAME, keys.tiled, tiledId(keys.tiled)),
    ],
    certificateAuthorities: [chainOf(middle, root)],
    ctlogs: [logOf('ct.example.org', keys.certificateLog, sha256(keys.certificateLog.spki))],
    timestampAuthorities: [chainOf(stamp, stampRoot)],
  });
  return {
    root,
    trustedRoot,
    issue: (spki, options = {}) => issue(spki, { ...keys, nowMs }, options),
    logV1: (body, atMs) => logV1(body, atMs, keys.log),
    logV2: (body) => logV2(body, keys.tiled),
    timestamp: (imprint, atMs) => timestamp(imprint, atMs, keys.stamp),
  };
}

interface IssuingKeys {
  readonly middle: TestKey;
  readonly certificateLog: TestKey;
  readonly nowMs: number;
}

function issue(spki: Uint8Array, keys: IssuingKeys, options: IssueOptions): Buffer {
  const { subject = SUBJECT, issuer = ISSUER, fromMs = keys.nowMs - 5_000 } = options;
  const isUri = subject.includes('://');
  const names = encodeDer(SEQUENCE, encodeDer(isUri ? 0x86 : 0x81, Buffer.from(subject)));
  const template = {
    name: '',
    issuer: 'intermediate',
    issuerKey: keys.middle,
    spki,
    fromMs,
    toMs: fromMs + (options.lifeMs ?? 600_000),
    extensions: [
      ...purposeExtensions(options.purpose ?? '1.3.6.1.5.5.7.3.3'),
      { oid: '2.5.29.17', critical: true, value: names },
      { oid: '1.3.6.1.4.1.57264.1.1', value: Buffer.from(issuer) },
      { oid: '1.3.6.1.4.1.57264.1.8', value: encodeDer(UTF8_STRING, Buffer.from(issuer)) },
      ...(options.extra ?? []),
    ],
  };
  if (options.sct === 'none') return makeCertificate(template);
  const signer = options.sct === 'forged' ? newKey() : keys.certificateLog;
  const list = certificateTimestamps(certificateBody(template), keys, signer);
  const extension = { oid: '1.3.6.1.4.1.11129.2.4.2', value: encodeDer(OCTET_STRING, list) };
  const extensions = [...template.extensions, extension];
  return signCertificate(certificateBody({ ...template, extensions }), keys.middle);
}

function certificateTimestamps(body: Uint8Array, keys: IssuingKeys, signer: TestKey): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(keys.nowMs));
  const length = Buffer.alloc(3);
  length.writeUIntBE(body.length, 0, 3);
  const head = Buffer.from([0, 0]);
  const covered = Buffer.concat([
    head,
    time,
    Buffer.from([0, 1]),
    sha256(keys.middle.spki),
    length,
    body,
    head,
  ]);
  const signature = sign('sha256', covered, signer.privateKey);
  const sct = Buffer.concat([
    Buffer.from([0]),
    sha256(keys.certificateLog.spki),
    time,
    head,
    Buffer.from([4, 3]),
    vector(signature),
  ]);
  return vector(vector(sct));
}

function vector(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

interface Tree {
  readonly index: number;
  readonly size: number;
  readonly hashes: readonly Buffer[];
  readonly root: Buffer;
}

/** The body as entry 2 of a tree of 5, the others being fixed. */
function plant(body: Uint8Array): Tree {
  const leaf = (data: Uint8Array): Buffer => sha256(Buffer.from([0]), data);
  const node = (a: Buffer, b: Buffer): Buffer => sha256(Buffer.from([1]), a, b);
  const [a, b, d, e] = ['a', 'b', 'd', 'e'].map((text) => leaf(Buffer.from(text))) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const c = leaf(body);
  const left = node(a, b);
  return { index: 2, size: 5, hashes: [d, left, e], root: node(node(left, node(c, d)), e) };
}

function checkpoint(name: string, tree: Tree, keyId: Buffer, key: TestKey): string {
  const text = `${name}\n${tree.size}\n${tree.root.toString('base64')}\n`;
  const isTiled = key.publicKey.asymmetricKeyType === 'ed25519';
  const signature = sign(isTiled ? null : 'sha256', Buffer.from(text), key.privateKey);
  const line = Buffer.concat([keyId.subarray(0, 4), signature]).toString('base64');
  return `${text}\n\u2014 ${name} ${line}\n`;
}

function logV1(body: Uint8Array, atMs: number, key: TestKey): Record<string, unknown> {
  const tree = plant(body);
  const logID = sha256(key.spki).toString('hex');
  const integratedTime = Math.floor(atMs / 1000);
  const logIndex = 70_002;
  const encoded = Buffer.from(body).toString('base64');
  const promise = sign(
    'sha256',
    Buffer.from(JSON.stringify({ body: encoded, integratedTime, logID, logIndex })),
    key.privateKey,
  );
  return {
    ['f'.repeat(64)]: {
      body: encoded,
      integratedTime,
      logID,
      logIndex,
      verification: {
        signedEntryTimestamp: promise.toString('base64'),
        inclusionProof: {
          checkpoint: checkpoint(LOG_NAME, tree, sha256(key.spki), key),
          hashes: tree.hashes.map((hash) => hash.toString('hex')),
          logIndex: tree.index,
          rootHash: tree.root.toString('hex'),
          treeSize: tree.size,
        },
      },
    },
  };
}

/** C2SP: SHA-256(name, newline, type Ed25519, raw key). */
function tiledId({ spki }: TestKey): Buffer {
  return sha256(Buffer.from(`${TILED_NAME}\n\u0001`), spki.subarray(-32));
}

function logV2(body: Uint8Array, key: TestKey): Record<string, unknown> {
  const tree = plant(body);
  return {
    logIndex: `${tree.index}`,
    logId: { keyId: tiledId(key).toString('base64') },
    kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
    inclusionProof: {
      logIndex: `${tree.index}`,
      rootHash: tree.root.toString('base64'),
      treeSize: `${tree.size}`,
      hashes: tree.hashes.map((hash) => hash.toString('base64')),
      checkpoint: { envelope: checkpoint(TILED_NAME, tree, tiledId(key), key) },
    },
    canonicalizedBody: Buffer.from(body).toString('base64'),
  };
}

/** A granted `TimeStampResp` without certificates over a SHA-256 imprint. */
function timestamp(imprint: Uint8Array, atMs: number, key: TestKey): Buffer {
  const algorithm = encodeDer(SEQUENCE, oid('2.16.840.1.101.3.4.2.1'));
  const one = encodeDer(INTEGER, Buffer.from([1]));
  const info = encodeDer(
    SEQUENCE,
    one,
    oid('1.3.6.1.4.1.57264.2'),
    encodeDer(SEQUENCE, algorithm, encodeDer(OCTET_STRING, imprint)),
    one,
    generalizedTime(atMs),
  );
  const content = oid('1.2.840.113549.1.9.16.1.4');
  const attribute = (type: string, value: Uint8Array): Uint8Array =>
    encodeDer(SEQUENCE, oid(type), encodeDer(SET, value));
  const attributes = [
    attribute('1.2.840.113549.1.9.3', content),
    attribute('1.2.840.113549.1.9.4', encodeDer(OCTET_STRING, sha256(info))),
  ];
  const signature = sign('sha256', encodeDer(SET, ...attributes), key.privateKey);
  const signer = encodeDer(
    SEQUENCE,
    one,
    encodeDer(SEQUENCE, commonName('stamp root'), serialOf(key.spki)),
    algorithm,
    encodeDer(0xa0, ...attributes),
    ECDSA_SHA256,
    encodeDer(OCTET_STRING, signature),
  );
  const signedData = encodeDer(
    SEQUENCE,
    encodeDer(INTEGER, Buffer.from([3])),
    encodeDer(SET, algorithm),
    encodeDer(SEQUENCE, content, encodeDer(0xa0, encodeDer(OCTET_STRING, info))),
    encodeDer(SET, signer),
  );
  const token = encodeDer(SEQUENCE, oid('1.2.840.113549.1.7.2'), encodeDer(0xa0, signedData));
  const granted = encodeDer(SEQUENCE, encodeDer(INTEGER, Buffer.from([0])));
  return Buffer.from(encodeDer(SEQUENCE, granted, token));
}
