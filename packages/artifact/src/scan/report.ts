/**
 * What a scan says. Field by field: docs/spec/scan-report.md.
 *
 * @module
 */

export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** `incomplete` means that something could not be judged. It never passes a gate. */
export type FileVerdict = 'clean' | 'findings' | 'incomplete';

/** `nothing` means that no file had a format of a model or of its configuration. */
export type ScanVerdict = FileVerdict | 'nothing';

export interface Finding {
  /** An id of the rule table, such as `P-1`. */
  readonly rule: string;
  readonly severity: Severity;
  /** One line: what would happen if the file were loaded, or what could not be judged. */
  readonly message: string;
  /** Path of the archive member, members of members joined by `!/`; null for the file itself. */
  readonly member: string | null;
  /** Byte offset in the member (decompressed), or in the file; null where no byte is to blame. */
  readonly offset: number | null;
}

export interface FileReport {
  /** Relative to the scanned folder, with '/'. */
  readonly path: string;
  readonly format: string;
  readonly verdict: FileVerdict;
  readonly findings: readonly Finding[];
  /** Milliseconds spent, by the clock the caller passed; 0 without one. */
  readonly ms: number;
}

export interface ScanSummary {
  readonly verdict: ScanVerdict;
  readonly files: number;
  readonly clean: number;
  readonly findings: number;
  readonly incomplete: number;
  /** Files whose format is of a model or of its configuration. */
  readonly scannable: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
}

export interface ScanReport {
  readonly files: readonly FileReport[];
  readonly summary: ScanSummary;
  readonly ruleset: { readonly version: string; readonly digest: string };
  readonly limits: ScanLimits;
}

/** Bounds of one file's scan. A bound that is reached makes the file `incomplete`. */
export interface ScanLimits {
  /** Opcodes, fields and tokens read, over all members. */
  readonly maxSteps: number;
  /** Bytes one compressed member may inflate to. */
  readonly maxMemberBytes: number;
  /** Bytes all members together may inflate to. */
  readonly maxInflatedBytes: number;
  /** Archives in archives. */
  readonly maxDepth: number;
  /** Members of one archive. */
  readonly maxMembers: number;
  /** Findings kept for one file; further ones only count. */
  readonly maxFindings: number;
}

export const DEFAULT_LIMITS: ScanLimits = Object.freeze({
  maxSteps: 20_000_000,
  maxMemberBytes: 192 * 1024 * 1024,
  maxInflatedBytes: 1024 * 1024 * 1024,
  maxDepth: 3,
  maxMembers: 100_000,
  maxFindings: 200,
});

/** Folds file reports into the summary. `isScannable` knows which formats count. */
export function summarize(
  files: readonly FileReport[],
  isScannable: (format: string) => boolean,
): ScanSummary {
  const count = (verdict: FileVerdict): number => files.filter((f) => f.verdict === verdict).length;
  const bySeverity: Record<Severity, number> = { low: 0, medium: 0, high: 0, critical: 0 };
  for (const file of files) for (const finding of file.findings) bySeverity[finding.severity] += 1;
  const scannable = files.filter((file) => isScannable(file.format)).length;
  const [clean, findings, incomplete] = [count('clean'), count('findings'), count('incomplete')];
  return {
    verdict: overall(findings, incomplete, scannable),
    files: files.length,
    clean,
    findings,
    incomplete,
    scannable,
    bySeverity,
  };
}

function overall(findings: number, incomplete: number, scannable: number): ScanVerdict {
  if (findings > 0) return 'findings';
  if (incomplete > 0) return 'incomplete';
  return scannable === 0 ? 'nothing' : 'clean';
}
