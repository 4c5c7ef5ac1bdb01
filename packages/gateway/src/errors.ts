/**
 * The failures of this package. Which of them a client sees, and as what, is in `http-status.ts`.
 *
 * @module
 */
import { CodedError } from '@proofmark/core';

export type GatewayErrorCode =
  /** The configuration of a route, tenant or limit cannot be used. */
  | 'GATEWAY_CONFIG_INVALID'
  /** No such path and method. */
  | 'GATEWAY_NOT_FOUND'
  /** The request carries no known API key. */
  | 'GATEWAY_UNAUTHENTICATED'
  /** No route of this tenant serves the model that was asked for. */
  | 'GATEWAY_MODEL_NOT_FOUND'
  /** What served the model was taken off, and nothing has taken its place yet. */
  | 'GATEWAY_MODEL_WITHDRAWN'
  /** The request body is larger than the route allows. */
  | 'GATEWAY_BODY_TOO_LARGE'
  /** The request body did not arrive whole, or not in time. */
  | 'GATEWAY_BODY_INCOMPLETE'
  /** The body is not a chat completion request. `details.param` says where. */
  | 'GATEWAY_REQUEST_INVALID'
  /** The tenant sent more requests than its rate allows. */
  | 'GATEWAY_RATE_LIMITED'
  /** Too many requests are in progress, here or at the model. */
  | 'GATEWAY_OVERLOADED'
  /** The gateway is shutting down. */
  | 'GATEWAY_DRAINING'
  /** A guardrail objected to the request or the answer. */
  | 'GATEWAY_GUARDRAIL_BLOCKED'
  /** A guardrail could not judge, and its policy blocks in that case. */
  | 'GATEWAY_GUARDRAIL_ERROR'
  /** The model server cannot be reached, or broke off. */
  | 'GATEWAY_UPSTREAM_UNAVAILABLE'
  /** The model server did not answer in time. */
  | 'GATEWAY_UPSTREAM_TIMEOUT'
  /** The model server refused the request. */
  | 'GATEWAY_UPSTREAM_REFUSED'
  /** The model server answered something that is not a chat completion. */
  | 'GATEWAY_UPSTREAM_INVALID'
  /** The answer names another model than the route serves. */
  | 'GATEWAY_MODEL_MISMATCH'
  /** The client went away before the answer was complete. */
  | 'GATEWAY_CLIENT_GONE'
  /** A receipt cannot be made durable now, and nothing is answered without one. */
  | 'GATEWAY_RECEIPT_UNAVAILABLE'
  /** No receipt with this id belongs to this tenant. */
  | 'GATEWAY_RECEIPT_NOT_FOUND'
  /** A spool segment holds a damaged record before its end. */
  | 'GATEWAY_SPOOL_CORRUPT'
  /** A defect of the gateway. */
  | 'GATEWAY_INTERNAL'
  /** The receipt has the wrong shape. */
  | 'GATEWAY_RECEIPT_INVALID'
  /** The batch of the receipt is not signed by a trusted receipt key. */
  | 'GATEWAY_RECEIPT_SIGNATURE_INVALID'
  /** The receipt is not in the batch that was signed. */
  | 'GATEWAY_RECEIPT_NOT_IN_BATCH'
  /** The signed batch is not proven to be in the trusted log. */
  | 'GATEWAY_RECEIPT_PROOF_INVALID'
  /** The response is not the one that the receipt is about. */
  | 'GATEWAY_RECEIPT_RESPONSE_MISMATCH'
  /** The request is not the one that the receipt is about. */
  | 'GATEWAY_RECEIPT_REQUEST_MISMATCH'
  /** The promotion record is not the one that the receipt names. */
  | 'GATEWAY_RECEIPT_RECORD_MISMATCH'
  /** The receipt was issued after the time of checking. */
  | 'GATEWAY_RECEIPT_FUTURE';

export class GatewayError extends CodedError<GatewayErrorCode> {}
