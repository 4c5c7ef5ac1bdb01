/**
 * Lists of components, by which a library imports what a model is made of (rules C-1, C-2).
 *
 * `modules.json` of sentence-transformers names a class for each step, `model_index.json` of
 * diffusers a library and a class for each part, `adapter_config.json` of PEFT the module of the
 * base model. A name outside the library is imported
 * from wherever it stands. Parts of diffusers name pipelines of its own beside libraries, so of them
 * only modules that are known to run code are told.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import type { Inspection } from '../inspection.ts';
import { knownEffect } from '../pickle/known-effect.ts';

/** Modules whose classes hold weights; a model built from them runs none of its own code. */
const LIBRARY =
  /^(?:sentence_transformers|transformers|diffusers|peft|torch\.nn|timm)(?:\.[A-Za-z_]\w*)*$/;

/** Judges the components of a file with that base name. */
export function checkComponents(inspection: Inspection, base: string, value: Json): void {
  if (base === 'modules.json' && Array.isArray(value)) {
    for (const step of value as readonly Json[]) {
      if (isObject(step) && typeof step['type'] === 'string') checkModule(inspection, step['type']);
    }
  }
  if (!isObject(value)) return;
  if (base === 'model_index.json') checkParts(inspection, value);
  const mapping = value['auto_mapping'];
  if (base === 'adapter_config.json' && isObject(mapping)) {
    const { parent_library: module } = mapping;
    if (typeof module === 'string') checkModule(inspection, module);
  }
}

function checkParts(inspection: Inspection, index: JsonObject): void {
  if (Array.isArray(index['_class_name'])) {
    inspection.report('C-2', 'the loader runs a pipeline that is Python of the model');
  }
  for (const [key, part] of Object.entries(index)) {
    const library = Array.isArray(part) ? (part as readonly Json[])[0] : null;
    if (typeof library !== 'string') continue;
    const effect = knownEffect(library);
    const { path, folder } = inspection.job;
    const file = `${path.slice(0, path.lastIndexOf('/') + 1)}${key}/${library}.py`;
    if (folder.siblings.get(file) !== undefined) {
      inspection.report('C-2', `with trust_remote_code the loader runs ${excerpt(file)}`);
    }
    if (effect === null) continue;
    const what = `loading this model imports ${excerpt(library)}, which ${effect}`;
    inspection.report('C-1', what);
  }
}

/** Judges the module by which MLflow loads a model: one of its own, or code of the model. */
export function checkLoader(inspection: Inspection, module: string): void {
  if (!/^mlflow(?:\.[a-z_]\w*)*$/.test(module)) checkModule(inspection, module);
}

/** Judges a module that a loader imports. */
export function checkModule(inspection: Inspection, path: string): void {
  if (LIBRARY.test(path)) return;
  const effect = knownEffect(path);
  const what = `loading this model imports ${excerpt(path)}`;
  if (effect === null) inspection.report('C-2', `${what}, which is no library of models`);
  else inspection.report('C-1', `${what}, which ${effect}`);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
