/**
 * The project's own WebAssembly engine behind the interface of every engine.
 *
 * @module
 */
import type { Llama } from './llama.ts';
import { BLOCK_TOKENS } from './llama-block.ts';
import type { PrefixCache } from './prefix-cache.ts';
import type { TokenEngine } from './token-engine.ts';

export function createLlamaEngine(llama: Llama, prefixes: PrefixCache): TokenEngine {
  return {
    vocabularySize: llama.config.vocabularySize,
    maxPositions: llama.config.maxPositions,
    blockTokens: BLOCK_TOKENS,
    begin: (prompt) => prefixes.begin(prompt),
    async read(session, tokens, wanted) {
      llama.forward(session, tokens, wanted);
    },
    end: (session) => prefixes.end(session),
  };
}
