/**
 * Loads a folder with safetensors weights for the project's own engine.
 *
 * Every file is read once: what was hashed is what is used.
 *
 * @module
 */
import { readText } from './chat-model.ts';
import { readFolder } from './folder-files.ts';
import { loadLlama } from './llama.ts';
import type { Llama } from './llama.ts';
import { readLlamaConfig } from './llama-config.ts';
import { createLlamaEngine } from './llama-engine.ts';
import { createPrefixCache } from './prefix-cache.ts';
import type { PrefixCache } from './prefix-cache.ts';
import type { ServableModel } from './run-server.ts';
import { readSafetensors } from './safetensors.ts';

export interface LoadedModel extends ServableModel {
  readonly llama: Llama;
  readonly prefixes: PrefixCache;
}

/** @throws {ServeError} model_invalid */
export function loadModelFolder(folder: string): LoadedModel {
  const files = readFolder(folder, () => true);
  const config = readLlamaConfig(files.json('config.json'));
  const text = readText(files, config.vocabularySize);
  const llama = loadLlama(config, readSafetensors(files.take('model.safetensors')));
  const prefixes = createPrefixCache(llama);
  return {
    ...text,
    llama,
    prefixes,
    engine: createLlamaEngine(llama, prefixes),
    modelFiles: files.digests,
  };
}
