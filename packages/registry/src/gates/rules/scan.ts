/**
 * Rule `scan`: a known scanner judged every file of this manifest and found nothing that blocks.
 *
 * @module
 */
import type { ScanPredicate } from '../../predicates/scan.ts';
import type { Finding, GateCode, GateContext } from '../rule-result.ts';
import { pass } from '../rule-result.ts';
import type { ScanRule } from '../rules.ts';
import { judgeNewest } from '../selection.ts';

export function judgeScan(rule: ScanRule, context: GateContext): Finding {
  const { fileCount, totalBytes } = context.subject;
  const needed = `a passing scan of all ${fileCount} files, at most ${rule.maxAgeHours} h old`;
  return judgeNewest({ kind: 'scan', rule, context, needed }, ({ digest, predicate }) => {
    const refuse = (code: GateCode, found: string, fix: string): Finding => ({
      outcome: code === 'GATE_SCAN_ERROR' ? 'error' : 'fail',
      code,
      needed,
      found,
      evidenceDigests: [digest],
      fix,
    });
    if (rule.scanners !== 'any' && !rule.scanners.includes(predicate.scanner.rulesDigest)) {
      return refuse(
        'GATE_SCANNER_UNKNOWN',
        `scanned with rules ${predicate.scanner.rulesDigest.slice(0, 12)}`,
        'scan again with a scanner whose rules the policy names',
      );
    }
    switch (predicate.outcome) {
      case 'error':
        return refuse(
          'GATE_SCAN_ERROR',
          `a file could not be judged; ${describe(predicate)}`,
          'see the report for the file; convert it to a format that can be judged, or remove it',
        );
      case 'fail':
        return refuse(
          'GATE_SCAN_FAILED',
          describe(predicate),
          'see the report for the findings; remove what it names and register the result as a new version',
        );
      case 'pass':
        break;
    }
    if (predicate.filesScanned !== fileCount || predicate.bytesScanned !== totalBytes) {
      return refuse(
        'GATE_SCAN_INCOMPLETE',
        `${predicate.filesScanned} files, ${predicate.bytesScanned} of ${totalBytes} bytes`,
        'scan the whole folder',
      );
    }
    return pass(needed, describe(predicate), [digest]);
  });
}

function describe(scan: ScanPredicate): string {
  const { critical, high, medium, low } = scan.findings;
  return `${scan.filesScanned} files scanned: ${critical} critical, ${high} high, ${medium} medium, ${low} low`;
}
