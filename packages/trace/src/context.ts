/**
 * Where in a trace we are: W3C Trace Context Level 2 (`traceparent`), carried through asynchronous
 * code by `AsyncLocalStorage`.
 *
 * The header is attacker-controlled: anything but its exact form is treated as absent (section
 * 4.3 of the specification: "restart the trace"), so a bad header can never fail a request.
 *
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';

import { randomSpanId, randomTraceId } from './ids.ts';

export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  /** The caller's sampling decision, passed on as it came. */
  readonly sampled: boolean;
}

/**
 * `version-traceid-parentid-flags`. Version ff is forbidden, ids of only zeros mean "none", and
 * only versions after 00 may have further fields.
 */
const TRACEPARENT =
  /^(?!ff)(?!00-.{52}-)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** Reads `traceparent`; `null` for anything that is not exactly one. */
export function parseTraceparent(header: string | undefined): SpanContext | null {
  const match = header === undefined || header.length > 128 ? null : TRACEPARENT.exec(header);
  if (match === null) return null;
  const [, traceId = '', spanId = '', flags = ''] = match;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** `00-<trace id>-<span id>-01`. */
export function formatTraceparent(context: SpanContext): string {
  return `00-${context.traceId}-${context.spanId}-${context.sampled ? '01' : '00'}`;
}

/** A new span's context: in the trace of `parent`, or the first of a new trace. */
export function childContext(parent: SpanContext | null): SpanContext {
  return {
    traceId: parent?.traceId ?? randomTraceId(),
    spanId: randomSpanId(),
    sampled: parent?.sampled ?? true,
  };
}

const storage = new AsyncLocalStorage<SpanContext>();

/** Runs `step` so that `currentContext()` inside it, also after `await`, is `context`. */
export function withContext<T>(context: SpanContext, step: () => T): T {
  return storage.run(context, step);
}

/** The innermost `withContext`, or null outside of all. */
export function currentContext(): SpanContext | null {
  return storage.getStore() ?? null;
}
