/**
 * The Llama architecture, forward only: RMSNorm, rotary positions, grouped-query attention, SwiGLU.
 *
 * Tensor names and the rotary layout (halves, not pairs) are those of Hugging Face's
 * LlamaForCausalLM, so that other runtimes load the same folder. There is nothing between the
 * verified bytes and the arithmetic: no native addon, no quantisation, no cache on disk. Sequences
 * may be interleaved. A token's numbers do not depend on the block it was computed in, so that a
 * prefix read earlier is as good as one read again, to the bit.
 *
 * @module
 */
import { ARENA_MAX_BYTES, createArena } from './arena.ts';
import { ServeError } from './errors.ts';
import { createKeyValueCache } from './key-value-cache.ts';
import { BLOCK_TOKENS, makeScratch, readBlock, readLogits } from './llama-block.ts';
import type { Engine } from './llama-block.ts';
import type { LlamaConfig } from './llama-config.ts';
import { loadWeights } from './llama-weights.ts';
import type { Tensor } from './safetensors.ts';
import type { Session } from './token-engine.ts';
import { rotaryTable } from './vectors.ts';

export interface Llama {
  readonly config: LlamaConfig;
  /** How many more sessions there may be at once. */
  readonly freeSessions: number;
  /** An empty sequence; give it back with `release`. @throws {ServeError} overloaded */
  session(): Session;
  /**
   * A sequence that begins with the first `length` tokens of `session`, without reading them again.
   *
   * @throws {ServeError} overloaded
   */
  fork(session: Session, length: number): Session;
  /** Gives the memory of a sequence back; the session is closed afterwards. */
  release(session: Session): void;
  /**
   * Appends `tokens` (at least one) to the sequence and, where `wanted`, leaves the logits of the
   * token after them in `session.logits`.
   *
   * @throws {ServeError} context_length_exceeded when the sequence has no room for them
   * @throws {RangeError} for a token that is not in the vocabulary, or a closed session
   */
  forward(session: Session, tokens: readonly number[], wanted: boolean): void;
}

/** What only this module knows of a session. */
interface Sequence {
  readonly slot: number;
  readonly tokens: number[];
}

/** Answers in progress (see http.ts) and prefixes kept between them (see prefix-cache.ts). */
const MAX_SESSIONS = 34;

/** Puts configuration and weights together. @throws {ServeError} model_invalid */
export function loadLlama(config: LlamaConfig, tensors: ReadonlyMap<string, Tensor>): Llama {
  const engine = createEngine(config, tensors);
  const { cache } = engine;
  const open = new Map<Session, Sequence>();
  const sequenceOf = (session: Session): Sequence => {
    const sequence = open.get(session);
    if (sequence === undefined) throw new RangeError('the session is closed');
    return sequence;
  };
  const start = (prefix: readonly number[]): Session => {
    const sequence = { slot: cache.take(), tokens: [...prefix] };
    const logits = new Float32Array(config.vocabularySize);
    const session = { tokens: sequence.tokens, logits };
    open.set(session, sequence);
    return session;
  };
  return {
    config,
    get freeSessions() {
      return cache.free;
    },
    session: () => start([]),
    fork(session, length) {
      const { slot, tokens } = sequenceOf(session);
      const copy = start(tokens.slice(0, length));
      cache.copy(slot, sequenceOf(copy).slot, copy.tokens.length);
      return copy;
    },
    release(session) {
      cache.give(sequenceOf(session).slot);
      open.delete(session);
    },
    forward(session, tokens, wanted) {
      const sequence = sequenceOf(session);
      checkTokens(config, sequence.tokens.length, tokens);
      for (let from = 0; from < tokens.length; from += BLOCK_TOKENS) {
        const block = tokens.slice(from, from + BLOCK_TOKENS);
        readBlock(engine, sequence.slot, sequence.tokens.length, block);
        sequence.tokens.push(...block);
      }
      if (wanted) readLogits(engine, (tokens.length - 1) % BLOCK_TOKENS, session.logits);
    },
  };
}

function createEngine(config: LlamaConfig, tensors: ReadonlyMap<string, Tensor>): Engine {
  const arena = createArena(ARENA_MAX_BYTES);
  return {
    config,
    arena,
    weights: loadWeights(arena, config, tensors),
    scratch: makeScratch(arena, config),
    rotary: rotaryTable(config.maxPositions, config.headSize, config.ropeTheta),
    cache: createKeyValueCache(arena, {
      layers: config.layers,
      width: config.keyValueHeads * config.headSize,
      positions: config.maxPositions,
      maxSlots: MAX_SESSIONS,
    }),
  };
}

/** All sequences share one memory: a position or token out of range would be another's. */
function checkTokens(config: LlamaConfig, position: number, tokens: readonly number[]): void {
  if (position + tokens.length > config.maxPositions) {
    throw new ServeError('context_length_exceeded', 'the sequence has no room for a token');
  }
  const isKnown = (token: number): boolean =>
    Number.isInteger(token) && token >= 0 && token < config.vocabularySize;
  if (tokens.length === 0 || !tokens.every(isKnown)) {
    throw new RangeError('tokens of the vocabulary were expected');
  }
}
