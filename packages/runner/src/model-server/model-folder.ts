/**
 * Loads the model folder, and says by digest exactly which bytes it loaded.
 *
 * Every file is read once: what was hashed is what is used.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { readChatTemplate } from './chat-template.ts';
import type { ChatTemplate } from './chat-template.ts';
import { ServeError } from './errors.ts';
import { loadLlama, readLlamaConfig } from './llama.ts';
import type { Llama } from './llama.ts';
import { readSafetensors } from './safetensors.ts';
import { readTokenizer } from './tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface LoadedModel {
  readonly llama: Llama;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  /** SHA-256 of every file of the folder as it was read, by relative path. */
  readonly modelFiles: Readonly<Record<string, string>>;
}

/** @throws {ServeError} model_invalid */
export function loadModelFolder(folder: string): LoadedModel {
  const files = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    files.set(path.relative(folder, file), readFileSync(file));
  }
  const take = (name: string): Buffer => {
    const bytes = files.get(name);
    if (bytes === undefined) throw new ServeError('model_invalid', `the model has no ${name}`);
    return bytes;
  };
  const tokenizer = readTokenizer(take('tokenizer.json').toString('utf8'));
  const config = readLlamaConfig(take('config.json').toString('utf8'));
  if (tokenizer.vocabularySize > config.vocabularySize) {
    throw new ServeError('model_invalid', 'the tokenizer has more tokens than the model');
  }
  return {
    tokenizer,
    llama: loadLlama(config, readSafetensors(take('model.safetensors'))),
    template: readChatTemplate(take('tokenizer_config.json').toString('utf8'), tokenizer),
    modelFiles: Object.fromEntries(
      [...files].map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]),
    ),
  };
}
