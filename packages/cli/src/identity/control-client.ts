/**
 * Asks a control plane over HTTP.
 *
 * Its answers are somebody else's: bounded, parsed, shown only through `printable`. A token is sent
 * to the address it was given for, over TLS or on this machine, and to no address it redirects to.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';
import { excerpt, parseStrictJson } from '@proofmark/core';
import { isSecure } from '@proofmark/server/identity';
import type { z } from 'zod';

import { CliError } from '../errors.ts';

export interface ControlRequest {
  /** Below the address of the control plane, for example `/v1/whoami`. */
  readonly path: string;
  readonly post?: JsonObject;
  /** Null: as nobody. */
  readonly token: string | null;
}

interface ControlAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

const TIMEOUT_MS = 30_000;
const MAX_TEXT = 500;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** The address as sessions are kept under: origin and path without a last slash. @throws {CliError} CLI_USAGE */
export function controlAddress(given: string): string {
  const url = URL.parse(given);
  if (url === null || !isSecure(given) || url.search !== '' || url.hash !== '') {
    throw new CliError(
      'CLI_USAGE',
      `cannot use "${excerpt(given)}" as a control plane: give its https address, or http on this machine`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** An answer with status 2xx. @throws {CliError} CLI_CONTROL_REFUSED, CLI_CONTROL_UNREACHABLE */
export async function askControl(
  control: string,
  request: ControlRequest,
  signal: AbortSignal,
): Promise<JsonObject> {
  const { status, body } = await requestControl(control, request, signal);
  if (status >= 200 && status < 300) return body;
  throw refusal(body, status);
}

/** An answer with any status. @throws {CliError} CLI_CONTROL_UNREACHABLE */
export async function requestControl(
  control: string,
  { path, post, token }: ControlRequest,
  signal: AbortSignal,
): Promise<ControlAnswer> {
  try {
    const response = await fetch(`${control}${path}`, {
      method: post === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(post === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(post === undefined ? {} : { body: JSON.stringify(post) }),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    return { status: response.status, body: await readObject(response) };
  } catch (cause) {
    throw new CliError(
      'CLI_CONTROL_UNREACHABLE',
      `cannot ask the control plane at ${control}: no answer that makes sense; is it the right address, and is proofmark up running there?`,
      { cause },
    );
  }
}

/** An answer in the form that it must have. @throws {CliError} CLI_CONTROL_UNREACHABLE */
export function parseAnswer<T>(schema: z.ZodType<T>, answer: JsonObject): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw new CliError(
    'CLI_CONTROL_UNREACHABLE',
    'cannot understand the control plane: its answer has another form; is it another release?',
  );
}

/** The refusal of the control plane, with its own code under `details.code`. */
export function refusal(body: JsonObject, status: number): CliError {
  const error = fieldsOf(body['error']);
  const [code, message, fix] = ['code', 'message', 'fix'].map((key) =>
    typeof error[key] === 'string' ? error[key].slice(0, MAX_TEXT) : '',
  );
  return new CliError(
    'CLI_CONTROL_REFUSED',
    `the control plane refused (${code || `status ${status}`}): ${message}; ${fix}`,
    { details: { code: code ?? '', status } },
  );
}

async function readObject(response: Response): Promise<JsonObject> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return fieldsOf(parseStrictJson(Buffer.concat(chunks), { maxBytes: MAX_ANSWER_BYTES }));
}

function fieldsOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}
