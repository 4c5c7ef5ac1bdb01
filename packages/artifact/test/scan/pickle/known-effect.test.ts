import assert from 'node:assert/strict';
import { test } from 'node:test';

import { knownEffect } from '../../../src/scan/pickle/known-effect.ts';

test('a module has the effect of the nearest package that has one', () => {
  assert.equal(knownEffect('os'), 'runs a shell command');
  assert.equal(knownEffect('urllib.request'), 'opens a network connection');
  assert.equal(knownEffect('osx'), null);
  assert.equal(knownEffect(''), null);
});
