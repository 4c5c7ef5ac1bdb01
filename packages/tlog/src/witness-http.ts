/**
 * The witness over HTTP, for `node:http`: `POST .../add-checkpoint` and
 * `GET .../<SHA-256 of the origin>/checkpoint` under any prefix.
 *
 * The server that it is mounted in decides about TLS, timeouts and rate limits.
 *
 * @module
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { MAX_ADD_CHECKPOINT_BYTES } from './add-checkpoint.ts';
import type { Witness } from './witness.ts';

const TEXT = 'text/plain; charset=utf-8';
const MONITORING = /\/([0-9a-f]{64})\/checkpoint$/;

/** Serves a witness. Failures of its store are answered with 500 and passed to `onError`. */
export function witnessHandler(
  witness: Witness,
  onError: (error: unknown) => void,
): RequestListener {
  return (request, response) => {
    respond(witness, request, response).catch((error: unknown) => {
      onError(error);
      send(
        response,
        500,
        TEXT,
        'the witness could not record the checkpoint; nothing was cosigned\n',
      );
    });
  };
}

async function respond(
  witness: Witness,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://witness.invalid');
  if (pathname.endsWith('/add-checkpoint')) {
    if (request.method !== 'POST') return send(response, 405, TEXT, 'use POST\n');
    const body = await readRequest(request);
    if (body === null) {
      response.setHeader('connection', 'close');
      return send(response, 413, TEXT, 'the request is too large\n');
    }
    const answer = await witness.addCheckpoint(body);
    return send(response, answer.status, answer.contentType, answer.body);
  }
  const originHash = MONITORING.exec(pathname)?.[1];
  if (originHash === undefined) return send(response, 404, TEXT, 'there is nothing here\n');
  if (request.method !== 'GET') return send(response, 405, TEXT, 'use GET\n');
  const latest = await witness.latest(originHash);
  if (latest === null)
    return send(response, 404, TEXT, 'no checkpoint was cosigned for this log\n');
  return send(response, 200, TEXT, latest);
}

/** The body, or null when it is larger than any request. */
async function readRequest(request: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  // The request is left open so that the refusal of a large one still reaches its sender.
  const stream: AsyncIterable<Uint8Array> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of stream) {
    total += chunk.length;
    if (total > MAX_ADD_CHECKPOINT_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Uint8Array,
): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
  response.end(body);
}
