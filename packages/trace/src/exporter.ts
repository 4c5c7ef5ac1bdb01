/**
 * Where finished spans go: the interface, and OTLP/HTTP with JSON bodies (opentelemetry-proto 1.x,
 * "OTLP/HTTP Request" and "Failures").
 *
 * The tracer calls `export` with one batch at a time and retries only what failed as retryable.
 *
 * @module
 */
import { TraceError } from './errors.ts';
import { encodeOtlpJson } from './otlp-json.ts';
import type { Resource } from './otlp-json.ts';
import type { Span } from './span.ts';

export interface ExportResult {
  /** Spans that the receiver took the request for but did not keep. */
  readonly rejectedSpans: number;
}

export interface SpanExporter {
  /**
   * Hands over a batch. Resolves only once the receiver has answered for it.
   *
   * @throws {TraceError} TRACE_EXPORT_RETRYABLE: nothing was kept, send it again later;
   *   TRACE_EXPORT_REFUSED: never send it again
   */
  export(spans: readonly Span[], signal: AbortSignal): Promise<ExportResult>;
}

export interface OtlpHttpOptions {
  /** The full address, such as `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  readonly resource: Resource;
  /** Sent as they are; a token here is never logged. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds for one request, default 10,000. */
  readonly timeoutMs?: number;
}

/** The statuses that OTLP calls retryable; every other failure is final. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const MAX_ANSWER_BYTES = 64 * 1024;

/** @throws {TraceError} TRACE_CONFIG_INVALID when the address is not http or https */
export function createOtlpHttpExporter(options: OtlpHttpOptions): SpanExporter {
  const url = URL.parse(options.url);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TraceError(
      'TRACE_CONFIG_INVALID',
      'cannot export spans: the address is not an http or https URL; use https://HOST:4318/v1/traces',
    );
  }
  const timeoutMs = options.timeoutMs ?? 10_000;
  return {
    async export(spans, signal) {
      const response = await send(url, options, encodeOtlpJson(spans, options.resource), {
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      const answer = await readBounded(response);
      if (response.ok) return { rejectedSpans: rejectedSpans(answer) };
      throw failure(response);
    },
  };
}

async function send(
  url: URL,
  options: OtlpHttpOptions,
  body: string,
  limits: { readonly signal: AbortSignal },
): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { ...options.headers, 'content-type': 'application/json' },
      body,
      redirect: 'manual',
      signal: limits.signal,
    });
  } catch (cause) {
    throw new TraceError(
      'TRACE_EXPORT_RETRYABLE',
      `cannot export spans to ${url.host}: no answer; the batch is kept and sent again`,
      { cause },
    );
  }
}

function failure(response: Response): TraceError {
  const seconds = Number(response.headers.get('retry-after') ?? '0');
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 300) * 1000 : 0;
  return RETRYABLE.has(response.status)
    ? new TraceError(
        'TRACE_EXPORT_RETRYABLE',
        `cannot export spans now: the receiver answered ${response.status}; the batch is sent again`,
        { retryAfterMs },
      )
    : new TraceError(
        'TRACE_EXPORT_REFUSED',
        `cannot export spans: the receiver answered ${response.status}; check its address and token`,
      );
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `partialSuccess.rejectedSpans` of an OTLP answer: an int64, so a string or a number. */
function rejectedSpans(answer: string): number {
  try {
    const value = JSON.parse(answer === '' ? '{}' : answer) as {
      readonly partialSuccess?: { readonly rejectedSpans?: unknown };
    } | null;
    const count = Number(value?.partialSuccess?.rejectedSpans ?? 0);
    return Number.isSafeInteger(count) && count > 0 ? count : 0;
  } catch {
    return 0; // A receiver may answer 200 with any body; only a well-formed one reports losses.
  }
}
