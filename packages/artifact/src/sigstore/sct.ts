/**
 * Signed certificate timestamps inside a certificate (RFC 6962 sections 3.2 and 3.3): proof that a
 * certificate transparency log took it, so that a certificate authority cannot issue in secret.
 *
 * What a log signs is the certificate before the timestamps were added, so the body is written again
 * without that extension. Attacker-controlled until this returns.
 *
 * @module
 */
import { createHash, verify } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';

import { certificateBody, listExtensions } from '../certificate-extension.ts';
import { OCTET_STRING, SEQUENCE, derSingle, derValue, encodeDer } from '../der.ts';
import { keylessError } from './keyless-error.ts';
import { isValidAt } from './trusted-root.ts';
import type { TrustedLog } from './trusted-root.ts';

const SCT_LIST = '2b06010401d679020402';
const EXTENSIONS = 0xa3;
const LOG_ID_BYTES = 32;
const MAX_TIMESTAMPS = 16;

interface CertificateTimestamp {
  readonly logId: string;
  readonly timestamp: Uint8Array;
  readonly extensions: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Checks that a trusted log vouches for `certificate`, which `issuer` issued.
 *
 * One good timestamp is enough; one that names a trusted log and does not verify is refused.
 *
 * @throws {ArtifactError} ARTIFACT_SCT_INVALID
 */
export function verifyCertificateTimestamps(
  certificate: Uint8Array,
  issuer: X509Certificate,
  logs: readonly TrustedLog[],
): void {
  try {
    const extension = listExtensions(certificate).find(({ name }) => name === SCT_LIST);
    if (extension === undefined) throw refuse('it carries no timestamp of a certificate log');
    const timestamps = readList(derValue(derSingle(extension.value), OCTET_STRING));
    const known = timestamps.flatMap((timestamp) => {
      const log = logs.find(({ logId }) => logId === timestamp.logId);
      return log === undefined ? [] : [{ timestamp, log }];
    });
    if (known.length === 0) throw refuse('no certificate log that is trusted vouches for it');
    const body = entryOf(certificate, issuer);
    for (const { timestamp, log } of known) {
      const timeMs = Number(Buffer.from(timestamp.timestamp).readBigUInt64BE());
      if (!isValidAt(log.validity, timeMs)) throw refuse('its certificate log was not in use then');
      if (!isSigned(timestamp, log, body))
        throw refuse('a timestamp of a certificate log is wrong');
    }
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw refuse(`its certificate log timestamps cannot be read: ${cause.message}`, cause);
  }
}

/** A list is a vector of vectors, each with its length in two bytes. */
function readList(bytes: Uint8Array): readonly CertificateTimestamp[] {
  const whole = new ByteReader(bytes);
  const list = new ByteReader(whole.vector());
  whole.end();
  const timestamps: CertificateTimestamp[] = [];
  while (list.hasMore()) {
    if (timestamps.length === MAX_TIMESTAMPS) throw new RangeError('there are too many');
    timestamps.push(readTimestamp(new ByteReader(list.vector())));
  }
  return timestamps;
}

/** version(1) log id(32) time(8) extensions(2+n) hash(1) algorithm(1) signature(2+n) */
function readTimestamp(reader: ByteReader): CertificateTimestamp {
  const [version] = reader.take(1);
  const logId = Buffer.from(reader.take(LOG_ID_BYTES)).toString('hex');
  const timestamp = reader.take(8);
  const extensions = reader.vector();
  const [hash] = reader.take(1);
  reader.take(1);
  const signature = reader.vector();
  reader.end();
  if (version !== 0) throw new RangeError('one is of another version');
  // RFC 5246 section 7.4.1.4.1: 4 is SHA-256, the only hash that logs sign with.
  if (hash !== 4) throw new RangeError('one is not over SHA-256');
  return { logId, timestamp, extensions, signature };
}

class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) throw new RangeError('one is cut off');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** Bytes with their length in two bytes before them. */
  vector(): Uint8Array {
    const [high = 0, low = 0] = this.take(2);
    return this.take(high * 256 + low);
  }

  hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  end(): void {
    if (this.hasMore()) throw new RangeError('bytes follow one');
  }
}

/** `PreCert`: the issuer's key hash, then the body without the timestamps, its length in 3 bytes. */
function entryOf(certificate: Uint8Array, issuer: X509Certificate): Uint8Array {
  const fields = certificateBody(certificate).filter(({ tag }) => tag !== EXTENSIONS);
  const extensions = listExtensions(certificate).filter(({ name }) => name !== SCT_LIST);
  const body = encodeDer(
    SEQUENCE,
    ...fields.map(({ raw }) => raw),
    encodeDer(EXTENSIONS, encodeDer(SEQUENCE, ...extensions.map(({ raw }) => raw))),
  );
  const key = issuer.publicKey.export({ type: 'spki', format: 'der' });
  return Buffer.concat([createHash('sha256').update(key).digest(), length(body, 3), body]);
}

/** version 0, certificate timestamp 0, time, precertificate entry 1, entry, extensions. */
function isSigned(
  timestamp: CertificateTimestamp,
  { key }: TrustedLog,
  entry: Uint8Array,
): boolean {
  const covered = Buffer.concat([
    Buffer.from([0, 0]),
    timestamp.timestamp,
    Buffer.from([0, 1]),
    entry,
    length(timestamp.extensions, 2),
    timestamp.extensions,
  ]);
  try {
    return verify('sha256', covered, key, timestamp.signature);
  } catch {
    return false;
  }
}

function length(bytes: Uint8Array, width: number): Uint8Array {
  const encoded = Buffer.alloc(width);
  encoded.writeUIntBE(bytes.length, 0, width);
  return encoded;
}

function refuse(why: string, cause?: unknown): Error {
  return keylessError('ARTIFACT_SCT_INVALID', `its certificate is not public: ${why}`, cause);
}
