/**
 * Takes finished spans and exports them in batches, off the request path.
 *
 * Promises: `record` never throws, never waits and never grows without bound; every span is
 * exported, or counted as dropped (queue full), refused (receiver) or leaked (an LLM span without
 * model name and version). It does not sample and does not read content.
 *
 * State: the queue and the counters are touched only by `record` and the one running drain, both on
 * the same thread.
 *
 * @module
 */
import { childContext, currentContext, withContext } from './context.ts';
import type { SpanContext } from './context.ts';
import { TraceError } from './errors.ts';
import type { SpanExporter } from './exporter.ts';
import { isAttributed, isLlmSpan } from './span.ts';
import type { Attributes, AttributeValue, Span, SpanEvent, SpanKind, SpanStatus } from './span.ts';

export interface TracerOptions {
  readonly exporter: SpanExporter;
  /** Milliseconds since the Unix epoch. */
  readonly clock: () => number;
  /** Spans that may wait, default 8,192. Further ones are dropped and counted. */
  readonly maxQueue?: number;
  /** Spans in one export, default 512. */
  readonly maxBatch?: number;
  /** Milliseconds between exports, default 1,000. */
  readonly intervalMs?: number;
}

/** Every recorded span is in exactly one of these, except those in an export right now. */
export interface TracerStats {
  readonly recorded: number;
  readonly queued: number;
  readonly exported: number;
  /** Lost because the queue was full. */
  readonly dropped: number;
  /** Lost because the receiver refused them. */
  readonly refused: number;
  /** LLM spans without `llm.model_name` and `llm.model_version`: coverage leaks, not exported. */
  readonly leaked: number;
}

export interface ActiveSpan {
  readonly context: SpanContext;
  set(key: string, value: AttributeValue): void;
  event(name: string, attributes?: Attributes): void;
  /** Ends and records the span. Later calls do nothing. */
  end(status?: SpanStatus): void;
}

export interface StartOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** Default: the current context; `null` starts a new trace. */
  readonly parent?: SpanContext | null;
}

export interface Tracer {
  /** Takes a finished span. */
  record(span: Span): void;
  start(name: string, options?: StartOptions): ActiveSpan;
  /** Runs `step` inside a new span; a rejection ends the span with status `error`. */
  run<T>(name: string, options: StartOptions, step: (span: ActiveSpan) => Promise<T>): Promise<T>;
  stats(): TracerStats;
  /** Exports what is queued now; resolves when it is exported, or kept after a retryable failure. */
  flush(): Promise<void>;
  /** Flushes once and stops. Spans that are still queued stay counted as queued. */
  close(): Promise<void>;
}

/** @throws {TraceError} TRACE_CONFIG_INVALID */
export function createTracer(options: TracerOptions): Tracer {
  const maxQueue = positive(options.maxQueue ?? 8192, 'maxQueue');
  const maxBatch = positive(options.maxBatch ?? 512, 'maxBatch');
  const queue = new SpanQueue(options, maxQueue, maxBatch);
  const timer = setInterval(
    () => void queue.drain(),
    positive(options.intervalMs ?? 1000, 'intervalMs'),
  );
  timer.unref();
  const start = (name: string, startOptions: StartOptions = {}): ActiveSpan =>
    startSpan(name, startOptions, options.clock, (span) => {
      queue.add(span);
    });
  return {
    record: (span) => {
      queue.add(span);
    },
    start,
    async run(name, startOptions, step) {
      const span = start(name, startOptions);
      try {
        const result = await withContext(span.context, () => step(span));
        span.end({ code: 'ok', message: '' });
        return result;
      } catch (error) {
        span.end({ code: 'error', message: error instanceof Error ? error.name : 'failed' });
        throw error;
      }
    },
    stats: () => queue.stats(),
    flush: () => queue.drain(),
    async close() {
      clearInterval(timer);
      await queue.drain();
      queue.stop();
    },
  };
}

function startSpan(
  name: string,
  options: StartOptions,
  clock: () => number,
  record: (span: Span) => void,
): ActiveSpan {
  const parent = options.parent === undefined ? currentContext() : options.parent;
  const context = childContext(parent);
  const startMs = clock();
  const attributes: Record<string, AttributeValue> = { ...options.attributes };
  const events: SpanEvent[] = [];
  let ended = false;
  return {
    context,
    set(key, value) {
      attributes[key] = value;
    },
    event(eventName, eventAttributes = {}) {
      events.push({ name: eventName, atMs: clock(), attributes: eventAttributes });
    },
    end(status = { code: 'unset', message: '' }) {
      if (ended) return;
      ended = true;
      record({
        traceId: context.traceId,
        spanId: context.spanId,
        ...(parent === null ? {} : { parentSpanId: parent.spanId }),
        name,
        kind: options.kind ?? 'internal',
        startMs,
        endMs: clock(),
        attributes,
        events,
        status,
      });
    },
  };
}

class SpanQueue {
  readonly #options: TracerOptions;
  readonly #maxQueue: number;
  readonly #maxBatch: number;
  readonly #stop = new AbortController();
  #queue: Span[] = [];
  #draining: Promise<void> | null = null;
  #notBeforeMs = 0;
  #counts = { recorded: 0, exported: 0, dropped: 0, refused: 0, leaked: 0 };

  constructor(options: TracerOptions, maxQueue: number, maxBatch: number) {
    this.#options = options;
    this.#maxQueue = maxQueue;
    this.#maxBatch = maxBatch;
  }

  add(span: Span): void {
    this.#counts.recorded += 1;
    if (isLlmSpan(span) && !isAttributed(span)) this.#counts.leaked += 1;
    else if (this.#queue.length >= this.#maxQueue) this.#counts.dropped += 1;
    else this.#queue.push(span);
  }

  stats(): TracerStats {
    return { ...this.#counts, queued: this.#queue.length };
  }

  stop(): void {
    this.#stop.abort();
  }

  /** One drain runs at a time; a caller that comes meanwhile waits for it and for its own spans. */
  async drain(): Promise<void> {
    await this.#draining;
    this.#draining ??= this.#exportAll().finally(() => {
      this.#draining = null;
    });
    await this.#draining;
  }

  async #exportAll(): Promise<void> {
    while (this.#queue.length > 0 && this.#options.clock() >= this.#notBeforeMs) {
      const batch = this.#queue.slice(0, this.#maxBatch);
      try {
        const { rejectedSpans } = await this.#options.exporter.export(batch, this.#stop.signal);
        const refused = Math.min(rejectedSpans, batch.length);
        this.#counts.refused += refused;
        this.#counts.exported += batch.length - refused;
      } catch (error) {
        if (error instanceof TraceError && error.code === 'TRACE_EXPORT_RETRYABLE') {
          this.#notBeforeMs = this.#options.clock() + error.retryAfterMs;
          return; // The batch stays at the head of the queue for the next interval.
        }
        this.#counts.refused += batch.length;
      }
      // `add` only appends, so the batch is still the head.
      this.#queue = this.#queue.slice(batch.length);
    }
  }
}

function positive(value: number, name: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new TraceError(
    'TRACE_CONFIG_INVALID',
    `cannot create the tracer: ${name} must be a positive whole number`,
  );
}
