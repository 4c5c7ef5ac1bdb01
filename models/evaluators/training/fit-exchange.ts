/**
 * Fits the numbers of `packages/evals/src/safety/exchange.ts`: the scale of an answer's danger joined
 * with its request's, and the thresholds, on sources that neither weight set was trained on.
 *
 * `node fit-exchange.ts --datasets DIR` prints them beside what each vote for the request would do.
 *
 * @module
 */
import path from 'node:path';
import { parseArgs } from 'node:util';

import { createLinearModel } from '../../../packages/evals/src/linear/model.ts';
import type { LinearModel } from '../../../packages/evals/src/linear/model.ts';
import { shippedClusters, shippedWeights } from '../../../packages/evals/src/linear/weights-store.ts';
import { CONTENT_WINDOWS, readHarm } from '../../../packages/evals/src/safety/content-safety.ts';
import { exchangeDanger } from '../../../packages/evals/src/safety/exchange.ts';
import { harmLexicon } from '../../../packages/evals/src/safety/taxonomy.ts';
import { auroc, thresholdAtRate } from '../../../packages/evals/src/statistics/ranking.ts';
import { readJsonl, textOf } from './sources.ts';
import { platt } from './trainer.ts';

const { values } = parseArgs({ options: { datasets: { type: 'string', default: '../shared/datasets' } } });

/** How much the request counts beside the answer. Chosen, not fitted: see the module. */
const VOTE = 0.1;
const SOURCES = ['beavertails', 'safe_rlhf'];
const FLAT = { bias: 0, thresholds: { '0.001': 1, '0.01': 1, '0.05': 1 } };

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function model(name: 'content-prompt' | 'content-response'): LinearModel {
  const words = { lexicon: harmLexicon, clusters: shippedClusters() };
  return createLinearModel(shippedWeights(name), words, CONTENT_WINDOWS);
}

const [prompt, response] = [model('content-prompt'), model('content-response')];
const rows = SOURCES.flatMap((source) =>
  readJsonl(path.join(values.datasets, 'content_safety', `${source}.jsonl`)).map((row) => ({
    source,
    label: row['label'] === 1 ? (1 as const) : (0 as const),
    answer: readHarm(textOf(row['output']), 'output', response, () => {}).danger,
    asked: readHarm(textOf(row['input']), 'input', prompt, () => {}).danger,
  })),
);

for (const vote of [0, VOTE, 0.3, 0.5, 0.7]) {
  const scored = rows.map((row) => ({
    ...row,
    score: exchangeDanger(row.answer, row.asked, { ...FLAT, answer: 1, asked: vote }),
  }));
  const each = SOURCES.map((source) => `${source} ${auroc(scored.filter((row) => row.source === source)).toFixed(3)}`);
  print(`vote ${vote}: auroc ${auroc(scored).toFixed(3)}, ${each.join(', ')}`);
}

const logit = (danger: number): number => Math.log(danger / (1 - danger));
const { slope, offset } = platt(
  rows.map(({ answer, asked, label }) => ({
    logit: logit(exchangeDanger(answer, asked, { ...FLAT, answer: 1, asked: VOTE })),
    label,
  })),
);
const joint = { ...FLAT, bias: offset, answer: slope, asked: slope * VOTE };
const clean = rows.filter(({ label }) => label === 0).map((row) => exchangeDanger(row.answer, row.asked, joint));
const thresholds = Object.fromEntries([0.001, 0.01, 0.05].map((rate) => [String(rate), thresholdAtRate(clean, rate)]));
print(JSON.stringify({ bias: offset, answer: slope, asked: slope * VOTE, thresholds }));
