/**
 * Input guardrails: every user message, tool result and document, before the model sees any of it.
 *
 * @module
 */
import type { Json } from '@proofmark/core';

import type { Exchange } from '../exchange.ts';
import type { CompiledRoute } from '../generation.ts';
import { examine } from '../guard/examine.ts';
import { cutRanges, mergeRanges } from '../guard/redaction.ts';
import type { ChatRequest } from '../openai/chat-request.ts';
import { placeName, withText } from '../openai/json-place.ts';

/**
 * @returns the body for the model: the client's own bytes unless a guardrail redacted something
 * @throws {GatewayError} GATEWAY_GUARDRAIL_BLOCKED, GATEWAY_GUARDRAIL_ERROR
 */
export async function guardInput(
  exchange: Exchange,
  route: CompiledRoute,
  request: ChatRequest,
  body: Uint8Array,
): Promise<Uint8Array> {
  let value: Json = request.value;
  for (const { stage, place, text } of request.texts) {
    const where = placeName(place);
    const cuts = await examine(text, {
      bindings: route.guardrails,
      stage,
      where,
      task: request.task,
      asked: request.asked,
      timeoutMs: route.limits.guardrailMs,
      signal: exchange.gone.signal,
      log: exchange.verdicts,
    });
    if (cuts.length === 0) continue;
    value = withText(value, place, cutRanges(text, 0, mergeRanges(cuts)));
    for (const { guardrail } of cuts) exchange.verdicts.redacted(guardrail, where);
  }
  return value === request.value ? body : Buffer.from(JSON.stringify(value), 'utf8');
}
