/**
 * Configuration that makes its loader import a dotted path: Hydra `_target_`, NeMo `target`, YAML
 * python tags (rules C-1, C-3).
 *
 * Works on parsed JSON, and on the scalars of YAML text without building a document: a key that
 * cannot be followed to its value is a finding, not a pass.
 *
 * @module
 */
import { CoreError, excerpt, parseStrictJson } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import { checkOperator } from '../graph/torch-export.ts';
import type { Inspection } from '../inspection.ts';
import { knownEffect } from '../pickle/known-effect.ts';
import { checkSkopsNode } from './skops-node.ts';

/**
 * Keys whose value is imported: of Hydra, of NeMo and latent diffusion, of LightningCLI, of torchtune.
 * All but the first are ordinary words, too.
 */
const KEYS = new Set(['_target_', 'target', '_target', 'class_path', '_component_']);
/** A key with a tag or an anchor is one that an alias may repeat anywhere. */
const MARKED_KEY = /(?:^|[\s{[,])[&!]\S*\s+["']?_target_["']?(?=\s|:|$)/m;
const MAX_TEXT = 16 * 1024 * 1024;
const DOTTED = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/;
/** Classes of model libraries: lower-case modules, then one class name. */
const MODEL_CLASS =
  /^(?:nemo\.collections|torch\.nn|torch\.optim|torch\.utils\.data|pytorch_lightning|lightning|lightning\.pytorch|transformers|diffusers|megatron|torchaudio|torchvision)(?:\.[a-z_][a-z0-9_]*)*\.[A-Z]\w*$/;
/** The last is of lm-evaluation-harness, which imports the module from beside the file. */
const PYTHON_TAG =
  /(?:^|[\s:,[{-])(!!?python\/[\w/.:]*|!<tag:yaml\.org,2002:python\/[^>]*>|!function\s+\w[\w.]*)/m;
const TAG_DIRECTIVE = /^\uFEFF?%TAG\s+\S+\s+\S+/m;
/** With such a directive a handle may stand for any beginning of the tag of a Python object. */
const PYTHON_HANDLE = /^\uFEFF?%TAG\s+\S+\s+\S*(?:yaml\.org|python)|![^\s]*python\//m;
const SCALAR =
  /("[^"\\]*(?:\\[\s\S][^"\\]*)*"|'[^']*(?:''[^']*)*'|[^\s"'{}[\],:#&*!|>?-][^\n{}[\],:#]*|[-:?][^\s{}[\],:#][^\n{}[\],:#]*)/g;

/** Judges a text that a loader may parse as YAML or JSON. */
export function checkText(inspection: Inspection, text: string, where: string): void {
  if (text.length > MAX_TEXT) {
    inspection.report('C-4', `${excerpt(where)} is too long to be judged`);
    return;
  }
  inspection.spend(Math.ceil(text.length / 16));
  const tag = pythonTag(text);
  if (tag !== null) {
    inspection.report('C-3', `loading this YAML builds a Python object: ${excerpt(tag)}`);
  }
  if (!/t|\\/.test(text)) return;
  const json = asJson(text);
  if (json !== null) checkTargets(inspection, json, 0);
  else checkScalars(inspection, text);
}

/** What in the text makes a reader of YAML build a Python object, or null. */
function pythonTag(text: string): string | null {
  const plain = text.includes('%') ? unquoted(text) : text;
  const tag = PYTHON_TAG.exec(plain)?.[1];
  if (tag !== undefined) return tag;
  const directive = TAG_DIRECTIVE.exec(text)?.[0] ?? null;
  return directive !== null && PYTHON_HANDLE.test(plain) ? directive : null;
}

/** With its percent-encoded characters written out, as a reader of tags does (YAML 1.1, 5.6). */
function unquoted(text: string): string {
  return text.replaceAll(/%([\da-fA-F]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Judges every `_target_` of a parsed document. */
export function checkTargets(inspection: Inspection, value: Json, depth: number): void {
  if (depth > 128 || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) checkTargets(inspection, item, depth + 1);
    return;
  }
  checkSkopsNode(inspection, value as JsonObject);
  for (const [key, member] of Object.entries(value)) {
    judge(inspection, key, member);
    checkTargets(inspection, member, depth + 1);
  }
}

function judge(inspection: Inspection, key: string, value: Json): void {
  if (!KEYS.has(key)) return;
  if (typeof value !== 'string') {
    if (key !== '_target_') return;
    inspection.report('C-1', 'loading this configuration calls a computed _target_');
    return;
  }
  if (key === 'target' && inspection.place.within === 'torch-export') {
    checkOperator(inspection, value);
  } else judgePath(inspection, key, value);
}

function judgePath(inspection: Inspection, key: string, path: string): void {
  const module = path.slice(0, Math.max(0, path.lastIndexOf('.')));
  // The path is walked by attributes: behind a model library may stand a module that it imports.
  const walked = module
    .split('.')
    .slice(1)
    .find((part) => knownEffect(part) !== null);
  if (MODEL_CLASS.test(path) && walked === undefined) return;
  const effect = knownEffect(module === '' ? path : module);
  // "target" is an ordinary word: only a path into a module that runs code is one of these.
  if (key !== '_target_' && (effect === null || !DOTTED.test(path))) return;
  const what = `loading this configuration calls ${excerpt(path)}`;
  inspection.report('C-1', `${what}, which ${effect ?? 'is not a known model class'}`);
}

function checkScalars(inspection: Inspection, text: string): void {
  if (MARKED_KEY.test(text)) {
    const what = 'loading this configuration calls what stands under a tagged or anchored _target_';
    inspection.report('C-1', what);
  }
  let key: { readonly name: string; readonly end: number } | null = null;
  for (const match of text.matchAll(SCALAR)) {
    const value = unquote(match[0].trim());
    if (key !== null) {
      const between = text.slice(key.end, match.index);
      if (/^\s*:/.test(between)) judgePath(inspection, key.name, value);
      key = null;
    }
    if (KEYS.has(value)) {
      key = { name: value, end: match.index + match[0].length };
    }
  }
}

function unquote(scalar: string): string {
  if (scalar.startsWith("'")) return scalar.slice(1, -1).replaceAll("''", "'");
  if (!scalar.startsWith('"')) return scalar;
  return scalar
    .slice(1, -1)
    .replace(
      /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g,
      (_all, ...parts) => {
        const [hex, short, long, other] = parts as (string | undefined)[];
        const digits = hex ?? short ?? long;
        if (digits === undefined) return other === '\n' ? '' : (other ?? '');
        const point = Number.parseInt(digits, 16);
        return point <= 0x10ffff ? String.fromCodePoint(point) : '';
      },
    );
}

function asJson(text: string): Json | null {
  if (!/^\s*[{[]/.test(text)) return null;
  try {
    return parseStrictJson(text, { maxBytes: MAX_TEXT });
  } catch (error) {
    if (error instanceof CoreError) return null; // flow YAML, judged by its scalars
    throw error;
  }
}
