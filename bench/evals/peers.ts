/**
 * The evaluators and their peers on the same rows: how well each ranks them, and how fast.
 *
 * A peer is a package of a registry that carries its rules or weights and runs without a network.
 * PROOFMARK_PEERS names a Python environment in which those of PyPI are installed, and in which
 * `npm install --prefix` put those of npm; what is not there is left out:
 *
 *     pip install prompt-guardrail toolwall-guard alt-profanity-check
 *     npm install --prefix "$PROOFMARK_PEERS" @andersmyrmel/vard @claude-flow/aidefence llm_guardrail
 *
 * Measured only on sources that our shipped weights were not trained on. Rules have few different
 * scores, so their AUROC is coarse. Time is of one text at a time, without the start.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import { auroc, bootstrap, ContentSafety, PromptInjection, recallAtRate } from '@proofmark/evals';
import type { EvaluationResult, Scored } from '@proofmark/evals';

interface PeerRow {
  /** What is judged. */
  readonly text: string;
  /** What it answers, where the source says. */
  readonly input?: string;
  readonly label: 0 | 1;
}

interface RowSet {
  readonly name: string;
  readonly kind: 'user' | 'document' | 'request' | 'answer';
  readonly files: readonly string[];
}

const SETS: readonly RowSet[] = [
  { name: 'safeguard', kind: 'user', files: ['prompt_injection/safeguard'] },
  {
    name: 'tensor_trust, instruction_wild',
    kind: 'user',
    files: ['prompt_injection/tensor_trust', 'prompt_injection/instruction_wild'],
  },
  { name: 'sep', kind: 'document', files: ['prompt_injection/sep'] },
  { name: 'toxic_chat', kind: 'request', files: ['content_safety/toxic_chat'] },
  { name: 'aegis', kind: 'request', files: ['content_safety/aegis'] },
  { name: 'beavertails', kind: 'answer', files: ['content_safety/beavertails'] },
];

/** Rows of a set that are judged; every k-th of them, so that both labels keep their share. */
const ROWS = 500;

interface Judged {
  readonly score: number;
  readonly us: number;
}

type Detector = (rows: readonly PeerRow[]) => Promise<readonly Judged[]>;

export interface PeerFigures {
  readonly set: string;
  readonly detector: string;
  readonly n: number;
  readonly auroc: number;
  readonly auroc_low: number;
  readonly auroc_high: number;
  readonly recall_at_1_fpr: number;
  readonly p50_us: number;
}

/** Nothing when PROOFMARK_PEERS is not set. */
export async function measurePeers(datasets: string): Promise<PeerFigures[]> {
  const folder = process.env['PROOFMARK_PEERS'];
  if (folder === undefined || !existsSync(datasets)) return [];
  const figures: PeerFigures[] = [];
  for (const set of SETS) {
    const rows = readSet(datasets, set);
    const detectors = { ...own(set.kind), ...(await peersOf(set.kind, folder)) };
    for (const [detector, judge] of Object.entries(detectors)) {
      figures.push(figuresOf(set.name, detector, rows, await judge(rows)));
    }
  }
  return figures;
}

