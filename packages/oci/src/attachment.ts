/**
 * Documents attached to a model: manifests with one layer and the model as `subject` (image
 * specification v1.1, "Guidelines for artifact usage"). The signature bundle and every attestation
 * is one.
 *
 * Anybody who can write to the repository can attach something: what comes back is unverified.
 *
 * @module
 */
import { collect, verified } from './bounded-bytes.ts';
import type { ContentStore } from './content-store.ts';
import { EMPTY_TYPE, MANIFEST_TYPE, describe, parseManifest } from './descriptor.ts';
import type { Descriptor } from './descriptor.ts';
import { OciError } from './errors.ts';
import { MODEL_TYPE } from './model-manifest.ts';

export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
export const ATTESTATION_TYPE = 'application/vnd.in-toto+json';

const EMPTY = Buffer.from('{}');
const MAX_ATTACHMENTS = 64;
/** A bundle lists every file of a model. */
const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024;

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(bytes);
}

/** Attaches a document to the model manifest. */
export async function attach(
  store: ContentStore,
  model: Uint8Array,
  type: string,
  document: Uint8Array,
): Promise<void> {
  const config = describe(EMPTY_TYPE, EMPTY);
  const layer = describe(type, document);
  for (const [descriptor, bytes] of [
    [config, EMPTY],
    [layer, document],
  ] as const) {
    if (!(await store.hasBlob(descriptor))) await store.putBlob(descriptor, () => once(bytes));
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType: type,
    config,
    layers: [layer],
    subject: { ...describe(MANIFEST_TYPE, model), artifactType: MODEL_TYPE },
  };
  await store.putManifest(Buffer.from(JSON.stringify(manifest)), MANIFEST_TYPE, null);
}

/**
 * The documents of one type that are attached to a digest, at most 64.
 *
 * @throws {OciError} OCI_MANIFEST_INVALID, OCI_DIGEST_MISMATCH, and those of the store
 */
export async function attached(
  store: ContentStore,
  digest: string,
  type: string,
): Promise<readonly Uint8Array[]> {
  const listed = (await store.referrers(digest)).filter((entry) => entry.artifactType === type);
  if (listed.length > MAX_ATTACHMENTS) {
    throw new OciError(
      'OCI_MANIFEST_INVALID',
      `cannot read what is attached: more than ${MAX_ATTACHMENTS} documents of one type`,
    );
  }
  const documents: Uint8Array[] = [];
  for (const entry of listed) {
    const layer = await layerOf(store, entry, digest);
    if (layer !== null) {
      documents.push(await collect(verified(store.getBlob(layer, 0), layer), MAX_DOCUMENT_BYTES));
    }
  }
  return documents;
}

/** `null` when the manifest is about something else than the list says. */
async function layerOf(
  store: ContentStore,
  entry: Descriptor,
  digest: string,
): Promise<Descriptor | null> {
  const manifest = parseManifest((await store.getManifest(entry.digest)).bytes);
  const [layer, ...more] = manifest.layers;
  const isAbout = manifest.subject?.digest === digest;
  if (!isAbout || layer === undefined || more.length > 0) return null;
  return layer.size > MAX_DOCUMENT_BYTES ? null : layer;
}
