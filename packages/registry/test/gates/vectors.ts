/**
 * Reads vectors/gates: merge patches, abbreviations.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { Json, JsonObject } from '@proofmark/core';
import { canonicalJson, parseStrictJson, sha256Hex } from '@proofmark/core';
import type { GateEvidence, GatePolicy, GateSubject } from '@proofmark/registry';
import { readGatePolicy } from '@proofmark/registry';

const FOLDER = path.join(import.meta.dirname, '../../../../vectors/gates');

export function readVectors<T>(file: string): T {
  return parseStrictJson(readFileSync(path.join(FOLDER, file))) as T;
}

export interface DecideVectors {
  readonly base: JsonObject;
  readonly cases: readonly {
    readonly name: string;
    readonly patch: JsonObject;
    readonly outcome: 'allow' | 'deny';
    readonly codes: Readonly<Record<string, string>>;
  }[];
}

export interface DecideInput {
  readonly policy: GatePolicy;
  readonly evidence: readonly GateEvidence[];
  readonly subject: GateSubject;
  readonly nowMs: number;
}

export const decideVectors: DecideVectors = readVectors<DecideVectors>('decide.json');

/** `base` of decide.json with a patch, as `decide` takes it. */
export function decideInput(patch: JsonObject = {}): DecideInput {
  const document = expand(mergePatch(decideVectors.base, patch)) as unknown as {
    readonly nowMs: number;
    readonly subject: GateSubject;
    readonly policy: JsonObject;
    readonly evidence: Readonly<Record<string, JsonObject>>;
  };
  const digest = sha256Hex(canonicalJson(document.policy));
  const evidence = replaceText(document.evidence, '$policy', digest) as unknown as Readonly<
    Record<string, GateEvidence>
  >;
  return {
    policy: readGatePolicy(document.policy),
    evidence: Object.values(evidence),
    subject: document.subject,
    nowMs: document.nowMs,
  };
}

/** RFC 7396, and `{"$replace": X}`. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  if (patch['$replace'] !== undefined) return patch['$replace'];
  const result: Record<string, Json> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

function expand(value: Json): Json {
  if (Array.isArray(value)) return value.map(expand);
  if (!isObject(value)) return value;
  const { repeat, times } = value;
  if (repeat !== undefined && typeof times === 'number') {
    return Array.from({ length: times }, () => repeat);
  }
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, expand(v)]));
}

function replaceText(value: Json, from: string, to: string): Json {
  if (value === from) return to;
  if (Array.isArray(value)) return value.map((item) => replaceText(item, from, to));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, replaceText(v, from, to)]));
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
