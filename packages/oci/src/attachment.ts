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
/** A registry that answers pages without entries is not asked for ever. */
const MAX_PAGES = 1024;
/** What is wrong with one attachment alone; anything else is the trouble of the whole registry. */
const OWN_FAULTS: ReadonlySet<string> = new Set([
  'OCI_NOT_FOUND',
  'OCI_MANIFEST_INVALID',
  'OCI_DIGEST_MISMATCH',
]);

/** Most that is looked at; all of it may have been attached by somebody hostile. */
export interface AttachmentLimits {
  readonly documents: number;
  /** Of one document; a larger one is not read. */
  readonly documentBytes: number;
  /** Of all documents together. */
  readonly totalBytes: number;
}

/** One attachment: its document, unverified, or why there is none. */
export type Attachment =
  | { readonly digest: string; readonly document: Uint8Array }
  | { readonly digest: string; readonly fault: OciError };

export interface Visited {
  readonly lookedAt: number;
  /** Whether nothing was left that nobody looked at. */
  readonly isComplete: boolean;
}

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
 * Shows the documents of one type that are attached to a digest to `visit`, one by one, until it has
 * enough or a limit is reached. One is in memory at a time.
 *
 * A broken attachment is shown with its fault and hides no other.
 *
 * @param visit Says whether it wants more.
 * @throws {OciError} those of the store that are about no single attachment
 */
export async function visitAttached(
  store: ContentStore,
  about: { readonly digest: string; readonly type: string },
  limits: AttachmentLimits,
  visit: (attachment: Attachment) => boolean,
): Promise<Visited> {
  const seen = new Set<string>();
  let left = limits.totalBytes;
  let pages = 0;
  for await (const page of store.referrers(about.digest, about.type)) {
    pages += 1;
    for (const entry of page) {
      if (entry.artifactType !== about.type || seen.has(entry.digest)) continue;
      if (seen.size >= limits.documents || left <= 0) {
        return { lookedAt: seen.size, isComplete: false };
      }
      seen.add(entry.digest);
      const attachment = await read(
        store,
        entry,
        about.digest,
        Math.min(limits.documentBytes, left),
      );
      if ('document' in attachment) left -= attachment.document.length;
      if (!visit(attachment)) return { lookedAt: seen.size, isComplete: false };
    }
    if (pages >= MAX_PAGES) return { lookedAt: seen.size, isComplete: false };
  }
  return { lookedAt: seen.size, isComplete: true };
}

async function read(
  store: ContentStore,
  { digest }: Descriptor,
  model: string,
  maxBytes: number,
): Promise<Attachment> {
  try {
    const layer = layerOf((await store.getManifest(digest)).bytes, model);
    if (layer.size > maxBytes) throw invalid(`it has ${layer.size} bytes; ${maxBytes} are read`);
    return { digest, document: await collect(verified(store.getBlob(layer, 0), layer), maxBytes) };
  } catch (cause) {
    if (!(cause instanceof OciError && OWN_FAULTS.has(cause.code))) throw cause;
    return { digest, fault: cause };
  }
}

/** @throws {OciError} OCI_MANIFEST_INVALID */
function layerOf(bytes: Uint8Array, model: string): Descriptor {
  const { subject, layers } = parseManifest(bytes);
  if (subject?.digest !== model) throw invalid('its manifest is not about this model');
  const [layer, ...more] = layers;
  if (layer === undefined || more.length > 0) throw invalid('it has not exactly one document');
  return layer;
}

function invalid(why: string): OciError {
  return new OciError('OCI_MANIFEST_INVALID', `cannot read what is attached: ${why}`);
}
