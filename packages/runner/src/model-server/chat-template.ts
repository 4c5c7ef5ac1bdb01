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
   * The prompt, at most `maxTokens` long. Older messages are dropped first; system messages and the
   * newest message stay.
   *
   * @throws {ServeError} context_length_exceeded when those alone are too long
   */
  render(messages: readonly ChatMessage[], maxTokens: number): number[];
}

/** Reads `tokenizer_config.json`. @throws {ServeError} model_invalid */
export function readChatTemplate(text: string, tokenizer: Tokenizer): ChatTemplate {
  const config = JSON.parse(text) as { readonly chat_template?: unknown };
  if (config.chat_template !== KNOWN_TEMPLATE) {
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
  const encode = ({ role, content }: ChatMessage): number[] => [
    roles[role],
    ...tokenizer.encode(content),
    end,
  ];
  return {
    end,
    render: (messages, maxTokens) => [...fit(messages, encode, maxTokens - 1), roles.assistant],
  };
}

function fit(
  messages: readonly ChatMessage[],
  encode: (message: ChatMessage) => number[],
  maxTokens: number,
): number[] {
  const parts = messages.map((message) => ({ tokens: encode(message), message }));
  const size = (list: typeof parts): number => list.reduce((n, { tokens }) => n + tokens.length, 0);
  let kept = parts;
  while (size(kept) > maxTokens) {
    const oldest = kept.findIndex(
      ({ message }, i) => message.role !== 'system' && i < kept.length - 1,
    );
    if (oldest < 0) {
      throw new ServeError(
        'context_length_exceeded',
        `the messages need ${size(kept) + 1} tokens and the context leaves ${maxTokens + 1}; shorten them`,
        'messages',
      );
    }
    kept = kept.toSpliced(oldest, 1);
  }
  return kept.flatMap(({ tokens }) => tokens);
}
