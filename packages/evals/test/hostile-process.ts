/**
 * A process of its own that judges a megabyte of what takes most room; it dies when its heap does
 * not hold.
 *
 * @module
 */
import { all, evaluators } from './every-evaluator.ts';
import { LONG_TRAJECTORIES, MEGABYTES } from './hostile-input.ts';

const WIDE: readonly string[] = ['bytes', 'ideographs'];

for (const [name, text] of MEGABYTES) if (WIDE.includes(name)) await all(text);
for (const [, trajectory] of LONG_TRAJECTORIES) await evaluators.action.evaluate({ trajectory });
