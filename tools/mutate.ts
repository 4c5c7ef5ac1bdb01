/**
 * Mutation testing: how many small faults do the tests notice?
 *
 *     node tools/run.mjs mutate TARGET [--file PART] [--jobs N] [--sample N] [--offset F] [--json]
 *
 * Each mutant runs the twin test of its file first, then all unit tests of the package. A sample is
 * every n-th mutant; `--offset 0.5` starts half a step later, so that it shares none with the sample
 * from the start. Mutants that cannot change behaviour stand, with the reason, in
 * `tools/mutate/equivalents.json`: the score is given without them, and with them as unnoticed.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { attempt } from './mutate/attempt.ts';
import type { Verdict } from './mutate/attempt.ts';
import { mutantsOf } from './mutate/mutants.ts';
import type { Mutant } from './mutate/mutants.ts';

interface Target {
  readonly sources: readonly string[];
  readonly tests: readonly string[];
}

interface Outcome {
  readonly file: string;
  readonly mutant: Mutant;
  readonly verdict: Verdict | 'equivalent';
  /** The line as it was, and the replaced part of it. */
  readonly was: string;
  readonly part: string;
}

interface Equivalent {
  readonly file: string;
  readonly line: string;
  readonly part: string;
  readonly replacement: string;
  readonly why: string;
}

const TARGETS: Readonly<Record<string, Target>> = {
  gates: {
    sources: ['packages/registry/src/gates/**/*.ts'],
    tests: ['packages/registry/test/gates/**/*.test.ts'],
  },
  tlog: {
    sources: ['packages/tlog/src/**/*.ts'],
    tests: ['packages/tlog/test/**/*.test.ts'],
  },
  verify: {
    sources: ['packages/artifact/src/{verify,sign,bundle,manifest,certificate*,difference}.ts'],
    tests: ['packages/artifact/test/*.test.ts'],
  },
  pickle: {
    sources: ['packages/artifact/src/scan/pickle/**/*.ts'],
    tests: ['packages/artifact/test/scan/**/*.test.ts'],
  },
};
const BASELINE_CPU_SECONDS = 120;
const NO_MUTANT = { start: 0, end: 0, replacement: '', line: 1 };

const root = path.dirname(import.meta.dirname);
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    file: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    sample: { type: 'string' },
    offset: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
});
const target = TARGETS[positionals[0] ?? ''];
if (target === undefined) {
  process.stderr.write(`name a target: ${Object.keys(TARGETS).join(', ')}\n`);
  process.exit(4);
}
const equivalents = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'mutate', 'equivalents.json'), 'utf8'),
) as readonly Equivalent[];
const tests = list(target.tests).filter((file) => !/scenario|interop/.test(file));
const waiting = sampled(
  list(target.sources)
    .filter((file) => options.file === undefined || file.includes(options.file))
    .flatMap((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      return mutantsOf(file, text).map((mutant) => ({ file, text, mutant }));
    }),
  Number(options.sample ?? Infinity),
  Number(options.offset),
);
const total = waiting.length;
const outcomes: Outcome[] = [];
const limits = new Map<string, Promise<number>>();
await Promise.all(Array.from({ length: Number(options.jobs) }, work));
report();

async function work(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { file, text, mutant } = next;
    const was = (text.split('\n')[mutant.line - 1] ?? '').trim();
    const part = text.slice(mutant.start, mutant.end);
    const known = equivalents.some(
      (e) =>
        e.file === file &&
        e.line === was &&
        e.part === part &&
        e.replacement === mutant.replacement,
    );
    const verdict = known ? 'equivalent' : await judge(file, mutant);
    outcomes.push({ file, mutant, verdict, was, part });
    if (process.stderr.isTTY) process.stderr.write(`\r${outcomes.length} of ${total} `);
    if (verdict === 'survived') process.stderr.write(`${describe(outcomes.at(-1))}\n`);
  }
}

async function judge(file: string, mutant: Mutant): Promise<Verdict> {
  const twin = path.basename(file).replace(/\.ts$/, '.test.ts');
  const first = tests.filter((name) => path.basename(name) === twin);
  const others = tests.filter((name) => !first.includes(name));
  const verdict = await run(file, mutant, first);
  return verdict === 'survived' ? run(file, mutant, others) : verdict;
}

async function run(file: string, mutant: Mutant, names: readonly string[]): Promise<Verdict> {
  const files = names.map((name) => path.join(root, name));
  const key = names.join(' ');
  let limit = limits.get(key);
  if (limit === undefined) {
    limit = baseline(path.join(root, file), files);
    limits.set(key, limit);
  }
  const source = path.join(root, file);
  return (await attempt({ source, mutant, tests: files, cpuSeconds: await limit })).verdict;
}

/** The CPU time that tests may take, from what they take unchanged; they must pass then. */
async function baseline(source: string, files: readonly string[]): Promise<number> {
  const { verdict, cpuSeconds } = await attempt({
    source,
    mutant: NO_MUTANT,
    tests: files,
    cpuSeconds: BASELINE_CPU_SECONDS,
  });
  if (verdict !== 'survived') throw new Error(`tests fail without a fault: ${files.join(', ')}`);
  return Math.ceil(3 * cpuSeconds) + 2;
}

function report(): void {
  const counted = outcomes.filter(({ verdict }) => verdict !== 'equivalent');
  const survivors = counted.filter(({ verdict }) => verdict === 'survived');
  const noticed = counted.length - survivors.length;
  const score = counted.length === 0 ? 1 : noticed / counted.length;
  const raw = total === 0 ? 1 : noticed / total;
  if (options.json) {
    const timeouts = counted.filter(({ verdict }) => verdict === 'timeout').length;
    const sizes = { mutants: total, counted: counted.length, survived: survivors.length, timeouts };
    const numbers = { ...sizes, score, raw_score: raw };
    process.stdout.write(`${JSON.stringify({ ...numbers, survivors: survivors.map(describe) })}\n`);
    return;
  }
  for (const file of new Set(counted.map((outcome) => outcome.file))) {
    const mine = counted.filter((outcome) => outcome.file === file);
    const alive = mine.filter(({ verdict }) => verdict === 'survived').length;
    process.stdout.write(`${String(mine.length - alive).padStart(5)} of ${mine.length}  ${file}\n`);
  }
  process.stdout.write(
    `${noticed} of ${total} noticed: ${(raw * 100).toFixed(1)} %; without the ${total - counted.length} reviewed as equivalent: ${(score * 100).toFixed(1)} %\n`,
  );
}

function describe(outcome: Outcome | undefined): string {
  if (outcome === undefined) return '';
  const { file, mutant, was, part } = outcome;
  return `${file}:${mutant.line}  ${was}  [${part} -> ${mutant.replacement}]`;
}

/** Every n-th, so that each file has its share; `offset` in steps, from 0 to 1. */
function sampled<T>(all: readonly T[], size: number, offset: number): T[] {
  const step = Math.max(1, all.length / size);
  return Array.from(
    { length: Math.min(all.length, size) },
    (_, i) => all[Math.floor((i + offset) * step)],
  ).flatMap((item) => (item === undefined ? [] : [item]));
}

function list(patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted();
}
