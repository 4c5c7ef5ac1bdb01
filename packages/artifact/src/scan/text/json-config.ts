/**
 * JSON files of a model: configurations, tokenizers, indexes (rules C-1, C-2, C-4, S-8, G-1).
 *
 * What a key means depends on the file only where the format says so; keys that make a loader run
 * code are looked for at any depth of any JSON file.
 *
 * @module
 */
import { CoreError, excerpt, parseStrictJson } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import { readAll } from '../byte-source.ts';
import type { Inspection } from '../inspection.ts';
import { checkKerasConfig, looksLikeKeras } from '../graph/keras-config.ts';
import { checkTensorflowJs } from '../graph/tensorflow-js.ts';
import { checkZarr } from '../tensor/zarr.ts';
import { checkComponents } from './component.ts';
import { checkDocument } from './document.ts';
import { checkTargets } from './target.ts';
import { readTemplate } from './template.ts';

const MAX_JSON_BYTES = 256 * 1024 * 1024;

export function readJson(inspection: Inspection): void {
  inspection.format = 'json';
  const { place, source } = inspection;
  const base = place.name.slice(place.name.lastIndexOf('/') + 1).toLowerCase();
  const bytes = readAll(source, MAX_JSON_BYTES);
  inspection.spend(Math.ceil(bytes.length / 64));
  let value: Json;
  try {
    value = parseStrictJson(withoutMark(bytes), { maxBytes: MAX_JSON_BYTES });
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    if (base.endsWith('.jsonl') || isLines(bytes)) return readLines(inspection, bytes);
    const keras = place.within === 'keras-zip';
    const id = keras ? (error.message.includes('twice') ? 'K-2' : 'K-4') : 'C-4';
    inspection.report(id, `the JSON is malformed: ${error.message}`);
    return;
  }
  inspection.format = formatOf(base, value);
  judge(inspection, base, value);
}

function judge(inspection: Inspection, base: string, value: Json): void {
  checkDocument(inspection, value);
  checkComponents(inspection, base, value);
  checkZarr(inspection, base, value);
  if (looksLikeKeras(value) || inspection.place.within === 'keras-zip') {
    checkKerasConfig(inspection, value);
  }
  if (!isObject(value)) {
    if (base.startsWith('chat_template') && typeof value === 'string') {
      readTemplate(inspection, value, { name: base, offset: null });
    }
    return;
  }
  checkTensorflowJs(inspection, value);
  const weightMap = value['weight_map'];
  if (base.endsWith('.index.json') && isObject(weightMap)) checkShards(inspection, weightMap);
}

function formatOf(base: string, value: Json): string {
  if (base === 'tokenizer_config.json') return 'tokenizer-config';
  if (base.endsWith('.safetensors.index.json')) return 'safetensors-index';
  if (!isObject(value)) return 'json';
  if ('learner' in value && 'version' in value) return 'xgboost-json';
  if ('model_type' in value || 'architectures' in value || 'auto_map' in value) return 'hf-config';
  return 'json';
}

function checkShards(inspection: Inspection, weightMap: JsonObject): void {
  const { path, folder } = inspection.job;
  const base = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
  const missing = new Set<string>();
  for (const [tensor, shard] of Object.entries(weightMap)) {
    if (typeof shard !== 'string' || shard.includes('..') || shard.startsWith('/')) {
      inspection.report('S-8', `the tensor ${excerpt(tensor)} names a file outside the folder`);
      return;
    }
    const names = folder.tensorNames.get(base + shard);
    if (folder.siblings.get(base + shard)?.kind !== 'file') missing.add(shard);
    else if (names !== undefined && !names.has(tensor)) {
      inspection.report('S-8', `the file ${excerpt(shard)} lacks the tensor ${excerpt(tensor)}`);
      return;
    }
  }
  for (const shard of [...missing].slice(0, 4)) {
    inspection.report('S-8', `the file ${excerpt(shard)} is not in the folder`);
  }
}

function isLines(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 1 << 16)).toString('utf8');
  return /^\s*\{[^\n]*\}\s*\n\s*\{/.test(head);
}

/** JSON lines: each line is judged as a document of its own. */
function readLines(inspection: Inspection, bytes: Uint8Array): void {
  inspection.format = 'jsonl';
  for (const line of Buffer.from(bytes).toString('utf8').split('\n')) {
    if (line.trim() === '') continue;
    try {
      checkTargets(inspection, parseStrictJson(line), 0);
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      inspection.report('C-4', 'a line of the file is not JSON');
      return;
    }
  }
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
