/**
 * What a Sigstore bundle brings to prove who signed: certificate, log entries, time stamps
 * (sigstore/protobuf-specs `sigstore_bundle.proto`, versions 0.1 to 0.3).
 *
 * Read, not believed: everything here is attacker-controlled until verify-keyless.ts returns.
 *
 * @module
 */
import { X509Certificate } from 'node:crypto';

import type { JsonObject } from '@proofmark/core';

import type { ProtoMessage } from './proto-json.ts';

export interface BundleEvidence {
  /** DER of the certificate that signed. */
  readonly certificate: Uint8Array;
  readonly entries: readonly LogEntry[];
  /** RFC 3161 `TimeStampResp`, DER. */
  readonly timestamps: readonly Uint8Array[];
}

export interface LogEntry {
  readonly logId: string;
  readonly kind: string;
  readonly version: string;
  /** Place among all shards of the log; the inclusion proof has the place in its shard. */
  readonly logIndex: number;
  /** Seconds since the Unix epoch; `null` where the log states no time (Rekor v2). */
  readonly integratedSeconds: number | null;
  /** Signed entry timestamp; `null` when absent (Rekor v2). */
  readonly promise: Uint8Array | null;
  readonly proof: InclusionEvidence | null;
  readonly body: Uint8Array;
}

export interface InclusionEvidence {
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly hashes: readonly Uint8Array[];
  readonly checkpoint: string;
}

const MAX_ENTRIES = 16;
const MAX_TIMESTAMPS = 16;
const MAX_HASHES = 64;
const MAX_CERTIFICATES = 16;

/** Reads `verificationMaterial`. @throws {RangeError} when it has another shape */
export function readEvidence(material: ProtoMessage): BundleEvidence {
  const timestamps = material.has('timestampVerificationData')
    ? material.message('timestampVerificationData').messages('rfc3161Timestamps', MAX_TIMESTAMPS)
    : [];
  return {
    certificate: readCertificate(material),
    entries: readLogEntries(material),
    timestamps: timestamps.map((message) => message.bytes('signedTimestamp')),
  };
}

/** The entries of `verificationMaterial`. @throws {RangeError} when one has another shape */
export function readLogEntries(material: ProtoMessage): readonly LogEntry[] {
  return material.messages('tlogEntries', MAX_ENTRIES).map(readLogEntry);
}

/**
 * The leaf. Before version 0.3 it stood in a chain: its other certificates are not used, the trusted
 * root has them; but one that signs itself is refused, since a bundle must not bring its own root.
 */
function readCertificate(material: ProtoMessage): Uint8Array {
  if (material.has('certificate')) return material.message('certificate').bytes('rawBytes');
  const [leaf, ...others] = material
    .message('x509CertificateChain')
    .messages('certificates', MAX_CERTIFICATES)
    .map((message) => message.bytes('rawBytes'));
  if (leaf === undefined) throw new RangeError('its certificate chain is empty');
  if (others.some(isSelfIssued)) throw new RangeError('its certificate chain brings its own root');
  return leaf;
}

function isSelfIssued(der: Uint8Array): boolean {
  try {
    const certificate = new X509Certificate(der);
    return certificate.checkIssued(certificate);
  } catch (cause) {
    throw new RangeError('a certificate cannot be read', { cause });
  }
}

/** Reads one `TransparencyLogEntry`. @throws {RangeError} when it has another shape */
export function readLogEntry(message: ProtoMessage): LogEntry {
  const kindVersion = message.message('kindVersion');
  const integrated = message.has('integratedTime') ? message.count('integratedTime') : 0;
  return {
    logId: Buffer.from(message.message('logId').bytes('keyId')).toString('hex'),
    kind: kindVersion.text('kind'),
    version: kindVersion.text('version'),
    logIndex: message.has('logIndex') ? message.count('logIndex') : 0,
    integratedSeconds: integrated === 0 ? null : integrated,
    promise: message.has('inclusionPromise')
      ? message.message('inclusionPromise').bytes('signedEntryTimestamp')
      : null,
    proof: message.has('inclusionProof') ? readProof(message.message('inclusionProof')) : null,
    body: message.bytes('canonicalizedBody'),
  };
}

function readProof(message: ProtoMessage): InclusionEvidence {
  return {
    index: message.has('logIndex') ? message.count('logIndex') : 0,
    size: message.count('treeSize'),
    root: message.bytes('rootHash'),
    hashes: message.byteLists('hashes', MAX_HASHES),
    checkpoint: message.message('checkpoint').text('envelope'),
  };
}

/** Writes `verificationMaterial` of bundle version 0.3. */
export function writeEvidence({ certificate, entries, timestamps }: BundleEvidence): JsonObject {
  return {
    certificate: { rawBytes: base64(certificate) },
    tlogEntries: entries.map(writeEntry),
    ...(timestamps.length === 0
      ? {}
      : {
          timestampVerificationData: {
            rfc3161Timestamps: timestamps.map((der) => ({ signedTimestamp: base64(der) })),
          },
        }),
  };
}

function writeEntry(entry: LogEntry): JsonObject {
  const { proof, promise, integratedSeconds } = entry;
  return {
    logIndex: `${entry.logIndex}`,
    logId: { keyId: Buffer.from(entry.logId, 'hex').toString('base64') },
    kindVersion: { kind: entry.kind, version: entry.version },
    ...(integratedSeconds === null ? {} : { integratedTime: `${integratedSeconds}` }),
    ...(promise === null ? {} : { inclusionPromise: { signedEntryTimestamp: base64(promise) } }),
    ...(proof === null
      ? {}
      : {
          inclusionProof: {
            logIndex: `${proof.index}`,
            rootHash: base64(proof.root),
            treeSize: `${proof.size}`,
            hashes: proof.hashes.map(base64),
            checkpoint: { envelope: proof.checkpoint },
          },
        }),
    canonicalizedBody: base64(entry.body),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
