/**
 * A response body as an async iterable with back-pressure: the sender is paused while more than
 * `HIGH_WATER` bytes wait for the consumer.
 *
 * One producer (the HTTP parser, through `push`, `end`, `fail`), one consumer (`for await`).
 *
 * @module
 */

const HIGH_WATER: number = 64 * 1024;

export interface Flow {
  pause(): void;
  resume(): void;
}

export class BodyQueue implements AsyncIterable<Uint8Array> {
  readonly #flow: Flow;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #paused = false;
  #ended = false;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > HIGH_WATER && !this.#paused) {
      this.#paused = true;
      this.#flow.pause();
    }
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** What arrived before is dropped: the consumer learns of the failure at once. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      const chunk = this.#take();
      if (chunk !== undefined) yield chunk;
      else if (this.#ended) return;
      else await this.#arrival();
    }
  }

  #take(): Uint8Array | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.#bytes -= chunk.length;
    if (this.#paused && this.#bytes <= HIGH_WATER / 2) {
      this.#paused = false;
      this.#flow.resume();
    }
    return chunk;
  }

  async #arrival(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
  }
}
