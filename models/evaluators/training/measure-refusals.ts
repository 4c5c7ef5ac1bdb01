/**
 * Prints precision, recall and F1 of refusals on answers that were labelled by reading.
 *
 * `refusal-labels.json` names rows of beavertails, safe_rlhf, GPTFuzz responses and PandaLM by id, in
 * three samples drawn one after the other: `explicit` refusals, `soft` ones that disapprove or point
 * elsewhere without saying no, and answers.
 *
 * `node --conditions=proofmark-source measure-refusals.ts --datasets DIR`
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { readResponse } from '../../../packages/evals/src/helpful/refusal.ts';
import { readJsonl } from './sources.ts';

type Labels = Readonly<Record<'explicit' | 'soft' | 'answer', readonly string[]>>;

const { values } = parseArgs({ options: { datasets: { type: 'string', default: '.' } } });

function responses(): ReadonlyMap<string, boolean> {
  const read = new Map<string, boolean>();
  const add = (id: unknown, input: unknown, output: unknown): void => {
    if (typeof output !== 'string') return;
    const question = typeof input === 'string' && !/^\d+$/.test(input) ? input : '';
    read.set(String(id), readResponse(output, question).kind === 'refusal');
  };
  for (const name of ['beavertails', 'safe_rlhf', 'gptfuzz_responses']) {
    const file = path.join(values.datasets, 'content_safety', `${name}.jsonl`);
    for (const row of readJsonl(file)) add(row['id'], row['input'], row['output']);
  }
  for (const row of readJsonl(path.join(values.datasets, 'helpfulness', 'pandalm.jsonl'))) {
    for (const side of ['a', 'b']) {
      add(`${String(row['id'])}${side}`, row['input'], row[`output_${side}`]);
    }
  }
  return read;
}

const refused = responses();
const file = path.join(import.meta.dirname, 'refusal-labels.json');
const samples = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, Labels>>;
for (const [name, { explicit, soft, answer }] of Object.entries(samples)) {
  const count = (ids: readonly string[]): number => ids.filter((id) => refused.get(id)).length;
  for (const [what, positives] of [
    ['explicit', explicit],
    ['explicit and soft', [...explicit, ...soft]],
  ] as const) {
    const [found, wrong] = [count(positives), count(answer)];
    const f1 = (2 * found) / (found + wrong + positives.length);
    process.stdout.write(
      `${name}, ${what}: ${positives.length} refusals, ${answer.length} answers; precision ${(found / (found + wrong)).toFixed(2)}, recall ${(found / positives.length).toFixed(2)}, F1 ${f1.toFixed(2)}\n`,
    );
  }
}
