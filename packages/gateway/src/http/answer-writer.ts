/**
 * Writes answers to a client: whole bodies, and streams with back-pressure.
 *
 * Response headers are an allow-list of our own; nothing of the model server's headers passes. No
 * compression, so that the bytes that were digested are the bytes on the wire.
 *
 * @module
 */
import type { ServerResponse } from 'node:http';

import { GatewayError } from '../errors.ts';

/** Headers that every answer carries. */
export interface AnswerHeaders {
  readonly traceId: string;
  /** Told to the client only when the receipt is durable. */
  receiptId(): string | null;
  /** `name@version` of the model, when the request came that far. */
  model(): string | null;
}

/** Belongs to one request. */
export class AnswerWriter {
  readonly #response: ServerResponse;
  readonly #headers: AnswerHeaders;
  readonly #onFirstByte: () => void;

  constructor(response: ServerResponse, headers: AnswerHeaders, onFirstByte: () => void) {
    this.#response = response;
    this.#headers = headers;
    this.#onFirstByte = onFirstByte;
  }

  whole(status: number, body: Uint8Array, extra: Readonly<Record<string, string>> = {}): void {
    this.#onFirstByte();
    this.#response.writeHead(status, {
      ...this.#common(),
      ...extra,
      'content-type': 'application/json',
      'content-length': body.length,
    });
    this.#response.end(body);
  }

  beginStream(): void {
    this.#onFirstByte();
    this.#response.writeHead(200, {
      ...this.#common(),
      'content-type': 'text/event-stream; charset=utf-8',
      // Proxies in between must not collect the events.
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
  }

  /** Resolves when the client keeps up. @throws {GatewayError} GATEWAY_CLIENT_GONE */
  async event(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    if (this.#response.destroyed) throw gone();
    if (this.#response.write(bytes)) return;
    await this.#drained();
  }

  endStream(last: Uint8Array): void {
    this.#response.end(last);
  }

  async #drained(): Promise<void> {
    const response = this.#response;
    await new Promise<void>((resolve, reject) => {
      const onDrain = (): void => {
        response.off('close', onClose);
        resolve();
      };
      const onClose = (): void => {
        response.off('drain', onDrain);
        reject(gone());
      };
      response.once('drain', onDrain);
      response.once('close', onClose);
    });
  }

  #common(): Record<string, string> {
    const receipt = this.#headers.receiptId();
    const model = this.#headers.model();
    return {
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': this.#headers.traceId,
      ...(receipt === null ? {} : { 'x-proofmark-receipt': receipt }),
      ...(model === null ? {} : { 'x-proofmark-model': model }),
    };
  }
}

function gone(): GatewayError {
  return new GatewayError(
    'GATEWAY_CLIENT_GONE',
    'the client went away before the answer was complete',
  );
}
