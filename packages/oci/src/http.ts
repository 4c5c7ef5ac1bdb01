/**
 * One HTTP exchange: no redirect is followed, nothing is retried, nothing waits for ever.
 *
 * @module
 */
import { request as requestHttp } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  readonly signal: AbortSignal | undefined;
  /** Longest silence on the connection, milliseconds. */
  readonly idleTimeoutMs: number;
}

export interface HttpBody {
  readonly sizeBytes: number;
  /** Read again for every attempt. */
  readonly read: () => AsyncIterable<Uint8Array>;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Must be read to its end, or dropped with `discard`. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly discard: () => void;
}

/** Resolves when the head of the answer is there. Rejects with what the connection ended in. */
export function send(request: HttpRequest): Promise<HttpResponse> {
  const { method, url, headers, body, signal, idleTimeoutMs } = request;
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? requestHttps : requestHttp;
    const outgoing = start(url, {
      method,
      headers: { ...headers, 'content-length': `${body?.sizeBytes ?? 0}` },
      ...(signal === undefined ? {} : { signal }),
    });
    outgoing.setTimeout(idleTimeoutMs, () => {
      outgoing.destroy(new Error(`silent for ${idleTimeoutMs} ms`));
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      resolve({
        status: incoming.statusCode ?? 0,
        headers: incoming.headers,
        body: incoming,
        discard: () => {
          incoming.destroy();
        },
      });
    });
    if (body === undefined) outgoing.end();
    else pipeline(Readable.from(body.read()), outgoing).catch(reject);
  });
}
