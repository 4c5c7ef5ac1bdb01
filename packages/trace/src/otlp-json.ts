/**
 * OTLP/JSON (opentelemetry-proto `ExportTraceServiceRequest`, JSON mapping): ids are hex, 64-bit
 * integers are decimal strings, enum values are numbers.
 *
 * @module
 */
import type { AttributeValue, Attributes, Span, SpanKind, SpanStatus } from './span.ts';

/** Who produced the spans. */
export interface Resource {
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly attributes?: Attributes;
}

const SCOPE = { name: '@proofmark/trace', version: '0.1.0' };
const KINDS: Readonly<Record<SpanKind, number>> = {
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
};
const STATUS: Readonly<Record<SpanStatus['code'], number>> = { unset: 0, ok: 1, error: 2 };

/** The JSON body of `POST /v1/traces`. */
export function encodeOtlpJson(spans: readonly Span[], resource: Resource): string {
  const attributes: Attributes = {
    ...resource.attributes,
    'service.name': resource.serviceName,
    'service.version': resource.serviceVersion,
  };
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: encodeAttributes(attributes) },
        scopeSpans: [{ scope: SCOPE, spans: spans.map(encodeSpan) }],
      },
    ],
  });
}

function encodeSpan(span: Span): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: KINDS[span.kind],
    startTimeUnixNano: unixNano(span.startMs),
    endTimeUnixNano: unixNano(span.endMs),
    attributes: encodeAttributes(span.attributes),
    events: span.events.map((event) => ({
      timeUnixNano: unixNano(event.atMs),
      name: event.name,
      attributes: encodeAttributes(event.attributes),
    })),
    status: {
      code: STATUS[span.status.code],
      ...(span.status.message === '' ? {} : { message: span.status.message }),
    },
  };
}

/** Milliseconds with a fraction as a decimal string of nanoseconds; exact to the microsecond. */
export function unixNano(ms: number): string {
  const whole = Math.floor(ms);
  const nanoseconds = Math.round((ms - whole) * 1000) * 1000;
  return (BigInt(whole) * 1_000_000n + BigInt(nanoseconds)).toString();
}

function encodeAttributes(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: encodeValue(value) }));
}

function encodeValue(value: AttributeValue): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return { intValue: String(value) };
    // JSON has no NaN or infinity; the protobuf JSON mapping writes them as strings.
    return { doubleValue: Number.isFinite(value) ? value : String(value) };
  }
  return { arrayValue: { values: value.map(encodeValue) } };
}
