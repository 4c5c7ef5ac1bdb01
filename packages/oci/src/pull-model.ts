/**
 * Pulls a signed model into a new folder.
 *
 * Order: manifest -> signature over the files it lists -> attestations -> bytes, each checked while it is written
 * -> rename. The manifest is believed only so far as the signature covers it, and no byte of a file
 * is fetched before the signature verified. Until the rename everything is in a folder beside the
 * target, which is removed when anything fails.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { verifyManifest } from '@proofmark/artifact';
import type { SignatureTrust, VerifiedManifest } from '@proofmark/artifact';

import { verified } from './bounded-bytes.ts';
import { collectAttestations } from './collect-attestations.ts';
import type { AttestationWish, CollectedAttestations } from './collect-attestations.ts';
import type { ContentStore } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { OciError } from './errors.ts';
import { findSignature } from './find-signature.ts';
import type { FoundSignature } from './find-signature.ts';
import { readModel } from './model-manifest.ts';
import type { ListedModel } from './model-manifest.ts';

export interface PullRequest {
  readonly store: ContentStore;
  /** Digest when there is one, else tag. */
  readonly reference: string;
  /** Must not exist. */
  readonly target: string;
  readonly trust: SignatureTrust;
  /** The signature bundle, where it came another way; then none that is attached is looked at. */
  readonly bundle?: Uint8Array;
  /** `null`: what is attached beside the signature is not looked at. */
  readonly attestations: AttestationWish | null;
  /** Largest model that is accepted. */
  readonly maxBytes: number;
  readonly onProgress?: (bytesDone: number, bytesTotal: number, path: string) => void;
  readonly signal?: AbortSignal;
}

export interface Pulled {
  /** Digest of the OCI manifest. */
  readonly digest: string;
  readonly verified: VerifiedManifest;
  /** Attached signature bundles that were looked at. */
  readonly bundlesLookedAt: number;
  /** `null` when nobody asked. */
  readonly attestations: CollectedAttestations | null;
}

/** Without a byte in between: the store has tried several times by itself then. */
const ATTEMPTS = 2;
export const SIGNATURE_FILE = 'model.sig';

/**
 * @throws {OciError} OCI_SIGNATURE_MISSING, OCI_DIGEST_MISMATCH, OCI_MANIFEST_INVALID,
 *   OCI_TARGET_EXISTS, OCI_CANCELLED, those of `collectAttestations` and of the store
 * @throws {ArtifactError} what the last bundle was refused for
 */
export async function pullModel(request: PullRequest): Promise<Pulled> {
  const { store, reference, target, maxBytes } = request;
  if (existsSync(target)) throw exists(target);
  const { bytes, digest } = await store.getManifest(reference);
  const model = readModel(bytes);
  if (model.files.totalBytes > maxBytes) {
    throw new OciError(
      'OCI_MANIFEST_INVALID',
      `cannot pull the model: it has ${model.files.totalBytes} bytes, and ${maxBytes} are allowed`,
    );
  }
  const signature = await signatureOf(request, digest, model);
  const { manifestDigest } = signature.verified.manifest;
  const attestations =
    request.attestations === null
      ? null
      : await collectAttestations(
          store,
          { manifestDigest, ociDigest: digest },
          request.attestations,
        );
  const staging = `${target}.${randomBytes(6).toString('hex')}.pull`;
  try {
    await mkdir(staging, { mode: 0o755 });
    await writeFiles(staging, model, request);
    if (!model.layers.has(SIGNATURE_FILE)) {
      await writeFile(path.join(staging, SIGNATURE_FILE), once(signature.bundle));
    }
    if (existsSync(target)) throw exists(target);
    await rename(staging, target);
    await syncFolder(path.dirname(target));
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  const { verified: checked, lookedAt: bundlesLookedAt } = signature;
  return { digest, verified: checked, bundlesLookedAt, attestations };
}

async function signatureOf(
  { store, bundle, trust }: PullRequest,
  digest: string,
  { files }: ListedModel,
): Promise<FoundSignature> {
  return bundle === undefined
    ? findSignature(store, digest, files, trust)
    : { bundle, verified: verifyManifest(files, bundle, trust), lookedAt: 0 };
}

async function writeFiles(
  folder: string,
  { files, layers }: ListedModel,
  { store, onProgress, signal }: PullRequest,
): Promise<void> {
  let done = 0;
  for (const file of files.files) {
    const layer = layers.get(file.path);
    if (layer === undefined) continue;
    const target = path.join(folder, ...file.path.split('/'));
    await mkdir(path.dirname(target), { recursive: true });
    const before = done;
    const bytes = verified(resumed(store, layer, signal), layer);
    await writeFile(target, bytes, (count) => {
      onProgress?.(before + count, files.totalBytes, file.path);
    });
    done += file.sizeBytes;
  }
}

/** The bytes of a blob, asked for again from where a connection broke. */
async function* resumed(
  store: ContentStore,
  layer: Descriptor,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  let at = 0;
  for (let idle = 0; ; idle += 1) {
    const from = at;
    try {
      for await (const chunk of store.getBlob(layer, at)) {
        requireWanted(signal);
        at += chunk.length;
        yield chunk;
      }
      return;
    } catch (cause) {
      requireWanted(signal, cause);
      if (cause instanceof OciError && cause.code !== 'OCI_REGISTRY_FAILED') throw cause;
      // A connection that brings nothing is not asked for ever.
      if (at > from) idle = 0;
      else if (idle + 1 >= ATTEMPTS) throw broke(layer, cause);
    }
  }
}

function requireWanted(signal: AbortSignal | undefined, cause?: unknown): void {
  if (signal?.aborted !== true) return;
  throw new OciError('OCI_CANCELLED', 'the pull was cancelled; nothing was left', { cause });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(bytes);
}

async function writeFile(
  file: string,
  bytes: AsyncIterable<Uint8Array>,
  onBytes: (count: number) => void = () => undefined,
): Promise<void> {
  // "wx": on a file system that folds case two names may be one file.
  const handle = await open(file, 'wx', 0o644);
  try {
    let count = 0;
    for await (const chunk of bytes) {
      await handle.writeFile(chunk);
      count += chunk.length;
      onBytes(count);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function exists(target: string): OciError {
  return new OciError(
    'OCI_TARGET_EXISTS',
    `cannot pull into ${target}: it exists; name a folder that does not`,
  );
}

function broke({ digest }: Descriptor, cause: unknown): OciError {
  return new OciError(
    'OCI_REGISTRY_FAILED',
    `cannot download ${digest}: the connection broke too often; try again later`,
    { cause },
  );
}
