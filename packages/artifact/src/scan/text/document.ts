/**
 * Documents of configuration, whatever they were written in: what their keys make a loader do at any
 * depth (rules C-1, C-2, G-1 to G-3).
 *
 * @module
 */
import { CoreError, excerpt, parseStrictJson } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import type { Inspection } from '../inspection.ts';
import { checkTargets } from './target.ts';
import { readTemplate } from './template.ts';

/** Deeper than any reader of ours follows a document. */
const MAX_DEPTH = 128;
const MAX_EMBEDDED_DEPTH = 3;
const LOOKS_LIKE_JSON = /^\s*[{[]\s*["{[\]}]/;
const MAX_EMBEDDED = 16 * 1024 * 1024;
/** Keys whose text is a chat template, by whichever tool. */
const TEMPLATE_KEY = /chat_?templates?|instruction_template|jinja/i;
const TEMPLATE_MARK = /\{[{%]/;

/** Judges a document by its keys and texts. */
export function checkDocument(inspection: Inspection, value: Json): void {
  checkTargets(inspection, value, 0);
  checkRemoteCode(inspection, value, 0);
  checkTemplates(inspection, value, { name: '', isTemplate: false }, 0);
}

/** Judges a text of metadata: a template, or a document of its own, or neither. */
export function checkEmbedded(
  inspection: Inspection,
  key: string,
  text: string,
  offset: number | null,
): void {
  const open: [key: string, text: string, depth: number][] = [[key, text, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [name, value, depth] = next;
    const isTemplate = TEMPLATE_KEY.test(name);
    const document = isTemplate || depth > MAX_EMBEDDED_DEPTH ? null : jsonOf(value);
    if (document === null) {
      checkTemplate(inspection, value, { name, isTemplate }, offset);
      continue;
    }
    checkDocument(inspection, document);
    // Writers put one document into a text of another.
    for (const [inner, content] of textsOf(document, name, 0)) {
      if (LOOKS_LIKE_JSON.test(content)) open.push([inner, content, depth + 1]);
    }
  }
}

function* textsOf(value: Json, key: string, depth: number): Generator<[string, string]> {
  if (typeof value === 'string') yield [key, value];
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value))
    yield* textsOf(member as Json, name, depth + 1);
}

function jsonOf(text: string): Json | null {
  if (!LOOKS_LIKE_JSON.test(text) || text.length > MAX_EMBEDDED) return null;
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (error instanceof CoreError) return null; // not a document, and judged as a text
    throw error;
  }
}

/** `auto_map` and `trust_remote_code`, at any depth. */
function checkRemoteCode(inspection: Inspection, value: Json, depth: number): void {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return;
  if (isObject(value)) {
    const map = value['auto_map'];
    if (isObject(map) && Object.keys(map).length > 0) {
      const what = 'with trust_remote_code the loader runs Python of the model';
      inspection.report('C-2', `${what}: auto_map names ${excerpt(firstText(map))}`);
    }
    if (value['trust_remote_code'] === true) {
      inspection.report('C-2', 'the configuration switches trust_remote_code on');
    }
    if (isObject(value['custom_pipelines'])) {
      inspection.report('C-2', 'with trust_remote_code the loader runs the custom pipelines');
    }
  }
  for (const member of Object.values(value) as Json[]) {
    checkRemoteCode(inspection, member, depth + 1);
  }
}

interface Where {
  readonly name: string;
  readonly isTemplate: boolean;
}

/** Texts under the key of a template, and texts anywhere that look like one. */
function checkTemplates(inspection: Inspection, value: Json, where: Where, depth: number): void {
  if (typeof value === 'string') {
    checkTemplate(inspection, value, where, null);
    return;
  }
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const isTemplate = where.isTemplate || TEMPLATE_KEY.test(key);
    const name = where.isTemplate ? `${where.name}.${key}` : key;
    checkTemplates(inspection, member, { name, isTemplate }, depth + 1);
  }
}

function checkTemplate(
  inspection: Inspection,
  text: string,
  { name, isTemplate }: Where,
  offset: number | null,
): void {
  if (!TEMPLATE_MARK.test(text)) return;
  readTemplate(inspection, text, { name, offset, isGuess: !isTemplate });
}

function firstText(map: JsonObject): string {
  const [first] = Object.values(map);
  return typeof first === 'string' ? first : 'a class';
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
