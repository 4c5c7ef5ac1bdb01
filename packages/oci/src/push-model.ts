/**
 * Pushes a signed model folder: files, manifest, signature, attestations.
 *
 * Only what the signature lists is pushed, and only when the folder is exactly that. The tag moves
 * last, so that whoever pulls by tag finds a whole and signed model.
 *
 * @module
 */
import { createReadStream } from 'node:fs';
import path from 'node:path';

import type { ManifestFile, VerifiedManifest } from '@proofmark/artifact';

import { ATTESTATION_TYPE, BUNDLE_TYPE, attach } from './attachment.ts';
import { requireAttestation } from './attestation.ts';
import type { ContentStore } from './content-store.ts';
import { MANIFEST_TYPE, digestOf } from './descriptor.ts';
import { layerOf, writeModel } from './model-manifest.ts';

export interface PushRequest {
  readonly store: ContentStore;
  readonly folder: string;
  /** The folder's files as they were verified against `bundle`. */
  readonly verified: VerifiedManifest;
  readonly bundle: Uint8Array;
  /** DSSE envelopes, or Sigstore bundles around one, about the model. */
  readonly attestations: readonly Uint8Array[];
  /** Name in the configuration; informational. */
  readonly name: string;
  readonly tag: string | null;
  readonly onProgress?: (bytesDone: number, bytesTotal: number, path: string) => void;
}

export interface Pushed {
  readonly digest: string;
  readonly files: number;
  readonly bytesTotal: number;
  /** Bytes that were there already. */
  readonly bytesSkipped: number;
}

/**
 * @throws {OciError} OCI_ATTESTATION_INVALID, OCI_ATTESTATION_SUBJECT_MISMATCH before anything is
 *   sent, and those of the store
 */
export async function pushModel(request: PushRequest): Promise<Pushed> {
  const { store, bundle, attestations, name, tag } = request;
  const { files, totalBytes, manifestDigest } = request.verified.manifest;
  const { manifest, config, configDescriptor } = writeModel(name, files);
  for (const attestation of attestations) {
    requireAttestation(attestation, { manifestDigest, ociDigest: digestOf(manifest) });
  }
  let done = 0;
  let skipped = 0;
  const pushed = new Set<string>();
  for (const file of files) {
    const layer = layerOf(file);
    if (pushed.has(layer.digest) || (await store.hasBlob(layer))) skipped += file.sizeBytes;
    else
      await store.putBlob(layer, (from) => counted(request, file, { start: from, before: done }));
    pushed.add(layer.digest);
    done += file.sizeBytes;
    request.onProgress?.(done, totalBytes, file.path);
  }
  if (!(await store.hasBlob(configDescriptor))) {
    await store.putBlob(configDescriptor, async function* once() {
      yield await Promise.resolve(config);
    });
  }
  // By digest first: a signature must not be missing while the tag already points here.
  await store.putManifest(manifest, MANIFEST_TYPE, null);
  await attach(store, manifest, BUNDLE_TYPE, bundle);
  for (const attestation of attestations) {
    await attach(store, manifest, ATTESTATION_TYPE, attestation);
  }
  if (tag !== null) await store.putManifest(manifest, MANIFEST_TYPE, tag);
  return {
    digest: digestOf(manifest),
    files: files.length,
    bytesTotal: totalBytes,
    bytesSkipped: skipped,
  };
}

interface Span {
  /** Where in the file. */
  readonly start: number;
  /** Bytes of the files before it. */
  readonly before: number;
}

async function* counted(
  { folder, onProgress, verified }: PushRequest,
  file: ManifestFile,
  { start, before }: Span,
): AsyncGenerator<Uint8Array, void> {
  let at = before + start;
  const source = path.join(folder, ...file.path.split('/'));
  for await (const chunk of createReadStream(source, { start, highWaterMark: 1 << 20 })) {
    const bytes = chunk as Buffer;
    at += bytes.length;
    onProgress?.(at, verified.manifest.totalBytes, file.path);
    yield bytes;
  }
}
