import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { canonicalJson, sha256Hex } from '@proofmark/core';
import type { JsonObject } from '@proofmark/core';
import { RegistryError, keyring, readGatePolicy } from '@proofmark/registry';

import { policyDocument, registryError, signers } from '../world.ts';
import { decideVectors, mergePatch, readVectors } from './vectors.ts';

const vectors = readVectors<{
  readonly refused: readonly {
    readonly name: string;
    readonly patch: JsonObject;
    readonly mentions: string;
  }[];
}>('policy.json');

describe('readGatePolicy() refuses, naming the place, on vectors/gates/policy.json:', () => {
  for (const { name, patch, mentions } of vectors.refused) {
    test(name, () => {
      const document = mergePatch(decideVectors.base['policy'], patch);

      assert.throws(
        () => readGatePolicy(document),
        (e: unknown) =>
          e instanceof RegistryError &&
          e.code === 'REGISTRY_POLICY_INVALID' &&
          e.message.includes(mentions),
      );
    });
  }
});

test('the digest is of the canonical JSON: layout and order of members do not count', () => {
  const document = policyDocument();
  const turned = Object.fromEntries(Object.entries(document).toReversed());

  const { digest } = readGatePolicy(document);

  assert.equal(digest, sha256Hex(canonicalJson(document)));
  assert.equal(readGatePolicy(turned).digest, digest);
  assert.notEqual(readGatePolicy({ ...document, name: 'other' }).digest, digest);
});

test('what is left out has the strict default', () => {
  const { rules, omitted } = readGatePolicy(policyDocument());

  assert.deepEqual(omitted, {});
  assert.equal(rules.regression?.minAttempts, 1049);
  assert.equal(rules.regression.maxSevereActions, 0);
  assert.deepEqual(rules.regression.injection, { bound: 'clopper-pearson-95', rate: 0.01 });
  assert.deepEqual(rules.regression.content, { bound: 'clopper-pearson-95', rate: 0.99 });
  assert.equal(rules.shadow?.minHours, 48);
  assert.equal(rules.shadow.minHoursWithPairs, 44);
  assert.equal(rules.shadow.minEValue, 20);
  assert.equal(rules.approval?.required, 2);
  assert.equal(rules.approval.excludeAuthor, true);
  const { bom, custom, ...asked } = rules;
  assert.deepEqual([bom, custom], [null, null]);
  assert.ok(
    Object.values(asked).every(
      (rule: { readonly dryRun: boolean } | null) => rule?.dryRun === false,
    ),
  );
});

test('a bill of materials: nothing need be known by default, a list of licences makes one needed', () => {
  const bom = (rule: JsonObject): unknown =>
    readGatePolicy({ ...policyDocument(), bom: { keys: ['scanner'], ...rule } }).rules.bom;

  assert.partialDeepStrictEqual(bom({}), { known: [], licences: 'any', maxAgeHours: 8784 });
  assert.partialDeepStrictEqual(bom({ known: ['task'], licences: ['MIT'] }), {
    known: ['task', 'licence'],
    licences: ['MIT'],
  });
  for (const rule of [{ known: ['colour'] }, { licences: [] }, { licence: ['MIT'] }]) {
    assert.throws(() => bom(rule), registryError('REGISTRY_POLICY_INVALID'));
  }
});

test('keys stand under plain names, and a fault of one is told once', () => {
  const document = policyDocument();
  const keys = document['keys'] as JsonObject;
  const refusal = (more: JsonObject): string => {
    try {
      readGatePolicy({ ...document, keys: { ...keys, ...more } });
    } catch (error) {
      assert.ok(registryError('REGISTRY_POLICY_INVALID')(error));
      return String(error);
    }
    return assert.fail('it was read');
  };

  assert.match(refusal({ 'two words': keys['scanner'] ?? '' }), /not a name for a key/);
  assert.match(refusal({ '': keys['scanner'] ?? '' }), /not a name for a key/);
  const { scanner: pem } = keys;
  assert.ok(typeof pem === 'string');
  assert.ok(readGatePolicy({ ...document, keys: { ...keys, more: pem.padEnd(4096, '\n') } }));
  assert.match(refusal({ more: pem.padEnd(4097, '\n') }), /longer than 4096 characters/);
  assert.match(refusal({ more: 5 }), /keys\.more: a text was expected/);
  assert.match(refusal({ more: 'no key' }), /keys\.more: cannot/);
  for (const value of [5, 'no key']) {
    assert.ok(refusal({ more: value }).split('gate policy').length === 2);
  }
});

test('the keyring holds every key once', () => {
  const document = policyDocument();
  const keys = document['keys'] as JsonObject;
  const doubled = readGatePolicy({ ...document, keys: { ...keys, again: keys['scanner'] ?? '' } });

  const ids = keyring(doubled).map((key) => key.keyId);

  assert.equal(ids.length, 5);
  assert.ok(ids.includes(signers.scanner.publicKey.keyId));
});
