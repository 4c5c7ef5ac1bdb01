/**
 * Asks the candidate what the live model was asked, and reads the text of its first choice.
 *
 * The answer goes through the route's output guardrails as a live one would, goes to the evaluators,
 * and is then forgotten: it reaches no client, and a tool call in it is text that nobody executes.
 *
 * @module
 */
import { GatewayError } from '../errors.ts';
import type { CompiledRoute } from '../generation.ts';
import { examine } from '../guard/examine.ts';
import { cutRanges, mergeRanges } from '../guard/redaction.ts';
import { VerdictLog } from '../guard/verdict-log.ts';
import { readChatAnswer } from '../openai/chat-answer.ts';
import type { ChatAnswer } from '../openai/chat-answer.ts';
import { eventData, eventsOf } from '../openai/sse-event.ts';
import { callUpstream } from '../upstream/call.ts';
import type { UpstreamAnswer } from '../upstream/call.ts';
import type { Lease } from '../upstream/connection-pool.ts';
import type { ShadowLimits } from './lane.ts';

export interface Copy {
  readonly route: CompiledRoute;
  /** What the live model was sent: after redaction. */
  readonly body: Uint8Array;
  readonly stream: boolean;
  readonly task: string;
  readonly asked: string;
  readonly traceparent: string;
  readonly limits: ShadowLimits;
  /** Aborted when the lane ends. */
  readonly signal: AbortSignal;
}

const CHANNEL = 'choices[0].content';
const MAX_CHARS = 64 * 1024;

/** @throws {GatewayError} whatever would have kept this answer from a client */
export async function askCandidate(lease: Lease, copy: Copy): Promise<string> {
  const { firstByteMs, totalMs, responseBytes } = copy.limits;
  const upstream = await callUpstream(lease, {
    body: copy.body,
    stream: copy.stream,
    traceparent: copy.traceparent,
    limits: { firstByteMs, idleMs: firstByteMs, totalMs, responseBytes },
    signal: copy.signal,
  });
  try {
    if (upstream.status !== 200) throw refused(upstream.status);
    const text = copy.stream ? await readStream(upstream, copy) : await readWhole(upstream, copy);
    const cuts = await examine(text, {
      bindings: copy.route.guardrails,
      stage: 'output',
      where: 'shadow',
      task: copy.task,
      asked: copy.asked,
      timeoutMs: copy.route.limits.guardrailMs,
      signal: copy.signal,
      log: new VerdictLog(),
    });
    // The text of a live stream is scored before redaction, so this one is too.
    return copy.stream || cuts.length === 0 ? text : cutRanges(text, 0, mergeRanges(cuts));
  } finally {
    upstream.cancel();
  }
}

async function readWhole(upstream: UpstreamAnswer, { route }: Copy): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of upstream.body) chunks.push(chunk);
  return textOf(readChatAnswer(Buffer.concat(chunks), 'message', route.answerNames));
}

async function readStream(upstream: UpstreamAnswer, { route }: Copy): Promise<string> {
  let text = '';
  for await (const event of eventsOf(upstream.body)) {
    const data = eventData(event);
    if (data === null) continue;
    if (data === '[DONE]') return text;
    text += textOf(readChatAnswer(data, 'delta', route.answerNames));
    text = text.slice(0, MAX_CHARS);
  }
  throw refused(200);
}

function textOf({ texts }: ChatAnswer): string {
  return texts
    .filter(({ channel }) => channel === CHANNEL)
    .map(({ text }) => text)
    .join('')
    .slice(0, MAX_CHARS);
}

function refused(status: number): GatewayError {
  return new GatewayError(
    'GATEWAY_UPSTREAM_UNAVAILABLE',
    `the candidate gave no whole answer (status ${status})`,
  );
}
