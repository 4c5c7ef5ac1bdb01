import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AliasMoveRow } from '@proofmark/registry';

import { versionBefore } from '../../src/serving/version-before.ts';

function move(generation: number, model: string, action: AliasMoveRow['action']): AliasMoveRow {
  return {
    digest: String(generation),
    environment: 'production',
    alias: 'live',
    name: 'assistant',
    version: model,
    manifestDigest: model,
    generation,
    actor: 'carol',
    movedAtMs: generation,
    action,
    reason: null,
    logIndex: generation,
  };
}

test('the version before is the newest other one, also after the same one was promoted again', () => {
  const moves = [
    move(4, 'b', 'promotion'),
    move(3, 'b', 'rollback'),
    move(2, 'a', 'promotion'),
    move(1, 'c', 'promotion'),
  ];

  assert.equal(versionBefore(moves, 'b')?.generation, 2);
});

test('there is none when nothing else was there, or only by a move that no record admits', () => {
  assert.equal(versionBefore([move(1, 'a', 'promotion')], 'a'), null);
  assert.equal(versionBefore([], 'a'), null);
  assert.equal(versionBefore([move(2, 'b', 'promotion'), move(1, 'a', 'set')], 'b'), null);
});
