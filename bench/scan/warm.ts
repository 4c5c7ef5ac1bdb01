/**
 * What one file costs in a process that runs and is warm, as in a service: this scanner in this
 * process, its peers through their Python interface in a process of theirs.
 *
 * The same folder is scanned again and again; a figure is the median over the passes after the first
 * ones, in which files are read into the page cache and code is compiled.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { scanFolder } from '@proofmark/artifact';

const PASSES = 9;
const WARMING = 4;

/** Prints the seconds of each pass over the folder. */
const PYTHON: Readonly<Record<string, string>> = {
  picklescan: `
from picklescan.scanner import scan_directory_path as scan
def once(): scan(sys.argv[1])
`,
  modelscan: `
from modelscan.modelscan import ModelScan
def once(): ModelScan().scan(sys.argv[1])
`,
};

/** Milliseconds for each file of the folder, and how often as long a peer takes. */
export async function measureWarm(name: string, folder: string): Promise<Record<string, number>> {
  const files = readdirSync(folder).length;
  const own: number[] = [];
  for (let pass = 0; pass < PASSES; pass += 1) {
    const started = performance.now();
    await scanFolder(folder);
    own.push(performance.now() - started);
  }
  const ownMs = settled(own) / files;
  const figures: Record<string, number> = { [`own_${name}_warm_ms_per_file`]: ownMs };
  for (const [peer, script] of Object.entries(PYTHON)) {
    const peerMs = measurePython(script, folder) / files;
    if (Number.isFinite(peerMs)) figures[`ratio_${peer}_${name}_warm`] = peerMs / ownMs;
  }
  return Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [key, Math.round(value * 1000) / 1000]),
  );
}

function measurePython(script: string, folder: string): number {
  const python = path.join(process.env['PROOFMARK_PEERS'] ?? '', 'bin', 'python');
  if (!existsSync(python)) return Number.NaN;
  const timed = `import sys, time
${script}
for _ in range(${PASSES}):
    started = time.perf_counter()
    once()
    print("pass", (time.perf_counter() - started) * 1000)
`;
  const { stdout, status } = spawnSync(python, ['-c', timed, folder], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) return Number.NaN;
  return settled([...stdout.matchAll(/^pass ([\d.]+)$/gm)].map(([, ms]) => Number(ms)));
}

function settled(passes: readonly number[]): number {
  const sorted = passes.slice(WARMING).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
