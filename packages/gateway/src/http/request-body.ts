/**
 * Reads a request body, bounded in bytes and in time.
 *
 * @module
 */
import type { IncomingMessage } from 'node:http';

import { GatewayError } from '../errors.ts';

export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** @throws {GatewayError} GATEWAY_BODY_TOO_LARGE, GATEWAY_BODY_INCOMPLETE, GATEWAY_REQUEST_INVALID */
export async function readRequestBytes(
  request: IncomingMessage,
  limits: BodyLimits,
): Promise<Buffer> {
  checkHeaders(request, limits.maxBytes);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => {
    reject(incomplete(`it did not arrive within ${limits.timeoutMs} ms`));
  }, limits.timeoutMs);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limits.maxBytes) reject(tooLarge(limits.maxBytes));
    else chunks.push(chunk);
  });
  request.on('end', () => {
    resolve(Buffer.concat(chunks));
  });
  request.on('close', () => {
    // It closes after every request; only one that is not complete is a failure.
    if (!request.complete) reject(incomplete('the connection was closed before its end'));
  });
  request.on('error', (error) => {
    reject(incomplete('the connection failed before its end', error));
  });
  try {
    return await promise;
  } catch (error) {
    // What still comes is not wanted; the answer closes the connection.
    request.pause();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function checkHeaders(request: IncomingMessage, maxBytes: number): void {
  const type = request.headers['content-type'] ?? 'application/json';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new GatewayError(
      'GATEWAY_REQUEST_INVALID',
      'cannot read the request: its content-type is not application/json',
    );
  }
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new GatewayError(
      'GATEWAY_REQUEST_INVALID',
      'cannot read the request: send it without content-encoding',
    );
  }
  if (Number(request.headers['content-length'] ?? '0') > maxBytes) throw tooLarge(maxBytes);
}

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError(
    'GATEWAY_BODY_TOO_LARGE',
    `cannot read the request: it is larger than ${maxBytes} bytes; send less`,
  );
}

function incomplete(why: string, cause?: unknown): GatewayError {
  return new GatewayError(
    'GATEWAY_BODY_INCOMPLETE',
    `cannot read the request: ${why}; send it again`,
    cause === undefined ? {} : { cause },
  );
}
