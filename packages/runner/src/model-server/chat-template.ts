/**
 * Turns chat messages into the tokens the model was trained on.
 *
 * This is not a Jinja engine: a template is code, and code in a model folder is what the scanner
 * exists for. The server knows one template, compares `chat_template` with it byte for byte, and
 * refuses any other. Special tokens come from the tokenizer's table, never from message text.
 *
 * @module
 */
import { ServeError } from './errors.ts';
import type { JsonObject } from './json-object.ts';
import type { Tokenizer } from './tokenizer.ts';

export type ChatRole = 'system' | 'user' | 'assistant' | 'tool';

export interface ChatMessage {
  readonly role: ChatRole;
  readonly content: string;
}

/** Each message between its role's token and `<|end|>`, then the token that lets the model speak. */
const KNOWN_TEMPLATE =
  "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

export interface ChatTemplate {
  /** Token that ends a message. */
  readonly end: number;
  /**
   * The prompt, at most `maxTokens` long. Older messages are dropped, oldest first and without gaps;
   * system messages and the newest message stay.
   *
   * @throws {ServeError} context_length_exceeded when those alone are too long
   */
  render(messages: readonly ChatMessage[], maxTokens: number): number[];
}

/** Reads `tokenizer_config.json`. @throws {ServeError} model_invalid */
export function readChatTemplate(config: JsonObject, tokenizer: Tokenizer): ChatTemplate {
  if (config['chat_template'] !== KNOWN_TEMPLATE) {
    throw new ServeError(
      'model_invalid',
      'cannot load tokenizer_config.json: its chat_template is not the one this server renders',
    );
  }
  const end = tokenizer.special('<|end|>');
  const roles: Readonly<Record<ChatRole, number>> = {
    system: tokenizer.special('<|system|>'),
    user: tokenizer.special('<|user|>'),
    assistant: tokenizer.special('<|assistant|>'),
    tool: tokenizer.special('<|tool|>'),
  };
  return {
    end,
    render(messages, maxTokens) {
      const left = maxTokens - 1;
      const kept = fit(messages, left, ({ role, content }, room) => {
        // Longer than any encoding that fits: not worth a tokenizer's time.
        if (content.length > room * tokenizer.maxTokenBytes) return null;
        const tokens = [roles[role], ...tokenizer.encode(content), end];
        return tokens.length > room ? null : tokens;
      });
      return [...kept, roles.assistant];
    },
  };
}

/** The tokens of a message, or null when they are more than `room`. */
type Encode = (message: ChatMessage, room: number) => readonly number[] | null;

/** System messages and the newest message first, then older ones from the newest while they fit. */
function fit(messages: readonly ChatMessage[], maxTokens: number, encode: Encode): number[] {
  const parts = new Map<number, readonly number[]>();
  let left = maxTokens;
  const keep = (index: number): boolean => {
    const message = messages[index];
    const tokens = message === undefined ? null : encode(message, left);
    if (tokens === null) return false;
    parts.set(index, tokens);
    left -= tokens.length;
    return true;
  };
  const newest = messages.length - 1;
  const needed = messages.flatMap(({ role }, i) => (role === 'system' || i === newest ? [i] : []));
  if (!needed.every(keep)) {
    throw new ServeError(
      'context_length_exceeded',
      `the system messages and the newest message need more than the ${maxTokens} tokens the context leaves for them; shorten them`,
      'messages',
    );
  }
  for (let i = newest - 1; i >= 0; i -= 1) {
    if (!parts.has(i) && !keep(i)) break;
  }
  return [...parts].toSorted(([a], [b]) => a - b).flatMap(([, tokens]) => tokens);
}
