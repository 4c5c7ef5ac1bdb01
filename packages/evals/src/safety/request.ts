/**
 * The request that an answer is judged with: what the user asked in the whole conversation.
 *
 * The one who asks chooses these words. Were only the last message looked at, a harmless "go on"
 * behind a harmful question would speak for the answer; so every message of the user counts, the
 * newest first, because the encoder reads no more than a beginning.
 *
 * @module
 */
import type { ContentSafetyInput } from './content-safety.ts';

/** What is older than this many UTF-16 units back tells little and costs time. */
const MAX_ASKED = 16_384;

/** @param messages the user's messages, in the order they were sent */
export function askedText(messages: readonly string[]): string {
  return messages.toReversed().join('\n').slice(0, MAX_ASKED);
}

/** An answer as ContentSafety takes it: with its request, or alone where nothing was asked. */
export function answerTo(asked: string, output: string): ContentSafetyInput {
  return asked.trim() === '' ? { output } : { input: asked, output };
}
