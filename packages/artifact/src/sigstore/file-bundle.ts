/**
 * Sigstore bundles about one file, as `cosign sign-blob` and `cosign attest-blob` write them: a
 * signature over the file's bytes, or an in-toto statement with the file as a subject (bundle
 * versions 0.1 to 0.3), by a keyless identity or by a key, and always in a transparency log.
 *
 * @module
 */
import {
  CoreError,
  parseEnvelope,
  parseStatement,
  parseStrictJson,
  sha256Hex,
  verifySignature,
} from '@proofmark/core';
import type { PublicKey } from '@proofmark/core';

import { ArtifactError } from '../errors.ts';
import { readEvidence, readLogEntries } from './bundle-evidence.ts';
import type { BundleEvidence, LogEntry } from './bundle-evidence.ts';
import { keylessError } from './keyless-error.ts';
import { verifyEntryBody } from './log-entry-body.ts';
import { requireLogInUse, verifyInclusion } from './log-inclusion.ts';
import { ProtoMessage } from './proto-json.ts';
import { envelopeContent } from './signed-content.ts';
import type { SignedContent } from './signed-content.ts';
import type { TrustedRoot } from './trusted-root.ts';
import { verifyKeyless } from './verify-keyless.ts';
import type { KeylessSigner, KeylessTrust } from './verify-keyless.ts';

/** Whom to believe about one file: keyless identities, or keys whose signatures are logged. */
export type FileTrust =
  | ({ readonly kind: 'keyless' } & KeylessTrust)
  | { readonly kind: 'key'; readonly key: PublicKey; readonly trustedRoot: TrustedRoot };

export type FileSigner =
  | ({ readonly kind: 'keyless' } & KeylessSigner)
  | { readonly kind: 'key'; readonly key: PublicKey };

type Material =
  | { readonly kind: 'keyless'; readonly evidence: BundleEvidence }
  | { readonly kind: 'key'; readonly entries: readonly LogEntry[] };

const MAX_BUNDLE_BYTES = 64 * 1024 * 1024;
const VERSIONS: ReadonlySet<string> = new Set([
  'application/vnd.dev.sigstore.bundle+json;version=0.1',
  'application/vnd.dev.sigstore.bundle+json;version=0.2',
  'application/vnd.dev.sigstore.bundle+json;version=0.3',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
]);

/**
 * Who signed `file`?
 *
 * @throws {ArtifactError} ARTIFACT_BUNDLE_INVALID, ARTIFACT_CONTENT_MISMATCH, and those of
 *   `verifyKeyless`
 */
export function verifyFileBundle(
  bundle: Uint8Array | string,
  file: Uint8Array,
  trust: FileTrust,
  nowMs: number,
): FileSigner {
  const { material, content } = parse(bundle, file);
  if (trust.kind === 'keyless') {
    if (material.kind !== 'keyless') throw untrusted('it was made with a key, and none is trusted');
    return { kind: 'keyless', ...verifyKeyless(material.evidence, content, trust, nowMs) };
  }
  if (material.kind !== 'key') throw untrusted('it is keyless, and only a key is trusted');
  verifyLoggedKey(material.entries, content, trust);
  return { kind: 'key', key: trust.key };
}

function verifyLoggedKey(
  entries: readonly LogEntry[],
  content: SignedContent,
  { key, trustedRoot }: { readonly key: PublicKey; readonly trustedRoot: TrustedRoot },
): void {
  if (!verifySignature(key, content.covered, content.signature)) {
    throw untrusted('the trusted key does not verify it');
  }
  if (entries.length === 0) {
    throw keylessError('ARTIFACT_LOG_ENTRY_INVALID', 'it is in no transparency log');
  }
  const der = key.keyObject.export({ type: 'spki', format: 'der' });
  for (const entry of entries) {
    verifyEntryBody(entry, content, { der, label: 'PUBLIC KEY' });
    const included = verifyInclusion(entry, trustedRoot.artifactLogs);
    if (included.integratedMs !== null) requireLogInUse(included, included.integratedMs);
  }
}

interface FileBundle {
  readonly material: Material;
  readonly content: SignedContent;
}

function parse(bundle: Uint8Array | string, file: Uint8Array): FileBundle {
  try {
    const root = new ProtoMessage(
      parseStrictJson(bundle, { maxBytes: MAX_BUNDLE_BYTES }),
      'bundle',
    );
    if (!VERSIONS.has(root.text('mediaType'))) throw new RangeError('its version is not known');
    const material = readMaterial(root.message('verificationMaterial'));
    return { material, content: readContent(root, file) };
  } catch (cause) {
    if (!(cause instanceof RangeError) && !(cause instanceof CoreError)) throw cause;
    throw new ArtifactError(
      'ARTIFACT_BUNDLE_INVALID',
      `cannot read the signature bundle: ${cause.message}; sign the file again`,
      { cause },
    );
  }
}

function readMaterial(material: ProtoMessage): Material {
  if (!material.has('publicKey')) return { kind: 'keyless', evidence: readEvidence(material) };
  return { kind: 'key', entries: readLogEntries(material) };
}

function readContent(root: ProtoMessage, file: Uint8Array): SignedContent {
  if (root.has('messageSignature') === root.has('dsseEnvelope')) {
    throw new RangeError('it must hold exactly one of signature and envelope');
  }
  if (root.has('messageSignature')) {
    const message = root.message('messageSignature');
    requireStatedDigest(message, file);
    return { kind: 'message', signature: message.bytes('signature'), covered: file };
  }
  const envelope = parseEnvelope(root.json('dsseEnvelope'));
  if (envelope.signatures.length !== 1) throw new RangeError('it must have exactly one signature');
  const statement = parseStatement(Buffer.from(envelope.payload, 'base64'));
  const digest = sha256Hex(file);
  if (!statement.subject.some((subject) => subject.digest['sha256'] === digest)) {
    throw differs('its statement is about other files');
  }
  return envelopeContent(envelope);
}

/** The digest beside a signature is a hint that nothing covers; a wrong one is refused all the same. */
function requireStatedDigest(message: ProtoMessage, file: Uint8Array): void {
  if (!message.has('messageDigest')) return;
  const stated = message.message('messageDigest');
  if (stated.text('algorithm') !== 'SHA2_256') throw new RangeError('its digest is not SHA-256');
  if (Buffer.from(stated.bytes('digest')).toString('hex') !== sha256Hex(file)) {
    throw differs('it states the digest of another file');
  }
}

function differs(why: string): ArtifactError {
  return new ArtifactError('ARTIFACT_CONTENT_MISMATCH', `cannot accept the file: ${why}`);
}

function untrusted(why: string): ArtifactError {
  return new ArtifactError('ARTIFACT_SIGNATURE_UNTRUSTED', `cannot trust the signature: ${why}`);
}
