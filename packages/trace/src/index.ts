/**
 * The small SDK that applications install: spans, trace context, batched OTLP/HTTP export. Imports
 * nothing of ours and has no dependency.
 *
 * @module
 */
export {
  childContext,
  currentContext,
  formatTraceparent,
  parseTraceparent,
  withContext,
} from './context.ts';
export type { SpanContext } from './context.ts';
export { TraceError } from './errors.ts';
export type { TraceErrorCode } from './errors.ts';
export { createOtlpHttpExporter } from './exporter.ts';
export type { ExportResult, OtlpHttpOptions, SpanExporter } from './exporter.ts';
export { randomSpanId, randomTraceId } from './ids.ts';
export { encodeOtlpJson, unixNano } from './otlp-json.ts';
export type { Resource } from './otlp-json.ts';
export { claimedModel, isAttributed, isLlmSpan } from './span.ts';
export type {
  AttributeValue,
  Attributes,
  Span,
  SpanEvent,
  SpanKind,
  SpanModel,
  SpanStatus,
} from './span.ts';
export { createTracer } from './tracer.ts';
export type { ActiveSpan, StartOptions, Tracer, TracerOptions, TracerStats } from './tracer.ts';
