import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import {
  harm,
  harmPath,
  nonInferiority,
  nonInferiorityPath,
  sessionsToGo,
} from '@proofmark/registry';

import { readVectors } from './vectors.ts';

interface Expected {
  readonly value: number;
  readonly peak: number;
}

const vectors = readVectors<{
  readonly cases: readonly {
    readonly name: string;
    readonly margin: number;
    readonly differences: readonly number[];
    readonly nonInferiority: Expected;
    readonly harm: Expected;
  }[];
  readonly refused: readonly {
    readonly name: string;
    readonly margin: number;
    readonly differences: readonly number[];
  }[];
}>('e-value.json');

function assertNear(actual: Expected, expected: Expected): void {
  for (const key of ['value', 'peak'] as const) {
    const error = Math.abs(actual[key] - expected[key]);
    assert.ok(error <= 1e-9 * expected[key], `${key} ${actual[key]}, expected ${expected[key]}`);
  }
}

describe('the betting processes agree with vectors/gates/e-value.json:', () => {
  for (const v of vectors.cases) {
    test(v.name, () => {
      assertNear(nonInferiority(v.differences, v.margin), v.nonInferiority);
      assertNear(harm(v.differences, v.margin), v.harm);
    });
  }

  for (const v of vectors.refused) {
    test(`${v.name} is refused`, () => {
      assert.throws(() => nonInferiority(v.differences, v.margin), RangeError);
      assert.throws(() => harm(v.differences, v.margin), RangeError);
    });
  }
});

test('wealth is never negative, and the peak is at least the wealth and at least 1', () => {
  const differences = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 60 });
  fc.assert(
    fc.property(differences, fc.double({ min: 0.001, max: 0.9, noNaN: true }), (ds, margin) => {
      for (const process of [nonInferiority(ds, margin), harm(ds, margin)]) {
        assert.ok(process.value >= 0);
        assert.ok(process.peak >= process.value && process.peak >= 1);
      }
    }),
  );
});

test('very long evidence overflows to more wealth, never to less', () => {
  const { value } = nonInferiority(
    Array.from({ length: 20_000 }, () => 1),
    0.02,
  );

  assert.ok(value > 1e300);
});

/** A 32-bit linear congruential generator with the constants of Numerical Recipes. */
function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('a candidate worse by the margin reaches wealth 20 in at most 5 % of runs, however often one looks', () => {
  const random = uniforms(20_261_123);
  const margin = 0.05;
  const runs = 400;
  let approvals = 0;
  for (let run = 0; run < runs; run += 1) {
    // Sessions of pass/fail pairs: mean -margin, most of them without any difference.
    const differences = Array.from({ length: 400 }, () => {
      const u = random();
      return u < 0.1 ? -1 : u < 0.15 ? 1 : 0;
    });
    if (nonInferiority(differences, margin).peak >= 20) approvals += 1;
  }

  assert.ok(approvals <= 0.05 * runs, `${approvals} of ${runs}`);
});

test('a path ends where the process ends, and shows what was known after each session', () => {
  const differences = [0.1, -0.2, 0, 0.3, -1, 1];
  for (const [path, process] of [
    [nonInferiorityPath, nonInferiority],
    [harmPath, harm],
  ] as const) {
    const steps = [...path(differences, 0.02)];

    assert.equal(steps.length, differences.length);
    steps.forEach((step, i) => {
      assert.deepEqual(step, process(differences.slice(0, i + 1), 0.02));
    });
  }
});

test('with as many sessions again as were forecast, the evidence is about enough', () => {
  const some = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 0.1 : 0));

  const more = sessionsToGo(some, 0.05, 20);

  assert.ok(more !== null && more > 0);
  const all = Array.from({ length: 60 + more }, (_, i) => (i % 3 === 0 ? 0.1 : 0));
  const { value } = nonInferiority(all, 0.05);
  assert.ok(value >= 20 && value < 40, `${value} after ${all.length}`);
  assert.equal(sessionsToGo(all, 0.05, 20), 0);
  assert.equal(sessionsToGo(all, 0.05, value), 0);
});

test('weak evidence that points the right way has a forecast', () => {
  // One step up and many that change nothing: less than one unit of log wealth.
  const more = sessionsToGo([0.3, ...Array.from({ length: 9 }, () => -0.05)], 0.05, 20);

  assert.ok(more !== null && more > 100, String(more));
});

test('nothing is forecast without evidence, or when it points the other way', () => {
  assert.equal(sessionsToGo([], 0.05, 20), null);
  assert.equal(
    sessionsToGo(
      Array.from({ length: 50 }, () => -0.2),
      0.05,
      20,
    ),
    null,
  );
});
