/**
 * Digests a stream of server-sent events while it is sent (docs/spec/receipt.md, "Streams").
 *
 *     chain_0     = SHA-256("proofmark-stream-v1")
 *     chain_n     = SHA-256(chain_(n-1) || SHA-256(bytes of event n))
 *
 * An event is its exact bytes up to and including the empty line that ends it. The body digest is
 * SHA-256 over all events. The closing comment `: proofmark-receipt ID` is not part of either.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';

import { sha256 } from '@proofmark/core';

const SEED: Uint8Array = sha256('proofmark-stream-v1');

/** The state of one stream; belongs to the exchange that sends it. */
export class StreamDigest {
  readonly #body: Hash = createHash('sha256');
  #chain: Uint8Array = SEED;
  #events = 0;

  /** Takes the next event, in the order in which it is handed to the socket. */
  add(event: Uint8Array): void {
    const link = Buffer.allocUnsafe(64);
    link.set(this.#chain, 0);
    link.set(sha256(event), 32);
    this.#chain = sha256(link);
    this.#body.update(event);
    this.#events += 1;
  }

  /** What was sent so far; the stream may go on. */
  facts(): { readonly digest: string; readonly chain: string; readonly events: number } {
    return {
      digest: this.#body.copy().digest('hex'),
      chain: Buffer.from(this.#chain).toString('hex'),
      events: this.#events,
    };
  }
}
