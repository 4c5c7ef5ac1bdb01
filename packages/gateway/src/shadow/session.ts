/**
 * Which requests belong together, and which sessions are copied to the candidate.
 *
 * The session is the unit of evidence, because requests of one session are correlated. In this
 * order it is what the client says in `x-session-id`, or in the request's `user`, or else the
 * conversation: everything up to and including the first user message, which later turns repeat.
 * Always within one tenant, so tenants cannot disturb each other's sessions. Equal conversations
 * are one session: that costs evidence and never invents any.
 *
 * @module
 */
import { createHmac } from 'node:crypto';

import { canonicalJson } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

const MAX_ID_CHARS = 256;

export interface SessionParts {
  readonly secret: Uint8Array;
  /** Keyed name of the tenant. */
  readonly tenant: string;
  /** The `x-session-id` header. */
  readonly header: string | undefined;
  readonly request: JsonObject;
}

/** 64 hex characters that say nothing about the session to whoever lacks the secret. */
export function sessionOf({ secret, tenant, header, request }: SessionParts): string {
  const named = header ?? textOf(request['user']) ?? '';
  const what =
    named === ''
      ? ['conversation', canonicalJson(opening(request['messages']))]
      : [header === undefined ? 'user' : 'header', named.slice(0, MAX_ID_CHARS)];
  return createHmac('sha256', secret)
    .update(canonicalJson(['shadow session', tenant, ...what]))
    .digest('hex');
}

/**
 * Whether a session is copied: decided by a keyed hash before any answer exists, the same for all
 * its requests, and independent between runs.
 */
export function isSampled(
  secret: Uint8Array,
  runId: string,
  session: string,
  share: number,
): boolean {
  const hash = createHmac('sha256', secret)
    .update(canonicalJson(['shadow sample', runId, session]))
    .digest();
  return hash.readUInt32BE(0) / 2 ** 32 < share;
}

function opening(messages: Json | undefined): readonly Json[] {
  if (!Array.isArray(messages)) return [];
  const list = messages as readonly Json[];
  const first = list.findIndex((message) => isUser(message));
  return list.slice(0, first + 1);
}

function isUser(message: Json): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    !Array.isArray(message) &&
    (message as JsonObject)['role'] === 'user'
  );
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
