/**
 * The failures of this package. It imports nothing of ours, so it carries its own class of the same
 * shape as `CodedError`: branch on `code`, never on the message.
 *
 * @module
 */

export type TraceErrorCode =
  /** The receiver could not take the spans now. The same batch may be sent again. */
  | 'TRACE_EXPORT_RETRYABLE'
  /** The receiver will never take these spans. */
  | 'TRACE_EXPORT_REFUSED'
  /** A tracer or exporter was configured with a value it cannot use. */
  | 'TRACE_CONFIG_INVALID';

export class TraceError extends Error {
  readonly code: TraceErrorCode;
  /** How long the receiver asked us to wait, milliseconds; 0 when it said nothing. */
  readonly retryAfterMs: number;

  constructor(
    code: TraceErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly retryAfterMs?: number } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'TraceError';
    this.code = code;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}
