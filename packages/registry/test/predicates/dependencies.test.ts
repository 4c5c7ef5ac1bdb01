import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import type { Json, JsonObject } from '@proofmark/core';
import { parseStrictJson } from '@proofmark/core';

import { Fields } from '../../src/json-fields.ts';
import { buildDependencies, readDependencies } from '../../src/predicates/dependencies.ts';
import { anyDependencies } from '../arbitraries.ts';
import { registryError } from '../world.ts';

/** Reads a predicate as it comes back from a signed statement. */
function read(predicate: Json): ReturnType<typeof readDependencies> {
  const kind = { what: 'dependencies evidence', code: 'REGISTRY_EVIDENCE_INVALID' } as const;
  return readDependencies(new Fields(parseStrictJson(JSON.stringify(predicate)), kind));
}

test('what is built reads back as what was said', () => {
  fc.assert(
    fc.property(anyDependencies, (said) => {
      assert.deepEqual(read(buildDependencies(said)), said);
    }),
  );
});

const built: JsonObject = buildDependencies({
  scanner: { uri: 'urn:scanner', version: '1' },
  database: { uri: 'urn:db', version: '1', lastUpdateMs: 0 },
  vulnerabilities: [],
  components: 3,
  lockDigest: 'a'.repeat(64),
  startedAtMs: 0,
  finishedAtMs: 0,
});

describe('readDependencies() refuses', () => {
  const refused: readonly (readonly [string, Json])[] = [
    ['an empty predicate', {}],
    ['a list', []],
    ['no metadata', { ...built, metadata: null }],
    ['no database', { ...built, scanner: { uri: 'urn:x', version: '1', result: [] } }],
  ];
  for (const [name, predicate] of refused) {
    test(name, () => {
      assert.throws(() => read(predicate), registryError('REGISTRY_EVIDENCE_INVALID'));
    });
  }
});

describe('the severity of a vulnerability counts as the worst, 10, when', () => {
  const severities: readonly (readonly [string, Json | undefined, number])[] = [
    ['none is named', undefined, 10],
    ['the list is empty', [], 10],
    ['the scale is not CVSS', [{ method: 'OWASP', score: '1.0' }], 10],
    ['the score is a word', [{ method: 'CVSS_V3', score: 'LOW' }], 10],
    ['the score is out of range', [{ method: 'CVSS_V3', score: '10.1' }], 10],
    [
      'one of several is unknown',
      [
        { method: 'CVSS_V3', score: '1.0' },
        { method: 'x', score: '1' },
      ],
      10,
    ],
  ];
  for (const [name, severity, expected] of severities) {
    test(name, () => {
      const found = { id: 'CVE-2026-0001', ...(severity === undefined ? {} : { severity }) };
      const scanner = { ...(built['scanner'] as JsonObject), result: [found] };

      assert.equal(read({ ...built, scanner }).vulnerabilities[0]?.cvss, expected);
    });
  }
});

test('of several CVSS scores the highest counts', () => {
  const severity = ['3.1', '9.8', '5'].map((score) => ({ method: 'CVSS_V31', score }));
  const scanner = { ...(built['scanner'] as JsonObject), result: [{ id: 'CVE-1', severity }] };

  assert.equal(read({ ...built, scanner }).vulnerabilities[0]?.cvss, 9.8);
});
