/**
 * A streamed answer: held back, examined while it arrives, sent event by event, closed only when
 * its receipt is durable.
 *
 *     data: {chunk}            as the model server wrote it, or without what was redacted
 *     data: [DONE]             only after every event was examined and the receipt is durable
 *     : proofmark-receipt ID   a comment, which clients ignore
 *
 * A stream that breaks ends with `event: error` and no `[DONE]`. Before the first event is sent, a
 * failure is an ordinary error answer.
 *
 * @module
 */
import { GatewayError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import { examine } from '../guard/examine.ts';
import { OutputGate } from '../guard/output-gate.ts';
import { readChatAnswer } from '../openai/chat-answer.ts';
import { errorAnswer, errorEvent, toGatewayError } from '../openai/error-body.ts';
import { dataEvent, eventData, eventsOf } from '../openai/sse-event.ts';
import type { ReceiptOutcome } from '../receipt/statement.ts';
import { closingComment } from '../receipt/stream-body.ts';
import { StreamDigest } from '../receipt/stream-digest.ts';
import type { UpstreamAnswer } from '../upstream/call.ts';
import { noteAnswer } from './answer-whole.ts';
import type { AnswerParts } from './answer-whole.ts';
import { receiptFacts } from './receipt.ts';
import { keepText } from './score.ts';

const DONE: Buffer = dataEvent('[DONE]');

/**
 * @param begun settles when the receipt spool knows that this stream begins
 * @throws {GatewayError} only before anything was sent
 */
export async function answerStream(
  exchange: Exchange,
  upstream: UpstreamAnswer,
  parts: AnswerParts,
  begun: Promise<void>,
): Promise<void> {
  const stream = new ClientStream(exchange, parts, begun);
  try {
    await relay(exchange, upstream, parts, stream);
    await stream.close(DONE, 'answered');
  } catch (error) {
    upstream.cancel();
    if (!stream.started) throw error;
    await stream.breakOff(toGatewayError(error));
  }
}

async function relay(
  exchange: Exchange,
  upstream: UpstreamAnswer,
  parts: AnswerParts,
  stream: ClientStream,
): Promise<void> {
  const { guardrails, answerNames } = parts.route;
  const guarded = guardrails.some(({ guardrail }) => guardrail.stage === 'output');
  // Without a guardrail there is nothing to hold back for.
  const gate = guarded ? outputGate(exchange, parts) : null;
  for await (const event of eventsOf(upstream.body)) {
    const data = eventData(event);
    if (data === null) continue;
    if (data === '[DONE]') {
      upstream.cancel();
      for (const bytes of (await gate?.finish()) ?? []) await stream.send(bytes);
      return;
    }
    const answer = readChatAnswer(data, 'delta', answerNames);
    noteAnswer(exchange, answer);
    for (const { channel, text } of answer.texts) keepText(exchange, channel, text);
    const bytes = dataEvent(data, event);
    const sendable = gate === null ? [bytes] : await gate.push({ answer, bytes });
    for (const event of sendable) await stream.send(event);
  }
  throw new GatewayError(
    'GATEWAY_UPSTREAM_UNAVAILABLE',
    'cannot complete the answer: the model server ended it early; try again',
  );
}

function outputGate(exchange: Exchange, { route }: AnswerParts): OutputGate {
  const { holdBackChars, stepChars, contextChars, guardrailMs } = route.limits;
  return new OutputGate({
    examine: (text, where) =>
      examine(text, {
        bindings: route.guardrails,
        stage: 'output',
        where,
        task: exchange.request?.task ?? '',
        asked: exchange.request?.asked ?? '',
        timeoutMs: guardrailMs,
        signal: exchange.gone.signal,
        log: exchange.verdicts,
      }),
    onRedacted: (guardrail, where) => {
      exchange.verdicts.redacted(guardrail, where);
    },
    holdBackChars,
    stepChars,
    contextChars,
  });
}

/** The stream as the client gets it, digested as it is handed to the socket. */
class ClientStream {
  readonly #exchange: Exchange;
  readonly #parts: AnswerParts;
  readonly #begun: Promise<void>;
  readonly #digest = new StreamDigest();
  started = false;

  constructor(exchange: Exchange, parts: AnswerParts, begun: Promise<void>) {
    this.#exchange = exchange;
    this.#parts = parts;
    this.#begun = begun;
  }

  async send(event: Uint8Array): Promise<void> {
    if (!this.started) await this.#start();
    this.#digest.add(event);
    await this.#parts.writer.event(event);
  }

  /** Sends the last event and the closing comment, once the receipt that covers both is durable. */
  async close(last: Buffer, outcome: ReceiptOutcome): Promise<void> {
    if (!this.started) await this.#start();
    await this.#seal(last, outcome);
    this.#parts.writer.endStream(Buffer.concat([last, closingComment(this.#exchange.id)]));
  }

  async #start(): Promise<void> {
    // The header carries the receipt's id, so the spool must know of it first.
    await this.#begun;
    this.#exchange.receipted = true;
    this.started = true;
    this.#exchange.status = 200;
    this.#parts.writer.beginStream();
  }

  async breakOff(error: GatewayError): Promise<void> {
    this.#exchange.errorCode = error.code;
    if (error.code === 'GATEWAY_CLIENT_GONE') {
      await this.#seal(null, 'interrupted').catch(() => undefined);
      return;
    }
    const last = errorEvent(errorAnswer(error));
    const blocked = error.code.startsWith('GATEWAY_GUARDRAIL');
    try {
      await this.close(last, blocked ? 'blocked' : 'failed');
    } catch {
      // The spool holds the beginning of this stream: its receipt will say `unknown`.
      this.#parts.writer.endStream(last);
    }
  }

  async #seal(last: Buffer | null, outcome: ReceiptOutcome): Promise<void> {
    this.#exchange.outcome = outcome;
    const { digest, chain, events } = this.#digest.facts(last);
    const response = { digest, status: 200, stream: { chain, events } };
    const { issuer, clock } = this.#parts;
    await issuer.seal(receiptFacts(this.#exchange, response, clock()));
  }
}
