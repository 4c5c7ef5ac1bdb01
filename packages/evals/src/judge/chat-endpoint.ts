/**
 * One question to an OpenAI-compatible chat endpoint, with retries, and nothing taken on trust.
 *
 * The endpoint may be slow, broken or hostile: every attempt has a time limit, the body is read up to
 * `MAX_BODY` bytes, redirects are refused (they would carry the key elsewhere), and only failures that
 * can pass (429, 5xx, no connection, too slow) are tried again, with doubling waits.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { excerpt } from '@proofmark/core';

import { EvalsError } from '../errors.ts';
import { isRecord } from '../evaluation.ts';

export interface ChatEndpoint {
  /** Up to and including the version, for example `https://api.example.com/v1`. */
  readonly baseUrl: string;
  /** The exact model to ask for. An answer of another model is refused. */
  readonly model: string;
  /** Called for every request, so that a key can be rotated. Never logged. */
  readonly apiKey?: () => string;
  /** For one attempt, milliseconds. Default 30,000. */
  readonly attemptTimeoutMs?: number;
  /** Attempts altogether. Default 3. */
  readonly attempts?: number;
  /** Wait before the second attempt, milliseconds; doubles after. Default 500. */
  readonly backoffMs?: number;
}

export interface ChatQuestion {
  readonly system: string;
  readonly user: string;
  readonly signal?: AbortSignal;
}

const MAX_BODY = 65_536;
const MAX_TOKENS = 200;
const MAX_WAIT_MS = 10_000;

/**
 * The text the model answered.
 *
 * @throws {EvalsError} EVALS_JUDGE_UNAVAILABLE, EVALS_JUDGE_INVALID, EVALS_ABORTED
 */
export async function askChat(endpoint: ChatEndpoint, question: ChatQuestion): Promise<string> {
  const { attempts = 3, backoffMs = 500 } = endpoint;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await askOnce(endpoint, question);
    } catch (error) {
      if (question.signal?.aborted === true) {
        throw new EvalsError('EVALS_ABORTED', 'the judge was aborted by its caller', {
          cause: error,
        });
      }
      if (!(error instanceof EvalsError) || error.code !== 'EVALS_JUDGE_UNAVAILABLE') throw error;
      if (attempt >= attempts) throw error;
      const waitMs = Math.min(MAX_WAIT_MS, backoffMs * 2 ** (attempt - 1));
      const { signal } = question;
      await sleep(waitMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    }
  }
}

async function askOnce(endpoint: ChatEndpoint, question: ChatQuestion): Promise<string> {
  const limit = AbortSignal.timeout(endpoint.attemptTimeoutMs ?? 30_000);
  const signal = question.signal === undefined ? limit : AbortSignal.any([question.signal, limit]);
  const response = await send(endpoint, question, signal);
  if (!response.ok) {
    await response.body?.cancel().catch(() => {});
    const passing = response.status === 429 || response.status >= 500;
    throw new EvalsError(
      passing ? 'EVALS_JUDGE_UNAVAILABLE' : 'EVALS_JUDGE_INVALID',
      `the judge endpoint answered with status ${response.status}`,
    );
  }
  return readAnswer(await readBody(response), endpoint.model);
}

async function send(
  endpoint: ChatEndpoint,
  { system, user }: ChatQuestion,
  signal: AbortSignal,
): Promise<Response> {
  const key = endpoint.apiKey?.();
  try {
    return await fetch(`${endpoint.baseUrl.replace(/\/+$/, '')}/chat/completions`, {
      method: 'POST',
      redirect: 'error',
      signal,
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({
        model: endpoint.model,
        temperature: 0,
        seed: 1,
        max_tokens: MAX_TOKENS,
        response_format: { type: 'json_object' },
        messages: [
          { role: 'system', content: system },
          { role: 'user', content: user },
        ],
      }),
    });
  } catch (cause) {
    throw unavailable(cause);
  }
}

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > MAX_BODY) {
        throw new EvalsError(
          'EVALS_JUDGE_INVALID',
          `the judge endpoint sent more than ${MAX_BODY} bytes`,
        );
      }
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof EvalsError ? cause : unavailable(cause);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unavailable(cause: unknown): EvalsError {
  const slow = cause instanceof Error && cause.name === 'TimeoutError';
  return new EvalsError(
    'EVALS_JUDGE_UNAVAILABLE',
    slow ? 'the judge endpoint took too long' : 'the judge endpoint cannot be reached',
    { cause },
  );
}

function readAnswer(body: string, model: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (cause) {
    throw new EvalsError('EVALS_JUDGE_INVALID', 'the judge endpoint did not send JSON', { cause });
  }
  if (!isRecord(parsed)) throw new EvalsError('EVALS_JUDGE_INVALID', 'the answer is not an object');
  const served = parsed['model'];
  if (typeof served === 'string' && !served.startsWith(model)) {
    throw new EvalsError(
      'EVALS_JUDGE_INVALID',
      `the judge endpoint answered with another model than the pinned one: ${excerpt(served)}`,
    );
  }
  const choice: unknown = Array.isArray(parsed['choices']) ? parsed['choices'][0] : undefined;
  const message = isRecord(choice) ? choice['message'] : undefined;
  const content = isRecord(message) ? message['content'] : undefined;
  if (typeof content === 'string') return content;
  throw new EvalsError('EVALS_JUDGE_INVALID', 'the judge endpoint sent no answer');
}
