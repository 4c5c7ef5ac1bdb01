/**
 * How each failure looks to a client: HTTP status, and type and code of the OpenAI error shape.
 *
 * @module
 */
import type { GatewayErrorCode } from '../errors.ts';

export interface ClientError {
  readonly status: number;
  readonly type: string;
  readonly code: string;
}

const INVALID = 'invalid_request_error';
const SERVER = 'server_error';
const INTERNAL: ClientError = { status: 500, type: SERVER, code: 'internal_error' };
const RECEIPT: ClientError = { status: 422, type: INVALID, code: 'invalid_receipt' };

/** Exhaustive: a new code without an entry does not compile. */
export const CLIENT_ERRORS: Readonly<Record<GatewayErrorCode, ClientError>> = {
  GATEWAY_CONFIG_INVALID: INTERNAL,
  GATEWAY_NOT_FOUND: { status: 404, type: INVALID, code: 'not_found' },
  GATEWAY_UNAUTHENTICATED: { status: 401, type: INVALID, code: 'invalid_api_key' },
  GATEWAY_MODEL_NOT_FOUND: { status: 404, type: INVALID, code: 'model_not_found' },
  GATEWAY_MODEL_WITHDRAWN: { status: 503, type: SERVER, code: 'model_withdrawn' },
  GATEWAY_BODY_TOO_LARGE: { status: 413, type: INVALID, code: 'request_too_large' },
  GATEWAY_BODY_INCOMPLETE: { status: 408, type: INVALID, code: 'request_timeout' },
  GATEWAY_REQUEST_INVALID: { status: 400, type: INVALID, code: 'invalid_request' },
  GATEWAY_RATE_LIMITED: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  GATEWAY_OVERLOADED: { status: 503, type: SERVER, code: 'overloaded' },
  GATEWAY_DRAINING: { status: 503, type: SERVER, code: 'shutting_down' },
  GATEWAY_GUARDRAIL_BLOCKED: { status: 400, type: 'guardrail_blocked', code: 'guardrail_blocked' },
  GATEWAY_GUARDRAIL_ERROR: { status: 400, type: 'guardrail_blocked', code: 'guardrail_error' },
  GATEWAY_UPSTREAM_UNAVAILABLE: { status: 502, type: SERVER, code: 'model_unavailable' },
  GATEWAY_UPSTREAM_TIMEOUT: { status: 504, type: SERVER, code: 'model_timeout' },
  GATEWAY_UPSTREAM_REFUSED: { status: 400, type: INVALID, code: 'model_refused_request' },
  GATEWAY_UPSTREAM_INVALID: { status: 502, type: SERVER, code: 'model_answer_invalid' },
  GATEWAY_MODEL_MISMATCH: { status: 502, type: SERVER, code: 'model_mismatch' },
  // The client is gone; the status is only for logs and receipts.
  GATEWAY_CLIENT_GONE: { status: 499, type: INVALID, code: 'client_closed_request' },
  GATEWAY_RECEIPT_UNAVAILABLE: { status: 503, type: SERVER, code: 'receipts_unavailable' },
  GATEWAY_RECEIPT_NOT_FOUND: { status: 404, type: INVALID, code: 'receipt_not_found' },
  GATEWAY_SPOOL_CORRUPT: INTERNAL,
  GATEWAY_INTERNAL: INTERNAL,
  GATEWAY_RECEIPT_INVALID: RECEIPT,
  GATEWAY_RECEIPT_SIGNATURE_INVALID: RECEIPT,
  GATEWAY_RECEIPT_NOT_IN_BATCH: RECEIPT,
  GATEWAY_RECEIPT_PROOF_INVALID: RECEIPT,
  GATEWAY_RECEIPT_RESPONSE_MISMATCH: RECEIPT,
  GATEWAY_RECEIPT_REQUEST_MISMATCH: RECEIPT,
  GATEWAY_RECEIPT_RECORD_MISMATCH: RECEIPT,
  GATEWAY_RECEIPT_FUTURE: RECEIPT,
};
