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
/** Of all documents of one type together: a bundle lists every file of a model. */
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
 * The documents of one type that are attached to a digest, at most 64 and 256 MiB in all: they are
 * held in memory at once.
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
    throw tooMuch(`more than ${MAX_ATTACHMENTS} documents of one type`);
  }
  const documents: Uint8Array[] = [];
  let left = MAX_DOCUMENT_BYTES;
  for (const entry of listed) {
    const layer = await layerOf(store, entry, digest);
    if (layer === null) continue;
    if (layer.size > left) {
      throw tooMuch(`more than ${MAX_DOCUMENT_BYTES} bytes in documents of one type`);
    }
    documents.push(await collect(verified(store.getBlob(layer, 0), layer), left));
    left -= layer.size;
  }
  return documents;
}

function tooMuch(what: string): OciError {
  return new OciError('OCI_MANIFEST_INVALID', `cannot read what is attached: ${what}`);
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
  return isAbout && layer !== undefined && more.length === 0 ? layer : null;
}
