/**
 * A process of its own that judges a megabyte of what takes most room; it dies when its heap does
 * not hold.
 *
 * @module
 */
import assert from 'node:assert/strict';

import { all, evaluators } from './every-evaluator.ts';
import { LONG_TRAJECTORIES, MEGABYTES } from './hostile-input.ts';

const WIDE = 'ideographs';

for (const [name, text] of MEGABYTES) {
  if (name !== WIDE) continue;
  for (const { outcome, reason } of await all(text)) {
    assert.ok(outcome !== 'error' || /^EVALS_(?:INPUT_INVALID|TIMEOUT)/.test(reason), reason);
  }
}
for (const [, trajectory] of LONG_TRAJECTORIES) await evaluators.action.evaluate({ trajectory });
