/**
 * A repository of a registry that speaks the OCI distribution specification v1.1.
 *
 * Referrers come from the registry's own list, or, where it keeps none, from the tag
 * `sha256-HEX` that clients keep instead.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { uploadUrl } from './address.ts';
import { collect } from './bounded-bytes.ts';
import type { ContentStore, OpenBytes, StoredManifest } from './content-store.ts';
import {
  INDEX_TYPE,
  MANIFEST_TYPE,
  MAX_MANIFEST_BYTES,
  describe,
  digestOf,
  parseIndex,
  parseManifest,
} from './descriptor.ts';
import type { Descriptor } from './descriptor.ts';
import { OciError } from './errors.ts';
import { DIGEST } from './reference.ts';
import { RegistrySession, failed } from './registry-session.ts';
import type { SessionOptions } from './registry-session.ts';
import { uploadBlob } from './upload.ts';

export interface RegistryOptions extends SessionOptions {
  /** Largest part of an upload, default 64 MiB. */
  readonly chunkBytes?: number;
}

export function registryStore(options: RegistryOptions): ContentStore {
  const session = new RegistrySession(options);
  const chunkBytes = options.chunkBytes ?? 64 * 1024 * 1024;
  return {
    place: `${options.host}/${options.repository}`,
    hasBlob: (descriptor) => hasBlob(session, descriptor),
    putBlob: (descriptor, open: OpenBytes) => uploadBlob(session, descriptor, open, chunkBytes),
    getBlob: (descriptor, from, signal) => getBlob(session, descriptor, { from, signal }),
    putManifest: (bytes, mediaType, tag) => putManifest(session, bytes, mediaType, tag),
    getManifest: (reference) => getManifest(session, reference, MANIFEST_TYPE),
    referrers: (digest, type) => listReferrers(session, digest, type),
  };
}

async function hasBlob(session: RegistrySession, { digest, size }: Descriptor): Promise<boolean> {
  const response = await session.exchange({ method: 'HEAD', url: session.url(`blobs/${digest}`) });
  response.discard();
  if (response.status === 200) return Number(response.headers['content-length'] ?? size) === size;
  // A redirect says that the blob is there, and where.
  return response.status >= 300 && response.status < 400;
}

async function* getBlob(
  session: RegistrySession,
  { digest }: Descriptor,
  { from, signal }: { readonly from: number; readonly signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array, void> {
  const headers: Record<string, string> = from === 0 ? {} : { range: `bytes=${from}-` };
  const response = await session.download(session.url(`blobs/${digest}`), headers, signal);
  if (response.status === 404) {
    response.discard();
    throw notFound(session, digest);
  }
  const isPart = response.status === 206;
  if (!isPart && response.status !== 200) {
    response.discard();
    throw failed(session.base, `it answered ${response.status} to a download`);
  }
  if (isPart && !(response.headers['content-range'] ?? '').startsWith(`bytes ${from}-`)) {
    response.discard();
    throw failed(session.base, 'it answered another part than was asked for');
  }
  let skip = isPart ? 0 : from;
  for await (const chunk of response.body) {
    const rest = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}

async function putManifest(
  session: RegistrySession,
  bytes: Uint8Array,
  mediaType: string,
  tag: string | null,
): Promise<void> {
  const { subject, artifactType } = parseManifest(bytes);
  const described = describe(mediaType, bytes);
  const headers = await sendManifest(session, bytes, mediaType, tag ?? described.digest);
  if (subject === null || headers['oci-subject'] !== undefined) return;
  // The registry keeps no list: the client adds to the tag that stands for it.
  const fallback = fallbackTag(subject.digest);
  const listed = await readFallback(session, fallback);
  const kept = listed.filter(({ digest }) => digest !== described.digest);
  const entry = { ...described, ...(artifactType === null ? {} : { artifactType }) };
  const index = { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [...kept, entry] };
  await sendManifest(session, Buffer.from(JSON.stringify(index)), INDEX_TYPE, fallback);
}

async function sendManifest(
  session: RegistrySession,
  bytes: Uint8Array,
  mediaType: string,
  reference: string,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await session.exchange({
    method: 'PUT',
    url: session.url(`manifests/${reference}`),
    headers: { 'content-type': mediaType },
    body: {
      sizeBytes: bytes.length,
      async *read() {
        yield await Promise.resolve(bytes);
      },
    },
  });
  response.discard();
  if (response.status === 201) return response.headers;
  throw failed(session.base, `it answered ${response.status} to the manifest`);
}

async function getManifest(
  session: RegistrySession,
  reference: string,
  accept: string,
): Promise<StoredManifest> {
  const url = session.url(`manifests/${reference}`);
  const response = await session.download(url, { accept });
  if (response.status !== 200) {
    response.discard();
    if (response.status === 404) throw notFound(session, reference);
    throw failed(session.base, `it answered ${response.status} for the manifest`);
  }
  const bytes = await collect(response.body, MAX_MANIFEST_BYTES);
  const digest = digestOf(bytes);
  if (DIGEST.test(reference) && digest !== reference) {
    throw new OciError('OCI_DIGEST_MISMATCH', `cannot accept ${reference}: it has other bytes`);
  }
  return { bytes, digest };
}

async function* listReferrers(
  session: RegistrySession,
  digest: string,
  type: string,
): AsyncGenerator<readonly Descriptor[], void> {
  const first = session.url(`referrers/${digest}`);
  first.searchParams.set('artifactType', type); // a registry may ignore it
  let url: URL | null = first;
  for (let page = 0; url !== null; page += 1) {
    const response = await session.download(url, { accept: INDEX_TYPE });
    if (response.status !== 200) {
      response.discard();
      if (page > 0) throw failed(session.base, 'its list of referrers breaks off');
      yield await readFallback(session, fallbackTag(digest));
      return;
    }
    yield parseIndex(await collect(response.body, MAX_MANIFEST_BYTES));
    url = nextPage(session, response.headers['link']);
  }
}

/** `Link: <url>; rel="next"` */
function nextPage(session: RegistrySession, header: string | string[] | undefined): URL | null {
  const [, next = null] = /^<([^>]{1,2048})>;\s*rel="?next"?/.exec(String(header ?? '')) ?? [];
  return next === null ? null : uploadUrl(next, session.base);
}

async function readFallback(session: RegistrySession, tag: string): Promise<readonly Descriptor[]> {
  try {
    const { bytes } = await getManifest(session, tag, INDEX_TYPE);
    return parseIndex(bytes);
  } catch (cause) {
    if (cause instanceof OciError && cause.code === 'OCI_NOT_FOUND') return [];
    throw cause;
  }
}

function fallbackTag(digest: string): string {
  return digest.replace(':', '-');
}

function notFound(session: RegistrySession, what: string): OciError {
  return new OciError(
    'OCI_NOT_FOUND',
    `cannot find ${excerpt(what)} in ${session.base.host}/${session.repository}`,
  );
}
