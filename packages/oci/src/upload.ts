/**
 * Uploads one blob (OCI distribution specification v1.1, "Pushing blobs"): in one request when it is
 * small, in chunks otherwise. After a failure the registry is asked how far it got, and the upload
 * goes on from there; when it has forgotten, the upload starts again.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { uploadUrl } from './address.ts';
import type { OpenBytes } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { OciError } from './errors.ts';
import type { HttpBody, HttpResponse } from './http.ts';
import { failed } from './registry-session.ts';
import type { RegistrySession } from './registry-session.ts';

const ATTEMPTS = 5;
const BINARY = { 'content-type': 'application/octet-stream' };

/** @throws {OciError} OCI_REGISTRY_FAILED, OCI_ACCESS_DENIED, OCI_REDIRECT_REFUSED, OCI_DIGEST_MISMATCH */
export async function uploadBlob(
  session: RegistrySession,
  descriptor: Descriptor,
  open: OpenBytes,
  chunkBytes: number,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const location = await startUpload(session, descriptor);
    if (location === null) return;
    try {
      const isSmall = descriptor.size <= chunkBytes;
      const rest = isSmall
        ? { location, body: bodyOf(open, 0, descriptor.size) }
        : { location: await uploadChunks(session, { location, descriptor, open, chunkBytes }) };
      await finishUpload(session, descriptor, rest);
      return;
    } catch (cause) {
      const isLost = cause instanceof OciError && cause.code === 'OCI_REGISTRY_FAILED';
      if (!isLost || attempt >= ATTEMPTS) throw cause;
      await session.pause(attempt);
    }
  }
}

/** `null` when the registry took the blob over from another repository. */
async function startUpload(session: RegistrySession, { digest }: Descriptor): Promise<URL | null> {
  const url = session.url('blobs/uploads/');
  if (session.mountFrom !== null) {
    url.searchParams.set('mount', digest);
    url.searchParams.set('from', session.mountFrom);
  }
  const response = await session.exchange({ method: 'POST', url });
  response.discard();
  if (session.mountFrom !== null && response.status === 201) return null;
  if (response.status !== 202) throw answered(session, response, 'an upload');
  return uploadUrl(response.headers.location ?? null, session.base);
}

interface ChunkedUpload {
  readonly location: URL;
  readonly descriptor: Descriptor;
  readonly open: OpenBytes;
  readonly chunkBytes: number;
}

/** Sends every byte and returns where the upload is finished. */
async function uploadChunks(session: RegistrySession, upload: ChunkedUpload): Promise<URL> {
  const { descriptor, open, chunkBytes } = upload;
  let { location } = upload;
  let failures = 0;
  for (let at = 0; at < descriptor.size;) {
    const end = Math.min(at + chunkBytes, descriptor.size);
    const sent = await sendChunk(session, location, { open, at, end });
    if (sent !== null) {
      location = sent.location;
      at = sent.next;
      continue;
    }
    failures += 1;
    if (failures >= ATTEMPTS) throw failed(session.base, 'an upload broke too often');
    await session.pause(failures);
    ({ location, next: at } = await askProgress(session, location));
  }
  return location;
}

interface Progress {
  readonly location: URL;
  /** First byte that the registry does not have. */
  readonly next: number;
}

/** `null` when it is not known how much arrived. */
async function sendChunk(
  session: RegistrySession,
  url: URL,
  { open, at, end }: { readonly open: OpenBytes; readonly at: number; readonly end: number },
): Promise<Progress | null> {
  let response: HttpResponse;
  try {
    response = await session.exchange({
      method: 'PATCH',
      url,
      headers: { ...BINARY, 'content-range': `${at}-${end - 1}` },
      body: bodyOf(open, at, end),
      repeatable: false,
    });
  } catch (cause) {
    if (cause instanceof OciError && cause.code === 'OCI_REGISTRY_FAILED') return null;
    throw cause;
  }
  response.discard();
  if (response.status === 416) return null;
  if (response.status !== 202) throw answered(session, response, 'a part of an upload');
  return { location: uploadUrl(response.headers.location ?? url.href, session.base), next: end };
}

async function askProgress(session: RegistrySession, url: URL): Promise<Progress> {
  const response = await session.exchange({ method: 'GET', url });
  response.discard();
  const range = /^(?:bytes=)?0-(\d{1,15})$/.exec(response.headers.range ?? '');
  if (response.status !== 204) throw failed(session.base, 'it has forgotten an upload');
  // "0-0" is what registries say both of one byte and of none: one byte sent twice is refused with
  // 416, none skipped is a hole; so nothing is assumed and the upload starts at its beginning.
  const last = range === null ? 0 : Number(range[1]);
  if (last === 0) throw failed(session.base, 'an upload did not begin');
  return {
    location: uploadUrl(response.headers.location ?? url.href, session.base),
    next: last + 1,
  };
}

async function finishUpload(
  session: RegistrySession,
  { digest }: Descriptor,
  { location, body }: { readonly location: URL; readonly body?: HttpBody },
): Promise<void> {
  const url = new URL(location);
  url.searchParams.set('digest', digest);
  const response = await session.exchange({
    method: 'PUT',
    url,
    headers: BINARY,
    ...(body === undefined ? {} : { body }),
    repeatable: false,
  });
  response.discard();
  if (response.status === 201) return;
  if (response.status === 400 || response.status === 416) {
    throw changed(`the registry got other bytes than ${digest}`);
  }
  throw answered(session, response, 'the end of an upload');
}

/** Exactly the bytes from `at` to `end`; the connection breaks when there are fewer. */
function bodyOf(open: OpenBytes, at: number, end: number): HttpBody {
  return {
    sizeBytes: end - at,
    async *read() {
      let left = end - at;
      for await (const chunk of open(at)) {
        const part = chunk.length > left ? chunk.subarray(0, left) : chunk;
        left -= part.length;
        if (part.length > 0) yield part;
        if (left === 0) return;
      }
      if (left > 0) throw changed('it became shorter while it was read');
    },
  };
}

function changed(why: string): OciError {
  return new OciError(
    'OCI_DIGEST_MISMATCH',
    `cannot push a file: ${why}; was it changed? verify the folder again`,
  );
}

function answered(session: RegistrySession, { status }: HttpResponse, what: string): OciError {
  return failed(session.base, `it answered ${excerpt(String(status))} to ${what}`);
}
