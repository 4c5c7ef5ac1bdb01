/**
 * Holds back the end of a streamed answer until the guardrails have seen what follows it.
 *
 * Law: a text that a guardrail objects to, and that is at most `holdBackChars` long, is never sent,
 * not even its first character, however it is cut into chunks. Longer objectionable texts are
 * stopped as soon as a window of `contextChars` plus the new characters shows them, and the whole
 * answer is examined once more before its end is sent.
 *
 * Each text of the answer (content, reasoning, arguments of a tool call) is a channel of its own.
 * When the model goes on to another channel, the one before is examined to its end and sent, once;
 * a channel that the model comes back to is held until the end of the stream.
 *
 * State: belongs to one stream; `push` and `finish` are called one after the other.
 *
 * @module
 */
import type { Json } from '@proofmark/core';

import { GatewayError } from '../errors.ts';
import type { ChatAnswer } from '../openai/chat-answer.ts';
import { withText } from '../openai/json-place.ts';
import type { Place } from '../openai/json-place.ts';
import type { Redaction } from './examine.ts';
import { covers, cutRanges, mergeRanges } from './redaction.ts';
import type { Range } from './redaction.ts';

export interface OutputGateOptions {
  /** Throws when the text must not be sent. */
  readonly examine: (text: string, where: string) => Promise<readonly Redaction[]>;
  /** Told once per guardrail and channel in which something was cut. */
  readonly onRedacted: (guardrail: string, where: string) => void;
  readonly holdBackChars: number;
  readonly stepChars: number;
  readonly contextChars: number;
}

/** One event of the stream with the bytes it came in. */
export interface GateEvent {
  readonly answer: ChatAnswer;
  readonly bytes: Uint8Array;
}

interface Channel {
  readonly name: string;
  /** Everything received, from `base` on. */
  text: string;
  base: number;
  /** Offsets into everything received. */
  examined: number;
  safe: number;
  sent: number;
  cuts: Range[];
  /** Whether all of it, up to `examined`, was examined as one text. */
  wholeSeen: boolean;
  /** Whether its end was already sent because the model went on to another channel. */
  finished: boolean;
}

interface Piece {
  readonly channel: Channel;
  readonly place: Place;
  readonly text: string;
  readonly start: number;
}

interface Held {
  readonly event: GateEvent;
  readonly pieces: readonly Piece[];
}

/** Characters of a channel that are kept for the examination of the whole answer. */
const MAX_WHOLE = 256 * 1024;

export class OutputGate {
  readonly #options: OutputGateOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #current = new Map<string, Channel>();
  #held: Held[] = [];

  constructor(options: OutputGateOptions) {
    this.#options = options;
  }

  /** Takes the next event; gives the bytes of the events that may be sent now, in order. */
  async push(event: GateEvent): Promise<Uint8Array[]> {
    const pieces: Piece[] = [];
    for (const { channel: name, text, place } of event.answer.texts) {
      const channel = this.#channel(name);
      await this.#goOn(channel);
      pieces.push({ channel, place, text, start: channel.base + channel.text.length });
      channel.text += text;
    }
    this.#held.push({ event, pieces });
    for (const channel of new Set(pieces.map((piece) => piece.channel))) {
      const end = channel.base + channel.text.length;
      if (end - channel.examined >= this.#options.stepChars) await this.#examine(channel);
    }
    return this.#release();
  }

  /** Examines what is left, and every channel as a whole; gives everything that was held. */
  async finish(): Promise<Uint8Array[]> {
    for (const channel of this.#channels.values()) await this.#examineWhole(channel);
    const rest = this.#held;
    this.#held = [];
    return rest.map(render);
  }

  #channel(name: string): Channel {
    const known = this.#channels.get(name);
    if (known !== undefined) return known;
    const channel: Channel = {
      name,
      text: '',
      base: 0,
      examined: 0,
      safe: 0,
      sent: 0,
      cuts: [],
      wholeSeen: false,
      finished: false,
    };
    this.#channels.set(name, channel);
    return channel;
  }

  /** Sends the end of the channel before, the first time that its choice goes on to another one. */
  async #goOn(channel: Channel): Promise<void> {
    const choice = channel.name.slice(0, channel.name.indexOf(']') + 1);
    const before = this.#current.get(choice);
    this.#current.set(choice, channel);
    if (before === undefined || before === channel || before.finished) return;
    await this.#examineWhole(before);
    before.finished = true;
  }

