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

export interface StreamFacts {
  readonly digest: string;
  readonly chain: string;
  readonly events: number;
}

/** The state of one stream; belongs to the exchange that sends it. */
export class StreamDigest {
  readonly #body: Hash = createHash('sha256');
  #chain: Uint8Array = SEED;
  #events = 0;

  /** Takes the next event, in the order in which it is handed to the socket. */
  add(event: Uint8Array): void {
    this.#chain = link(this.#chain, event);
    this.#body.update(event);
    this.#events += 1;
  }

  /** What was sent so far, and `last` after it when it is given; the stream may go on. */
  facts(last: Uint8Array | null = null): StreamFacts {
    const body = this.#body.copy();
    if (last !== null) body.update(last);
    const chain = last === null ? this.#chain : link(this.#chain, last);
    return {
      digest: body.digest('hex'),
      chain: Buffer.from(chain).toString('hex'),
      events: this.#events + (last === null ? 0 : 1),
    };
  }
}

function link(chain: Uint8Array, event: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(64);
  input.set(chain, 0);
  input.set(sha256(event), 32);
  return sha256(input);
}
