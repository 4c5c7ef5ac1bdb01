/**
 * Requests to the services of a Sigstore instance: bounded in time and size, never redirected.
 *
 * An identity token travels in some of them, so nothing of a request stands in an error, and plain
 * HTTP is for loopback only.
 *
 * @module
 */
import { ArtifactError } from '../errors.ts';

export interface ServiceRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly signal?: AbortSignal;
}

export interface ServiceResponse {
  readonly status: number;
  readonly body: Uint8Array;
  /** `Location` header, relative to the request; `null` when absent. */
  readonly location: string | null;
}

/** Rekor v2 answers only after the next checkpoint, which may take 20 seconds. */
const TIMEOUT_MS = 60_000;
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/;

/** An address of a service. @throws {ArtifactError} ARTIFACT_SERVICE_FAILED unless it is https or loopback */
export function serviceUrl(base: string, path: string): URL {
  const url = URL.canParse(base) ? new URL(base) : null;
  const isSecure =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
  if (url === null || !isSecure || url.username !== '' || url.password !== '') {
    throw serviceError('its address is not an https URL without credentials');
  }
  return new URL(`${url.pathname.replace(/\/+$/, '')}${path}`, url);
}

/** @throws {ArtifactError} ARTIFACT_SERVICE_FAILED */
export async function requestService(request: ServiceRequest): Promise<ServiceResponse> {
  const { method, url, headers, body, signal } = request;
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method,
      headers,
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : new Blob([new Uint8Array(body)]) }),
    });
    return {
      status: response.status,
      body: await readBounded(response),
      location: response.headers.get('location'),
    };
  } catch (cause) {
    if (cause instanceof ArtifactError) throw cause;
    throw serviceError(`${url.host} did not answer`, cause);
  }
}

export function serviceError(why: string, cause?: unknown): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_SERVICE_FAILED',
    `cannot sign without a key: ${why}`,
    cause === undefined ? {} : { cause },
  );
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_RESPONSE_BYTES) throw serviceError('a service answered too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
