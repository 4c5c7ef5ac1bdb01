/**
 * A whole answer: collected, examined, receipted, then sent.
 *
 * The client gets the model server's exact bytes, unless a guardrail redacted something. Nothing is
 * sent before the receipt is durable.
 *
 * @module
 */
import { sha256Hex } from '@proofmark/core';
import type { Json } from '@proofmark/core';

import type { Exchange } from '../exchange.ts';
import type { CompiledRoute } from '../generation.ts';
import { examine } from '../guard/examine.ts';
import { withoutLogprobs } from '../guard/output-gate.ts';
import { cutRanges, mergeRanges } from '../guard/redaction.ts';
import type { AnswerWriter } from '../http/answer-writer.ts';
import { readChatAnswer } from '../openai/chat-answer.ts';
import type { ChatAnswer } from '../openai/chat-answer.ts';
import { placeName, withText } from '../openai/json-place.ts';
import type { ReceiptIssuer } from '../receipt/issuer.ts';
import type { UpstreamAnswer } from '../upstream/call.ts';
import { keepText } from './score.ts';
import { receiptFacts } from './receipt.ts';

/** What a step needs besides the exchange. */
export interface AnswerParts {
  readonly route: CompiledRoute;
  readonly issuer: ReceiptIssuer;
  readonly clock: () => number;
  readonly writer: AnswerWriter;
}

/** @throws {GatewayError} before anything was sent */
export async function answerWhole(
  exchange: Exchange,
  upstream: UpstreamAnswer,
  parts: AnswerParts,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of upstream.body) chunks.push(chunk);
  const received = Buffer.concat(chunks);
  const answer = readChatAnswer(received, 'message', parts.route.answerNames);
  noteAnswer(exchange, answer);
  const sent = await guardOutput(exchange, answer, parts.route);
  const body = sent === answer.value ? received : Buffer.from(JSON.stringify(sent), 'utf8');
  exchange.outcome = 'answered';
  exchange.status = 200;
  const response = { digest: sha256Hex(body), status: 200, stream: null };
  await parts.issuer.seal(receiptFacts(exchange, response, parts.clock()));
  exchange.receipted = true;
  parts.writer.whole(200, body);
}

/** Keeps what span and ledger say about the answer. */
export function noteAnswer(exchange: Exchange, answer: ChatAnswer): void {
  if (answer.id !== '') exchange.answerId = answer.id.slice(0, 128);
  exchange.claimedModel = answer.model;
  if (answer.usage !== null) exchange.usage = answer.usage;
  if (answer.finishReasons.length > 0) exchange.finishReasons = answer.finishReasons;
}

async function guardOutput(
  exchange: Exchange,
  answer: ChatAnswer,
  route: CompiledRoute,
): Promise<Json> {
  let value: Json = answer.value;
  for (const { place, text, channel } of answer.texts) {
    const where = placeName(place);
    const cuts = await examine(text, {
      bindings: route.guardrails,
      stage: 'output',
      where,
      task: exchange.request?.task ?? '',
      asked: exchange.request?.asked ?? '',
      timeoutMs: route.limits.guardrailMs,
      signal: exchange.gone.signal,
      log: exchange.verdicts,
    });
    const rest = cuts.length === 0 ? text : cutRanges(text, 0, mergeRanges(cuts));
    keepText(exchange, channel, rest);
    if (rest === text) continue;
    value = withText(value, place, rest);
    for (const { guardrail } of cuts) exchange.verdicts.redacted(guardrail, where);
  }
  return value === answer.value ? value : withoutLogprobs(value);
}