  /** Examines what is new, with its context. */
  async #examine(channel: Channel): Promise<void> {
    const { holdBackChars, contextChars } = this.#options;
    const from = channel.examined - Math.max(contextChars, holdBackChars);
    await this.#examineFrom(channel, Math.max(channel.base, from));
    channel.safe = Math.max(channel.safe, channel.examined - holdBackChars);
    this.#forget(channel);
  }

  /** Examines the channel as one text, or what is kept of it; all of it may be sent then. */
  async #examineWhole(channel: Channel): Promise<void> {
    const end = channel.base + channel.text.length;
    if (end > channel.examined || !channel.wholeSeen)
      await this.#examineFrom(channel, channel.base);
    channel.safe = end;
  }

  async #examineFrom(channel: Channel, from: number): Promise<void> {
    const end = channel.base + channel.text.length;
    const found = await this.#options.examine(
      channel.text.slice(from - channel.base),
      channel.name,
    );
    this.#cut(channel, found, from);
    channel.examined = end;
    channel.wholeSeen = from === 0;
  }

  #cut(channel: Channel, found: readonly Redaction[], offset: number): void {
    const cuts = found.map(({ start, end }) => ({ start: start + offset, end: end + offset }));
    for (const { start, end } of cuts) {
      if (!covers(channel.cuts, start, Math.min(end, channel.sent))) throw tooLate(channel.name);
    }
    channel.cuts = mergeRanges([...channel.cuts, ...cuts]);
    for (const { guardrail } of found) this.#options.onRedacted(guardrail, channel.name);
  }

  /** Very long texts keep only what the next window needs. */
  #forget(channel: Channel): void {
    const end = channel.base + channel.text.length;
    if (end <= MAX_WHOLE) return;
    const keep = Math.min(channel.examined, channel.sent) - this.#options.contextChars;
    if (keep <= channel.base) return;
    channel.text = channel.text.slice(keep - channel.base);
    channel.base = keep;
  }

  /**
   * Gives every event before the first one whose text must wait. Events without text wait for a text
   * after them, so that an answer whose very beginning is blocked is still an ordinary error.
   */
  #release(): Uint8Array[] {
    const waiting = this.#held.findIndex(({ pieces }) => !pieces.every(isSafe));
    const free = waiting === -1 ? this.#held : this.#held.slice(0, waiting);
    const count = free.findLastIndex(({ pieces }) => pieces.length > 0) + 1;
    this.#held = this.#held.slice(count);
    return free.slice(0, count).map(render);
  }
}

function isSafe({ channel, start, text }: Piece): boolean {
  return start + text.length <= channel.safe;
}

/** The event's own bytes, or the event written again without what was cut. */
function render({ event, pieces }: Held): Uint8Array {
  let value: Json = event.answer.value;
  let changed = false;
  for (const { channel, place, text, start } of pieces) {
    channel.sent = Math.max(channel.sent, start + text.length);
    const rest = cutRanges(text, start, channel.cuts);
    if (rest === text) continue;
    changed = true;
    value = withText(value, place, rest);
  }
  return changed ? Buffer.from(`data: ${JSON.stringify(withoutLogprobs(value))}\n\n`) : event.bytes;
}

/** Log probabilities repeat the tokens of the text. */
export function withoutLogprobs(value: Json): Json {
  const choices =
    typeof value === 'object' && value !== null && 'choices' in value ? value['choices'] : null;
  if (!Array.isArray(choices)) return value;
  return {
    ...(value as { readonly [key: string]: Json }),
    choices: (choices as readonly Json[]).map((choice) =>
      typeof choice === 'object' && choice !== null && 'logprobs' in choice
        ? { ...choice, logprobs: null }
        : choice,
    ),
  };
}

function tooLate(where: string): GatewayError {
  return new GatewayError(
    'GATEWAY_GUARDRAIL_BLOCKED',
    `cannot go on with ${where}: a guardrail wants text redacted whose beginning was already sent; ask the owner of this route to hold back more`,
    { details: { param: where, code: 'redaction_too_late' } },
  );
}
