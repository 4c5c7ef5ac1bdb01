import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { checkName, identityOf } from '@proofmark/registry';
import type { ModelVersion, NameKind } from '@proofmark/registry';

import { sameVersion } from '../src/version.ts';
import { registryError } from './world.ts';

describe('a name is allowed:', () => {
  const allowed: readonly (readonly [NameKind, string])[] = [
    ['model', 'support-assistant'],
    ['model', '7b.chat_v2'],
    ['model', 'a'.repeat(64)],
    ['version', '1.0.0-rc.1+build.5'],
    ['version', 'A'],
    ['alias', 'live'],
    ['environment', 'production'],
    ['actor', 'alice@example.com'],
    ['actor', 'ci/build:main'],
  ];
  for (const [kind, name] of allowed) {
    test(`${kind} ${name.slice(0, 20)}`, () => {
      assert.equal(checkName(kind, name), name);
    });
  }
});

describe('a name is refused:', () => {
  const refused: readonly (readonly [NameKind, string])[] = [
    ['model', ''],
    ['model', 'Support'],
    ['model', '.hidden'],
    ['model', '-flag'],
    ['model', '../up'],
    ['model', 'a/b'],
    ['model', 'a'.repeat(65)],
    ['model', 'name\n'],
    ['model', 'nаme'], // a Cyrillic letter
    ['version', '1.0 0'],
    ['version', '@1'],
    ['alias', 'Live'],
    ['environment', ''],
    ['actor', 'alice smith'],
    ['actor', '@alice'],
    ['actor', 'a'.repeat(129)],
  ];
  for (const [kind, name] of refused) {
    test(`${kind} ${JSON.stringify(name).slice(0, 20)}`, () => {
      assert.throws(() => checkName(kind, name), registryError('REGISTRY_NAME_INVALID'));
    });
  }
});

const version: ModelVersion = {
  name: 'assistant',
  version: '1',
  omsRoot: 'a',
  manifestDigest: 'b',
  bundleDigest: 'c',
  fileCount: 1,
  totalBytes: 1,
  registeredAtMs: 1,
  registeredBy: 'carol',
};

test('a version is the same when its digests are, whoever registered it when', () => {
  assert.ok(sameVersion(version, { ...version, registeredBy: 'dave', registeredAtMs: 2 }));
  assert.ok(!sameVersion(version, { ...version, manifestDigest: 'x' }));
  assert.ok(!sameVersion(version, { ...version, omsRoot: 'x' }));
  assert.ok(!sameVersion(version, { ...version, bundleDigest: 'x' }));
});

test('the subject of statements is name@version with both digests', () => {
  assert.deepEqual(identityOf(version), { name: 'assistant@1', omsRoot: 'a', manifestDigest: 'b' });
});
