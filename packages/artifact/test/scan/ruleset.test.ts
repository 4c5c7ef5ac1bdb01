import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSha256Hex } from '@proofmark/core';

import { rulesetDigest } from '../../src/scan/ruleset.ts';

test('the digest is stable, and other imports give another one, in any order', () => {
  assert.ok(isSha256Hex(rulesetDigest()));
  assert.equal(rulesetDigest(), rulesetDigest([]));
  assert.notEqual(rulesetDigest(), rulesetDigest(['a:b']));
  assert.equal(rulesetDigest(['c:d', 'a:b']), rulesetDigest(['a:b', 'c:d']));
});
