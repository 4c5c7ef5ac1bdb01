/**
 * The model server's engine: tokens per second against plain loops over the same weights.
 *
 * The peer is the scalar oracle of the engine's tests. Both run interleaved on one core over the model
 * that ships: a prompt of 150 tokens, then 35 tokens of answer, the sizes of a red-team attempt. A
 * first pass of both is thrown away; figures are medians. `reuse` is the time to the first token of a
 * prompt whose first 120 tokens were read before, against reading all of it. `load_ms` is the whole
 * model folder, hashing included.
 *
 * `npm run -s bench -- engine [--json] [--passes N]`
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { loadModelFolder } from '../packages/runner/src/model-server/model-folder.ts';
import type { LoadedModel } from '../packages/runner/src/model-server/model-folder.ts';
import { readSafetensors } from '../packages/runner/src/model-server/safetensors.ts';
import { loadScalarLlama } from '../packages/runner/test/model-server/scalar-llama.ts';
import type { ScalarLlama } from '../packages/runner/test/model-server/scalar-llama.ts';

const FOLDER = path.join(import.meta.dirname, '../models/support-assistant/model');
const PROMPT_TOKENS = 150;
const ANSWER_TOKENS = 35;
const KNOWN_TOKENS = 120;
const LOADS = 5;

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, passes: { type: 'string', default: '15' } },
});
const passes = Number(values.passes);
if (!Number.isSafeInteger(passes) || passes < 1) throw new Error('--passes: a number from 1');

const figures = measure();
process.stdout.write(
  values.json === true
    ? `${JSON.stringify(figures)}\n`
    : `${Object.entries(figures)
        .map(([name, value]) => `${name.padEnd(30)} ${value}`)
        .join('\n')}\n`,
);

/** Milliseconds of one pass. */
interface Pass {
  readonly prefill: number;
  readonly decode: number;
}

function measure(): Record<string, number | string> {
  const model = loadModelFolder(FOLDER);
  const tensors = readSafetensors(readFileSync(path.join(FOLDER, 'model.safetensors')));
  const scalar = loadScalarLlama(model.llama.config, tensors);
  const fast: Pass[] = [];
  const slow: Pass[] = [];
  const reuse: number[] = [];
  for (let pass = 0; pass <= passes; pass += 1) {
    fast.push(runEngine(model));
    slow.push(runScalar(scalar));
    reuse.push(runKnown(model));
  }
  const [engine, peer] = [rates(fast.slice(1)), rates(slow.slice(1))];
  return {
    prefill_tokens_per_s: Math.round(engine.prefill),
    decode_tokens_per_s: Math.round(engine.decode),
    scalar_prefill_tokens_per_s: Math.round(peer.prefill),
    scalar_decode_tokens_per_s: Math.round(peer.decode),
    ratio_prefill_to_scalar: round(engine.prefill / peer.prefill),
    ratio_decode_to_scalar: round(engine.decode / peer.decode),
    first_token_ms: round((PROMPT_TOKENS / engine.prefill) * 1000),
    first_token_known_prefix_ms: round(median(reuse.slice(1))),
    load_ms: round(
      median(Array.from({ length: LOADS }, () => timed(() => loadModelFolder(FOLDER)))),
    ),
    rss_mib: Math.round(process.memoryUsage.rss() / 2 ** 20),
    cpu: cpus()[0]?.model ?? 'unknown',
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}

function runEngine({ llama }: LoadedModel): Pass {
  const session = llama.session();
  const prefill = timed(() => llama.forward(session, prompt(), true));
  const decode = timed(() => {
    for (let i = 0; i < ANSWER_TOKENS; i += 1) llama.forward(session, [token(i)], true);
  });
  llama.release(session);
  return { prefill, decode };
}

function runScalar(llama: ScalarLlama): Pass {
  const session = llama.session();
  const tokens = prompt();
  const prefill = timed(() => {
    tokens.forEach((id, i) => llama.forward(session, id, i === tokens.length - 1));
  });
  const decode = timed(() => {
    for (let i = 0; i < ANSWER_TOKENS; i += 1) llama.forward(session, token(i), true);
  });
  return { prefill, decode };
}

/** Reads a prompt that begins like the one before it. */
function runKnown({ llama, prefixes }: LoadedModel): number {
  const known = prompt();
  const tokens = [...known.slice(0, KNOWN_TOKENS), ...known.slice(KNOWN_TOKENS).reverse()];
  const before = prefixes.begin(known);
  llama.forward(before, known.slice(before.tokens.length), true);
  prefixes.end(before);
  return timed(() => {
    const session = prefixes.begin(tokens);
    llama.forward(session, tokens.slice(session.tokens.length), true);
    prefixes.end(session);
  });
}

function rates(list: readonly Pass[]): Pass {
  return {
    prefill: PROMPT_TOKENS / (median(list.map((pass) => pass.prefill)) / 1000),
    decode: ANSWER_TOKENS / (median(list.map((pass) => pass.decode)) / 1000),
  };
}

function prompt(): number[] {
  return Array.from({ length: PROMPT_TOKENS }, (_, i) => token(i * 7));
}

/** Ordinary tokens: those with the lowest numbers are special. */
function token(i: number): number {
  return 10 + (i % 1900);
}

function timed(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
