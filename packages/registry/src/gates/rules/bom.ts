/**
 * Rule `bom`: a bill of materials lists exactly the files of this manifest and says what the policy
 * wants known.
 *
 * The document comes from whoever signed it; it is walked with bounds and nothing of it is trusted
 * but what can be checked: the manifest digest is computed again from the files it lists. Facts are
 * those of docs/spec/bom.md; `unknown` counts as not stated.
 *
 * @module
 */
import { createManifest } from '@proofmark/artifact/trust';
import type { ManifestFile } from '@proofmark/artifact';
import type { Json, JsonObject } from '@proofmark/core';
import { excerpt } from '@proofmark/core';

import type { Finding, GateCode, GateContext } from '../rule-result.ts';
import { pass } from '../rule-result.ts';
import type { BomFact, BomRule } from '../rules.ts';
import { judgeNewest } from '../selection.ts';

const UNKNOWN = 'unknown';
const MAX_FILES = 1_000_000;

export function judgeBom(rule: BomRule, context: GateContext): Finding {
  const { fileCount, manifestDigest } = context.subject;
  const needed = `a bill of materials of all ${fileCount} files, at most ${rule.maxAgeHours} h old${wanted(rule)}`;
  return judgeNewest({ kind: 'bom', rule, context, needed }, ({ digest, predicate }) => {
    const refuse = (code: GateCode, found: string, fix: string): Finding => ({
      outcome: 'fail',
      code,
      needed,
      found,
      evidenceDigests: [digest],
      fix,
    });
    const components = objects(predicate.document['components']);
    const model = components.find((c) => c['type'] === 'machine-learning-model');
    if (model === undefined) {
      return refuse('GATE_BOM_INCOMPLETE', 'it has no model component', 'make it again');
    }
    const files = listedFiles([...objects(model['components']), ...components]);
    if (digestOf(files) !== manifestDigest) {
      return refuse(
        'GATE_BOM_INCOMPLETE',
        `it lists ${files.length} files, not exactly the ${fileCount} of this version`,
        'make the bill of materials of exactly this version',
      );
    }
    const missing = rule.known.filter((fact) => factOf(model, fact).length === 0);
    if (missing.length > 0) {
      return refuse(
        'GATE_BOM_UNKNOWN',
        `not stated: ${missing.join(', ')}`,
        'state it in the model card or config.json, register the result as a new version, make its bill of materials',
      );
    }
    const foreign = factOf(model, 'licence').filter((id) => !isAllowed(id, rule));
    if (foreign.length > 0) {
      return refuse(
        'GATE_BOM_LICENCE',
        `licence ${foreign.map(excerpt).join(', ')}`,
        'use a model whose licence the policy names, or name the licence in the policy',
      );
    }
    return pass(needed, `${files.length} files, ${components.length} components`, [digest]);
  });
}

function wanted({ known, licences }: BomRule): string {
  const facts = known.length === 0 ? '' : `, stating ${known.join(', ')}`;
  return licences === 'any' ? facts : `${facts}, under ${licences.join(' or ')}`;
}

function isAllowed(id: string, { licences }: BomRule): boolean {
  return licences === 'any' || licences.includes(id);
}

/** Every component of type file, with its size and SHA-256 where it states both. */
function listedFiles(components: readonly JsonObject[]): readonly ManifestFile[] {
  return components
    .slice(0, MAX_FILES)
    .filter((component) => component['type'] === 'file')
    .map((component) => {
      const hash = objects(component['hashes']).find((h) => h['alg'] === 'SHA-256');
      const size = propertyOf(component, 'sizeBytes');
      return {
        path: text(component['name']),
        sizeBytes: /^\d{1,16}$/.test(size) ? Number(size) : -1,
        sha256: text(hash?.['content']),
      };
    });
}

/** The digest of a manifest of these files, or null when they make none. */
function digestOf(files: readonly ManifestFile[]): string | null {
  try {
    return createManifest(files).manifestDigest;
  } catch {
    return null; // Whatever is wrong with them, they are not the files of this model.
  }
}

/** What the model's card states about a fact; empty when it states nothing. */
function factOf(model: JsonObject, fact: BomFact): readonly string[] {
  const card = object(model['modelCard']);
  const parameters = object(card['modelParameters']);
  return stated(fact, model, card, parameters).filter((value) => value !== '' && value !== UNKNOWN);
}

function stated(
  fact: BomFact,
  model: JsonObject,
  card: JsonObject,
  parameters: JsonObject,
): readonly string[] {
  switch (fact) {
    case 'architecture':
      return [text(parameters['modelArchitecture']), text(parameters['architectureFamily'])];
    case 'task':
      return [text(parameters['task'])];
    case 'parameters':
      return [propertyOf(card, 'parameterCount')];
    case 'quantisation':
      return [propertyOf(card, 'quantisation')];
    case 'base-model':
      return [propertyOf(card, 'baseModel')];
    case 'dataset':
      return [propertyOf(card, 'dataset')];
    case 'licence':
      return objects(model['licenses']).map((entry) => {
        const licence = object(entry['license']);
        return text(licence['id']) || text(licence['name']) || text(entry['expression']);
      });
  }
}

function propertyOf(owner: JsonObject, name: string): string {
  const found = objects(owner['properties']).find((p) => p['name'] === `proofmark:${name}`);
  return text(found?.['value']);
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
