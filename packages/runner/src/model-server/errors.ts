/**
 * Errors of the server inside the sandbox. It imports nothing of the project, so it has its own
 * small class; codes are those of the OpenAI error shape where that has one.
 *
 * @module
 */

export type ServeErrorCode =
  | 'model_invalid'
  | 'invalid_request'
  | 'context_length_exceeded'
  | 'model_not_found'
  | 'not_found'
  | 'request_too_large'
  | 'overloaded';

export class ServeError extends Error {
  readonly code: ServeErrorCode;
  /** Name of the request field at fault, or null. */
  readonly param: string | null;

  constructor(code: ServeErrorCode, message: string, param: string | null = null) {
    super(message);
    this.name = 'ServeError';
    this.code = code;
    this.param = param;
  }
}
