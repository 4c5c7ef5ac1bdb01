/**
 * One request to a model server: `POST /v1/chat/completions` over a leased connection.
 *
 * Promises: the client's departure (`signal`) aborts the request in the same tick; the first byte,
 * each further piece and the end have deadlines of their own; the body is bounded in bytes and held
 * back by the consumer. A request on a reused connection that dies before any response byte is sent
 * once more on a fresh one; nothing else is tried twice.
 *
 * Only these headers go to the server: host, content-type, content-length, accept, accept-encoding
 * (identity), traceparent. Of the answer only status and content type are looked at.
 *
 * @module
 */
import type { IncomingHttpHeaders } from 'node:http';

import type { Dispatcher } from 'undici';

import type { RouteLimits } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { BodyQueue } from './body-queue.ts';
import type { Lease } from './connection-pool.ts';

export interface UpstreamRequest {
  readonly body: Uint8Array;
  readonly stream: boolean;
  readonly traceparent: string;
  readonly limits: Pick<RouteLimits, 'firstByteMs' | 'idleMs' | 'totalMs' | 'responseBytes'>;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Throws GatewayError when the answer breaks off; must be consumed or cancelled. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the call now; the rest of the body is not wanted. */
  cancel(): void;
}

/**
 * @throws {GatewayError} GATEWAY_UPSTREAM_UNAVAILABLE, GATEWAY_UPSTREAM_TIMEOUT, GATEWAY_CLIENT_GONE
 */
export async function callUpstream(
  lease: Lease,
  request: UpstreamRequest,
): Promise<UpstreamAnswer> {
  try {
    return await new Call(request).dispatch(lease);
  } catch (error) {
    if (!lease.reused || !(error instanceof DeadConnection)) throw error;
    return await new Call(request).dispatch(lease.fresh());
  }
}

/** The connection failed before it carried any byte of a response. */
class DeadConnection extends GatewayError {}

type Controller = Dispatcher.DispatchController;

class Call implements Dispatcher.DispatchHandler {
  readonly #request: UpstreamRequest;
  readonly #settled = Promise.withResolvers<UpstreamAnswer>();
  readonly #body: BodyQueue = new BodyQueue({
    pause: () => this.#controller?.pause(),
    resume: () => this.#controller?.resume(),
  });
  #total: NodeJS.Timeout | undefined;
  /** For the first bytes of a stream, then for each further piece. */
  #next: NodeJS.Timeout | undefined;
  readonly #onAbort = (): void => {
    this.#fail(clientGone());
  };
  #controller: Controller | null = null;
  #lease: Lease | null = null;
  #failure: GatewayError | null = null;
  #responded = false;
  #bytes = 0;

  constructor(request: UpstreamRequest) {
    this.#request = request;
  }

  dispatch(lease: Lease): Promise<UpstreamAnswer> {
    const { signal, stream, limits } = this.#request;
    this.#lease = lease;
    if (signal.aborted) return Promise.reject(clientGone());
    signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#total = this.#deadline(limits.totalMs, 'the whole answer');
    if (stream) this.#next = this.#deadline(limits.firstByteMs, 'its first bytes');
    lease.client.dispatch(
      {
        path: '/v1/chat/completions',
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: stream ? 'text/event-stream' : 'application/json',
          'accept-encoding': 'identity',
          traceparent: this.#request.traceparent,
        },
        body: this.#request.body,
      },
      this,
    );
    return this.#settled.promise;
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#failure !== null) controller.abort(this.#failure);
  }

  onResponseStart(controller: Controller, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#responded = true;
    this.#settled.resolve({
      status,
      contentType: (headers['content-type'] ?? '').toLowerCase(),
      body: this.#body,
      cancel: () => {
        this.#finish();
        controller.abort(new GatewayError('GATEWAY_INTERNAL', 'the rest is not wanted'));
      },
    });
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    const { limits, stream } = this.#request;
    if (stream && this.#bytes === 0) {
      clearTimeout(this.#next);
      this.#next = this.#deadline(limits.idleMs, 'the next piece of its answer');
    } else {
      this.#next?.refresh();
    }
    this.#bytes += chunk.length;
    if (this.#bytes > limits.responseBytes) {
      this.#fail(
        new GatewayError(
          'GATEWAY_UPSTREAM_INVALID',
          `cannot pass the answer of the model on: it is larger than ${limits.responseBytes} bytes; ask for fewer tokens`,
        ),
      );
      return;
    }
    this.#body.push(chunk);
  }

  onResponseEnd(): void {
    this.#finish();
    this.#body.end();
  }

  onResponseError(_controller: Controller, cause: Error): void {
    this.#fail(this.#failure ?? broken(this.#responded, cause));
  }

  /** The first failure counts; the lease goes back, because the connection is given up. */
  #fail(error: GatewayError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#finish();
    this.#controller?.abort(error);
    this.#body.fail(error);
    this.#settled.reject(error);
  }

  #finish(): void {
    clearTimeout(this.#total);
    clearTimeout(this.#next);
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    this.#lease?.release();
  }

  #deadline(ms: number, what: string): NodeJS.Timeout {
    return setTimeout(() => {
      this.#fail(
        new GatewayError(
          'GATEWAY_UPSTREAM_TIMEOUT',
          `cannot wait longer: the model server did not send ${what} within ${ms} ms; try again, or ask for fewer tokens`,
        ),
      );
    }, ms);
  }
}

function broken(responded: boolean, cause: Error): GatewayError {
  const options = { cause };
  return responded
    ? new GatewayError(
        'GATEWAY_UPSTREAM_UNAVAILABLE',
        'cannot complete the answer: the model server broke off; try again',
        options,
      )
    : new DeadConnection(
        'GATEWAY_UPSTREAM_UNAVAILABLE',
        'cannot reach the model server; try again, and tell the operator if it persists',
        options,
      );
}

function clientGone(): GatewayError {
  return new GatewayError(
    'GATEWAY_CLIENT_GONE',
    'the client went away before the answer was complete',
  );
}
