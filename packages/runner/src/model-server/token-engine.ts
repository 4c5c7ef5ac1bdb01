/**
 * What computes: reads tokens, leaves the logits of the next one. Everything around it (requests,
 * tokenizer, chat template, sampling, HTTP) is the same for every engine.
 *
 * @module
 */

export interface TokenEngine {
  /** Logits per token; every token id is below it. */
  readonly vocabularySize: number;
  /** Tokens of prompt and answer together. */
  readonly maxPositions: number;
  /** Tokens of a prompt that are read in one go, before other answers get their turn. */
  readonly blockTokens: number;
  /**
   * A session for `prompt`. It may already have read a beginning of it, never its last token; what it
   * has read is `session.tokens`.
   *
   * @throws {ServeError} overloaded
   */
  begin(prompt: readonly number[]): Session;
  /**
   * Appends `tokens` (at least one) to the session and, where `wanted`, leaves the logits of the token
   * after them in `session.logits`.
   *
   * @throws {ServeError} context_length_exceeded when the session has no room for them
   */
  read(session: Session, tokens: readonly number[], wanted: boolean): Promise<void>;
  /** Takes a session of `begin` back; the caller must not use it afterwards. */
  end(session: Session): void;
}

/** The state of one sequence. */
export interface Session {
  readonly tokens: readonly number[];
  readonly logits: Float32Array;
}
