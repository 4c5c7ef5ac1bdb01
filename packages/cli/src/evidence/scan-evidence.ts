/**
 * Scans a folder and says the result as evidence.
 *
 * @module
 */
import { scanFolder } from '@proofmark/artifact';
import type { ScanReport } from '@proofmark/artifact';
import { canonicalJson, sha256Hex } from '@proofmark/core';
import type { Json } from '@proofmark/core';
import type { ScanOutcome, ScanPredicate } from '@proofmark/registry';

import { VERSION } from '../version.ts';

export interface ScanRun {
  readonly report: ScanReport;
  readonly predicate: ScanPredicate;
}

const OUTCOMES: Readonly<Record<ScanReport['summary']['verdict'], ScanOutcome>> = {
  clean: 'pass',
  findings: 'fail',
  // Nothing was judged, or not everything: neither is a pass.
  incomplete: 'error',
  nothing: 'error',
};

export async function runScan(
  folder: string,
  options: {
    readonly totalBytes: number;
    readonly clock: () => number;
    readonly signal: AbortSignal;
    readonly onProgress: (done: number, total: number) => void;
  },
): Promise<ScanRun> {
  const report = await scanFolder(folder, {
    signal: options.signal,
    onProgress: ({ bytesDone, bytesTotal }) => options.onProgress(bytesDone, bytesTotal),
  });
  const { critical, high, medium, low } = report.summary.bySeverity;
  return {
    report,
    predicate: {
      outcome: OUTCOMES[report.summary.verdict],
      scanner: {
        name: 'proofmark-scan',
        version: VERSION,
        rulesDigest: report.ruleset.digest,
      },
      filesScanned: report.summary.files,
      bytesScanned: options.totalBytes,
      findings: { critical, high, medium, low },
      reportDigest: sha256Hex(canonicalJson(withoutTimes(report))),
      finishedAtMs: options.clock(),
    },
  };
}

/** Times differ from run to run; the digest of a report must not. */
function withoutTimes(report: ScanReport): Json {
  const files = report.files.map((file) => ({ ...file, ms: 0 }));
  return JSON.parse(JSON.stringify({ ...report, files })) as Json;
}
