import assert from 'node:assert/strict';
import { test } from 'node:test';

import { shippedClusters, shippedWeights } from '../../src/linear/weights-store.ts';
import { TARGET_FPRS } from '../../src/linear/weights-file.ts';

const NAMES = [
  'injection-user',
  'injection-document',
  'content-prompt',
  'content-response',
  'action',
] as const;

test('all weights ship with the package and stricter targets have higher thresholds', () => {
  for (const name of NAMES) {
    const { thresholds } = shippedWeights(name);
    const [strict, middle, loose] = TARGET_FPRS.map((rate) => thresholds[`${rate}`]);
    assert.ok(strict !== undefined && middle !== undefined && loose !== undefined);
    assert.ok(strict >= middle && middle >= loose && loose > 0 && strict < 1, name);
  }
});

test('weights are read once', () => {
  assert.equal(shippedWeights('action'), shippedWeights('action'));
  assert.equal(shippedClusters(), shippedClusters());
});
