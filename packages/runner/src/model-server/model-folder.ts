/**
 * Loads the model folder, and says by digest exactly which bytes it loaded.
 *
 * Every file is read once: what was hashed is what is used. A link or anything else that is no plain
 * file stops the load, because its bytes could not be vouched for.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { readChatTemplate } from './chat-template.ts';
import type { ChatTemplate } from './chat-template.ts';
import { ServeError } from './errors.ts';
import { readJsonObject } from './json-object.ts';
import { loadLlama } from './llama.ts';
import type { Llama } from './llama.ts';
import { readLlamaConfig } from './llama-config.ts';
import { createPrefixCache } from './prefix-cache.ts';
import type { PrefixCache } from './prefix-cache.ts';
import { readSafetensors } from './safetensors.ts';
import { readTokenizer } from './tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface LoadedModel {
  readonly llama: Llama;
  readonly prefixes: PrefixCache;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  /** SHA-256 of every file of the folder as it was read, by '/'-separated relative path. */
  readonly modelFiles: Readonly<Record<string, string>>;
}

const MAX_FILES = 10_000;

/** @throws {ServeError} model_invalid */
export function loadModelFolder(folder: string): LoadedModel {
  const files = readFiles(folder);
  const take = (name: string): Uint8Array => {
    const bytes = files.get(name);
    if (bytes === undefined) throw new ServeError('model_invalid', `the model has no ${name}`);
    return bytes;
  };
  const json = (name: string): ReturnType<typeof readJsonObject> =>
    readJsonObject(take(name), name);
  const tokenizer = readTokenizer(json('tokenizer.json'));
  const config = readLlamaConfig(json('config.json'));
  if (tokenizer.vocabularySize > config.vocabularySize) {
    throw new ServeError(
      'model_invalid',
      `the tokenizer has ${tokenizer.vocabularySize} tokens and the model ${config.vocabularySize}; they are not of the same model`,
    );
  }
  const llama = loadLlama(config, readSafetensors(take('model.safetensors')));
  return {
    tokenizer,
    llama,
    prefixes: createPrefixCache(llama),
    template: readChatTemplate(json('tokenizer_config.json'), tokenizer),
    modelFiles: Object.fromEntries(
      Array.from(files, ([name, bytes]) => [
        name,
        createHash('sha256').update(bytes).digest('hex'),
      ]),
    ),
  };
}

function readFiles(folder: string): ReadonlyMap<string, Uint8Array> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  if (entries.length > MAX_FILES) {
    throw new ServeError('model_invalid', `the model folder has more than ${MAX_FILES} entries`);
  }
  const files = new Map<string, Uint8Array>();
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, file).split(path.sep).join('/');
    if (!entry.isFile()) throw new ServeError('model_invalid', `"${name}" is no plain file`);
    files.set(name, readFileSync(file));
  }
  return files;
}