function readSet(datasets: string, { kind, files }: RowSet): PeerRow[] {
  const rows = files.flatMap((file) =>
    readFileSync(path.join(datasets, `${file}.jsonl`), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
      .map((row): PeerRow => ({
        text: String(kind === 'answer' ? row['output'] : (row['text'] ?? row['input'])),
        ...(kind === 'answer' && typeof row['input'] === 'string' ? { input: row['input'] } : {}),
        label: row['label'] === 1 ? 1 : 0,
      })),
  );
  const step = Math.max(1, Math.floor(rows.length / ROWS));
  return rows.filter((_, i) => i % step === 0).slice(0, ROWS);
}

function figuresOf(
  set: string,
  detector: string,
  rows: readonly PeerRow[],
  judged: readonly Judged[],
): PeerFigures {
  const scored = rows.map(({ label }, i): Scored => ({ score: judged[i]?.score ?? 0, label }));
  const times = judged.map(({ us }) => us).toSorted((a, b) => a - b);
  const interval = bootstrap(scored, auroc, { resamples: 200 });
  return {
    set,
    detector,
    n: rows.length,
    auroc: round(auroc(scored)),
    auroc_low: round(interval.low),
    auroc_high: round(interval.high),
    recall_at_1_fpr: round(recallAtRate(scored, 0.01)),
    p50_us: Math.round(times[times.length >> 1] ?? 0),
  };
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function own(kind: RowSet['kind']): Readonly<Record<string, Detector>> {
  return { 'proofmark fast': ownTier(kind, 'fast'), 'proofmark full': ownTier(kind, 'full') };
}

function ownTier(kind: RowSet['kind'], tier: 'fast' | 'full'): Detector {
  const injection = new PromptInjection({ tier });
  const safety = new ContentSafety({ tier });
  const judge = (row: PeerRow): Promise<EvaluationResult> => {
    if (kind === 'user' || kind === 'document') {
      return injection.evaluate({ input: row.text, channel: kind });
    }
    if (kind === 'request') return safety.evaluate({ input: row.text });
    return safety.evaluate({
      output: row.text,
      ...(row.input === undefined ? {} : { input: row.input }),
    });
  };
  return each(async (row) => {
    const { outcome, score, reason } = await judge(row);
    if (outcome === 'error') throw new Error(`tier ${tier}: ${reason}`);
    return 1 - score;
  });
}

/** One row at a time, timed; the first twenty once more before, to warm up. */
function each(score: (row: PeerRow) => Promise<number> | number): Detector {
  return async (rows) => {
    for (const row of rows.slice(0, 20)) await score(row);
    const judged: Judged[] = [];
    for (const row of rows) {
      const startMs = performance.now();
      const found = await score(row);
      judged.push({ score: found, us: (performance.now() - startMs) * 1_000 });
    }
    return judged;
  };
}

async function peersOf(
  kind: RowSet['kind'],
  folder: string,
): Promise<Readonly<Record<string, Detector>>> {
  const injection = kind === 'user' || kind === 'document';
  const python = injection ? ['prompt-guardrail', 'toolwall-guard'] : ['alt-profanity-check'];
  const found: Record<string, Detector> = {};
  for (const name of python) if (hasPython(folder, name)) found[name] = pythonPeer(folder, name);
  for (const [name, [entry, make]] of Object.entries(injection ? NPM_INJECTION : NPM_CONTENT)) {
    const file = path.join(folder, 'node_modules', name, entry);
    if (existsSync(file)) found[name] = each(make(await import(pathToFileURL(file).href)));
  }
  return found;
}

/** A module of a peer, used as its documentation says; its shape is checked by what it answers. */
interface PeerModule {
  readonly [name: string]: (...args: readonly unknown[]) => unknown;
}
type Make = (module: PeerModule) => (row: PeerRow) => Promise<number> | number;

/** The highest `field` among the threats that a peer names. */
function most(found: unknown, field: string): number {
  const { threats = [] } = found as {
    readonly threats?: readonly Readonly<Record<string, unknown>>[];
  };
  return Math.max(0, ...threats.map((threat) => Number(threat[field] ?? 0)));
}

const guardrail =
  (...checks: readonly string[]): Make =>
  (module) =>
  async ({ text }) => {
    const found = await Promise.all(checks.map(async (check) => await module[check]?.(text)));
    return Math.max(
      ...found.map((one) =>
        Number((one as { probabilities: { threat: number } }).probabilities.threat),
      ),
    );
  };

const NPM_INJECTION: Readonly<Record<string, readonly [entry: string, make: Make]>> = {
  '@andersmyrmel/vard': [
    'dist/index.js',
    (module) => {
      const vard = module['default'] as unknown as PeerModule;
      return ({ text }) => most(vard['safe']?.(text), 'severity');
    },
  ],
  '@claude-flow/aidefence': [
    'dist/index.js',
    (module) => {
      const defence = module['createAIDefence']?.() as PeerModule;
      return async ({ text }) => most(await defence['detect']?.(text), 'confidence');
    },
  ],
  llm_guardrail: ['index.js', guardrail('checkInjection', 'checkJailbreak')],
};

const NPM_CONTENT: Readonly<Record<string, readonly [entry: string, make: Make]>> = {
  llm_guardrail: ['index.js', guardrail('checkMalicious')],
};

const SCRIPT = path.join(import.meta.dirname, 'peers.py');

function hasPython(folder: string, name: string): boolean {
  return runPython(folder, name, '') !== null;
}

function pythonPeer(folder: string, name: string): Detector {
  return (rows) => {
    const warm = rows.slice(0, 20);
    const input = [...warm, ...rows].map(({ text }) => `${JSON.stringify({ text })}\n`).join('');
    const printed = runPython(folder, name, input);
    if (printed === null) throw new Error(`${name} stopped`);
    const judged = printed
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Judged);
    return Promise.resolve(judged.slice(warm.length));
  };
}

function runPython(folder: string, name: string, input: string): string | null {
  const { status, stdout } = spawnSync(path.join(folder, 'bin/python'), [SCRIPT, name], {
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout : null;
}
