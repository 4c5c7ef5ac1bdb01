import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { createBom, createManifest, readFacts } from '@proofmark/artifact';
import { sha256Hex } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';
import type { RuleResult } from '@proofmark/registry';
import { decide } from '@proofmark/registry';

import { decideInput, mergePatch } from '../vectors.ts';

const CARD = '---\nlicense: apache-2.0\npipeline_tag: text-generation\n---\n';
const contents = new Map([
  ['README.md', Buffer.from(CARD)],
  ['model.bin', Buffer.from('weights')],
]);
const manifest = createManifest(
  [...contents].map(([path, bytes]) => ({
    path,
    sizeBytes: bytes.length,
    sha256: sha256Hex(bytes),
  })),
);
const facts = readFacts(
  [...contents].map(([path, bytes]) => ({
    path,
    source: () => ({ sizeBytes: bytes.length, read: (at, n) => bytes.subarray(at, at + n) }),
  })),
);
const document = createBom({
  name: 'm',
  version: '1',
  manifest,
  facts,
  serving: [],
  toolVersion: '0',
  createdAtMs: null,
});

interface Case {
  readonly rule?: JsonObject;
  readonly document?: Json;
  readonly evidence?: JsonObject;
}

/** What the rule says when the subject is the model above. */
function judged({ rule = {}, document: said = document, evidence = {} }: Case): RuleResult {
  const base = decideInput();
  const first = base.evidence.find((e) => e.kind === 'scan');
  assert.ok(first?.kind === 'scan');
  const {
    policy,
    subject,
    evidence: others,
    nowMs,
  } = decideInput({
    policy: { bom: { keys: ['scanner'], ...rule } },
    subject: { manifestDigest: manifest.manifestDigest, fileCount: 2 },
    evidence: {
      bom: mergePatch(
        {
          digest: 'b'.repeat(64),
          kind: 'bom',
          predicateType: 'https://cyclonedx.org/bom',
          manifestDigest: manifest.manifestDigest,
          keyIds: [...first.keyIds],
          observedAtMs: first.observedAtMs,
          predicate: { specVersion: '1.6', componentCount: 1, createdAtMs: 0, document: said },
        },
        evidence,
      ),
    },
  });
  const result = decide(policy, others, subject, nowMs).rules.find((r) => r.rule === 'bom');
  assert.ok(result);
  return result;
}

/** The document with its model component changed. */
function withModel(change: JsonObject): Json {
  const components = document['components'];
  assert.ok(Array.isArray(components));
  const [model, ...rest] = components as Json[];
  return { ...document, components: [mergePatch(model, change), ...rest] };
}

test('a bill of materials of exactly this version passes', () => {
  assert.equal(judged({}).code, 'GATE_OK');
  assert.equal(
    judged({ rule: { known: ['task', 'licence'], licences: ['Apache-2.0'] } }).code,
    'GATE_OK',
  );
});

test('a policy that does not ask for it does not judge it, and needs no reason', () => {
  const { policy, evidence, subject, nowMs } = decideInput();

  assert.ok(!decide(policy, evidence, subject, nowMs).rules.some((r) => r.rule === 'bom'));
});

describe('a bill of materials that lists other files is refused', () => {
  const files = withModel({}) as JsonObject;
  const model = (files['components'] as JsonObject[])[0] as JsonObject;
  const [first, second] = model['components'] as JsonObject[];
  const cases: readonly (readonly [why: string, document: Json])[] = [
    ['one missing', withModel({ components: [first ?? null] })],
    [
      'one more',
      withModel({ components: [first ?? null, second ?? null, { ...first, name: 'x' }] }),
    ],
    ['one twice', withModel({ components: [first ?? null, second ?? null, first ?? null] })],
    ['another name', withModel({ components: [{ ...first, name: 'readme.md' }, second ?? null] })],
    ['another size', withModel({ components: [{ ...first, properties: [] }, second ?? null] })],
    ['another hash', withModel({ components: [{ ...first, hashes: [] }, second ?? null] })],
    ['files that are no list', withModel({ components: { $replace: 1 } })],
    ['no model', { ...document, components: [] }],
    ['no components', { bomFormat: 'CycloneDX' }],
  ];
  for (const [why, said] of cases) {
    test(why, () => {
      assert.equal(judged({ document: said }).code, 'GATE_BOM_INCOMPLETE');
    });
  }
});

test('what the policy wants known must be stated', () => {
  const result = judged({ rule: { known: ['task', 'architecture', 'parameters', 'base-model'] } });

  assert.equal(result.code, 'GATE_BOM_UNKNOWN');
  assert.equal(result.found, 'not stated: architecture, parameters, base-model');
  assert.match(result.needed, /h old, stating task, architecture, parameters, base-model$/);
  assert.match(
    judged({ rule: { licences: ['MIT', 'Apache-2.0'] } }).needed,
    /h old, stating licence, under MIT or Apache-2\.0$/,
  );
  assert.match(judged({}).needed, /^a bill of materials of all 2 files, at most 8784 h old$/);
});

test('a licence outside the list, an unknown one, and one of two are refused', () => {
  const licences = ['Apache-2.0', 'MIT'];
  const under = (entries: Json): RuleResult =>
    judged({ rule: { licences }, document: withModel({ licenses: { $replace: entries } }) });

  assert.equal(under([{ license: { id: 'GPL-3.0' } }]).code, 'GATE_BOM_LICENCE');
  assert.equal(under([{ license: { name: 'unknown' } }]).code, 'GATE_BOM_UNKNOWN');
  assert.equal(under([]).code, 'GATE_BOM_UNKNOWN');
  assert.equal(
    under([{ license: { id: 'MIT' } }, { license: { name: 'llama3' } }]).code,
    'GATE_BOM_LICENCE',
  );
  assert.equal(under([{ expression: 'MIT' }]).code, 'GATE_OK');
});

test('a stale one, and one by another key, count as little as elsewhere', () => {
  assert.equal(judged({ evidence: { observedAtMs: 0 } }).code, 'GATE_EVIDENCE_STALE');
  assert.equal(judged({ evidence: { keyIds: ['other'] } }).code, 'GATE_EVIDENCE_UNTRUSTED');
});
