import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Observation, ScoredAnswer } from '../../src/observation.ts';
import { maxWealth, scoreDrop } from '../../src/rules/score-drop.ts';
import { DIGEST, scored, viewOf } from '../facts.ts';

const baseline = {
  manifestDigest: DIGEST,
  evaluatorId: 'is-helpful',
  evaluatorDigest: 'e'.repeat(64),
  meanScore: 0.9,
};
const rule = scoreDrop({ baselines: [baseline] });

function view(scores: readonly ScoredAnswer[]) {
  return viewOf(scores.map((score): Observation => ({ kind: 'score', score })));
}

/** Repeatable scores in [0, 1] with the given mean: a linear congruential sequence. */
function sequence(count: number, mean: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648 < mean ? 1 : 0;
  });
}

test('scores as good as at the gate raise nothing, clearly lower ones do', () => {
  const good = sequence(500, 0.9, 7).map((score) => scored(score));
  const poor = sequence(500, 0.6, 7).map((score) => scored(score));

  assert.deepEqual(rule.evaluate(view(good)), []);
  const [finding] = rule.evaluate(view(poor));
  assert.equal(finding?.state, 'bad');
  assert.match(finding.summary, /0\.900 at the gate/);
});

test('false alarms at the margin stay below the promised share', () => {
  // The mean is exactly the floor: the hardest case that must not alarm. alpha is 0.05 here.
  const alarms = Array.from({ length: 400 }, (_, seed) =>
    maxWealth(sequence(300, 0.85, seed * 7919 + 1), 0.85),
  ).filter((wealth) => wealth >= 20).length;

  assert.ok(alarms <= 400 * 0.05, `${alarms} of 400 runs alarmed`);
});

test('the wealth never becomes negative or NaN, whatever the scores', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (scores, floor) => {
        assert.ok(maxWealth(scores, floor) >= 1);
      },
    ),
  );
});

test('another evaluator configuration than at the gate is no_data: the evidence is stale', () => {
  const evaluator = { id: 'is-helpful', version: '1', configDigest: 'f'.repeat(64) };

  assert.equal(rule.evaluate(view([scored(0.1, { evaluator })]))[0]?.state, 'no_data');
});

test('scores that could not be computed are not scores of zero', () => {
  const errors = Array.from({ length: 500 }, () => scored(0, { outcome: 'error' }));

  assert.deepEqual(rule.evaluate(view(errors)), []);
});
