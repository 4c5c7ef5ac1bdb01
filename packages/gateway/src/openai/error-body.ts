/**
 * Errors in the OpenAI shape: `{ "error": { "message", "type", "param", "code" } }`.
 *
 * Messages of our own errors hold no secrets and no content, so they are shown. Any other error is
 * a defect: the client learns only that.
 *
 * @module
 */
import { GatewayError } from '../errors.ts';
import { CLIENT_ERRORS } from './http-status.ts';
import type { ClientError } from './http-status.ts';

/** A failure as the client sees it. `details.param` and `details.code` of the error are used. */
export interface ErrorAnswer extends ClientError {
  readonly body: Buffer;
  /** Seconds for `Retry-After`, 0 for none. */
  readonly retryAfterS: number;
}

/** Makes any thrown value a `GatewayError`; a defect becomes GATEWAY_INTERNAL with its cause. */
export function toGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  return new GatewayError(
    'GATEWAY_INTERNAL',
    'cannot answer: the gateway failed; try again, and report the x-request-id if it persists',
    { cause: error },
  );
}

export function errorAnswer(error: GatewayError): ErrorAnswer {
  const known = CLIENT_ERRORS[error.code];
  const { param, code, retryAfterMs } = error.details;
  const answer = { ...known, code: typeof code === 'string' ? code : known.code };
  return {
    ...answer,
    body: Buffer.from(errorJson(error.message, answer, typeof param === 'string' ? param : null)),
    retryAfterS: typeof retryAfterMs === 'number' ? Math.max(1, Math.ceil(retryAfterMs / 1000)) : 0,
  };
}

/** The last event of a stream that broke. OpenAI clients raise it; no `[DONE]` follows. */
export function errorEvent(answer: ErrorAnswer): Buffer {
  return Buffer.concat([Buffer.from('event: error\ndata: '), answer.body, Buffer.from('\n\n')]);
}

function errorJson(message: string, { type, code }: ClientError, param: string | null): string {
  return JSON.stringify({ error: { message, type, param, code } });
}
