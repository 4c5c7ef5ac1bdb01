/**
 * Scans a folder and attaches what was found.
 *
 * @module
 */
import { runScan } from '../evidence/scan-evidence.ts';
import type { ScanRun } from '../evidence/scan-evidence.ts';
import type { Progress } from '../terminal/progress.ts';
import { attachEvidence } from './attach.ts';
import type { EvidenceContext } from './attach.ts';

export async function attachScan(
  context: EvidenceContext,
  folder: string,
  progress: Progress,
): Promise<ScanRun> {
  const { installation, row, signal } = context;
  const run = await runScan(folder, {
    totalBytes: row.totalBytes,
    clock: installation.clock,
    signal,
    onProgress: (done, total) => progress.update(done, total),
  });
  await attachEvidence(context, 'scan', run.predicate, 'scanner');
  return run;
}
