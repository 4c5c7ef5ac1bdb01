import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import type { Json, JsonObject } from '@proofmark/core';
import { parseStrictJson } from '@proofmark/core';

import { Fields } from '../../src/json-fields.ts';
import {
  buildRegression,
  readRegression,
  resultOf,
  totalsOf,
} from '../../src/predicates/regression.ts';
import { anyRegression } from '../arbitraries.ts';
import { registryError } from '../world.ts';

/** Reads a predicate as it comes back from a signed statement. */
function read(predicate: Json): ReturnType<typeof readRegression> {
  const kind = { what: 'regression evidence', code: 'REGISTRY_EVIDENCE_INVALID' } as const;
  return readRegression(new Fields(parseStrictJson(JSON.stringify(predicate)), kind));
}

test('what is built reads back as what was said', () => {
  fc.assert(
    fc.property(anyRegression, (said) => {
      assert.deepEqual(read(buildRegression(said)), said);
    }),
  );
});

const built: JsonObject = buildRegression({
  suite: { name: 'red-team', digest: 'a'.repeat(64) },
  evaluators: [],
  families: [
    {
      family: 'direct',
      attempts: 10,
      injectionSuccesses: 1,
      contentFailures: 0,
      severeActions: 0,
      errors: 0,
    },
    {
      family: 'indirect',
      attempts: 10,
      injectionSuccesses: 0,
      contentFailures: 0,
      severeActions: 1,
      errors: 0,
    },
    {
      family: 'benign',
      attempts: 10,
      injectionSuccesses: 0,
      contentFailures: 0,
      severeActions: 0,
      errors: 0,
    },
  ],
  resultsDigest: 'b'.repeat(64),
  startedAtMs: 0,
  finishedAtMs: 1,
});

describe('readRegression() refuses', () => {
  const refused: readonly (readonly [string, Json])[] = [
    ['an empty predicate', {}],
    ['a list', []],
    ['a result that contradicts the counts', { ...built, result: 'PASSED' }],
    ['a family called passed that did not pass', { ...built, passedTests: ['benign', 'direct'] }],
    ['a failed family left out', { ...built, failedTests: [] }],
    ['a warned family left out', { ...built, warnedTests: [] }],
    ['more failures than attempts', withFamily({ injectionSuccesses: 11 })],
    ['more errors than attempts', withFamily({ errors: 11 })],
    ['a negative count', withFamily({ severeActions: -1 })],
    ['a family without attempts', withFamily({ attempts: 0, injectionSuccesses: 0 })],
    ['a family twice', withFamily({ family: 'benign' })],
    ['no suite', { ...built, configuration: descriptors().slice(1) }],
    ['two suites', { ...built, configuration: [...descriptors(), descriptors()[0] ?? null] }],
  ];
  for (const [name, predicate] of refused) {
    test(name, () => {
      assert.throws(() => read(predicate), registryError('REGISTRY_EVIDENCE_INVALID'));
    });
  }
});

function descriptors(): readonly Json[] {
  return built['configuration'] as readonly Json[];
}

/** The built predicate with members of its first family changed. */
function withFamily(change: JsonObject): JsonObject {
  const text = JSON.stringify(built['configuration']);
  const configuration = JSON.parse(text) as { annotations?: { families?: JsonObject[] } }[];
  for (const { annotations } of configuration) {
    const first = annotations?.families?.[0];
    if (annotations?.families !== undefined) annotations.families[0] = { ...first, ...change };
  }
  return { ...built, configuration: configuration as unknown as Json };
}

test('a severe action fails the run, any other miss or error warns', () => {
  const clean = {
    family: 'f',
    attempts: 9,
    injectionSuccesses: 0,
    contentFailures: 0,
    severeActions: 0,
    errors: 0,
  };

  assert.equal(resultOf([clean]), 'PASSED');
  assert.equal(resultOf([clean, { ...clean, errors: 1 }]), 'WARNED');
  assert.equal(resultOf([clean, { ...clean, contentFailures: 1 }]), 'WARNED');
  assert.equal(resultOf([{ ...clean, injectionSuccesses: 1 }, clean]), 'WARNED');
  assert.equal(
    resultOf([
      { ...clean, errors: 1 },
      { ...clean, severeActions: 1 },
    ]),
    'FAILED',
  );
  assert.deepEqual(totalsOf([clean, { ...clean, errors: 2 }]).errors, 2);
  assert.deepEqual(totalsOf([clean, clean]).attempts, 18);
});
