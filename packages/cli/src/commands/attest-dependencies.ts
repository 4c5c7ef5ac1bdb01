/**
 * What is known to be wrong with the software that serves a model, as evidence: from a scanner's
 * report, or the built-in match of lock files with a pinned advisory snapshot.
 *
 * @module
 */
import path from 'node:path';

import { parseLockFile } from '@proofmark/artifact';
import { sha256Hex } from '@proofmark/core';
import type { DependenciesPredicate } from '@proofmark/registry';

import type { CommandContext, ExitCode } from '../context.ts';
import { CliError } from '../errors.ts';
import { runReport } from '../evidence/report-evidence.ts';
import type { ReportRun } from '../evidence/report-evidence.ts';
import { readInput } from '../input-file.ts';
import { readPublicKeyFile } from '../keyring.ts';
import { attachReport } from '../ship/attach.ts';
import { attachDependencies } from '../ship/attach-dependencies.ts';
import type { EvidenceContext } from '../ship/attach.ts';
import { SHIPPED } from '../shipped.ts';
import { printable } from '../terminal/output.ts';
import { timeOption } from '../time-option.ts';

export interface DependencyOptions {
  readonly lock: readonly string[];
  readonly advisories?: string;
  readonly signer: readonly string[];
  readonly subject: readonly string[];
  readonly vex: readonly string[];
  readonly vexKey: readonly string[];
  readonly scannedAt?: string;
  readonly databaseUpdated?: string;
}

/** Matches lock files with an advisory snapshot. */
export async function attestLocks(
  { output, cwd }: CommandContext,
  evidence: EvidenceContext,
  { lock, advisories }: DependencyOptions,
): Promise<ExitCode> {
  const { report } = await attachDependencies(
    evidence,
    lock.map((file) => path.resolve(cwd, file)),
    advisories === undefined
      ? path.join(SHIPPED, 'deploy', 'advisories', 'npm.jsonl')
      : path.resolve(cwd, advisories),
  );
  for (const finding of report.findings) {
    output.line(`${finding.id} ${finding.severity} ${finding.purl}: ${finding.summary}`);
  }
  output.line(`${report.packages} packages, ${report.findings.length} vulnerable`);
  output.document(report);
  return report.findings.length === 0 && report.packages > 0 ? 0 : 1;
}

/** Takes a scanner's report. */
export async function attestReport(
  context: CommandContext,
  evidence: EvidenceContext,
  file: string,
  options: DependencyOptions,
): Promise<ExitCode> {
  const { output } = context;
  const run = readReport(context, evidence, file, options);
  await attachReport(evidence, run.predicate);
  const { vulnerabilities, silenced = [], components } = run.predicate;
  for (const found of vulnerabilities) output.line(describe(found));
  for (const found of silenced) {
    output.line(`${describe(found)}: ${found.status}, ${printable(found.justification)}`);
  }
  output.line(
    `${run.report.format}: ${components} packages, ${vulnerabilities.length} vulnerabilities, ${silenced.length} silenced`,
  );
  output.document({ format: run.report.format, ...run.predicate });
  return vulnerabilities.length === 0 && components > 0 ? 0 : 1;
}

function readReport(
  { cwd, clock }: CommandContext,
  { installation, row }: EvidenceContext,
  file: string,
  options: DependencyOptions,
): ReportRun {
  const inputs = (files: readonly string[]): Buffer[] =>
    files.map((each) => readInput(path.resolve(cwd, each)));
  const keys = (files: readonly string[]): ReturnType<typeof readPublicKeyFile>[] =>
    files.map((each) => readPublicKeyFile(path.resolve(cwd, each)));
  const locks = inputs(options.lock);
  return runReport({
    report: readInput(path.resolve(cwd, file)),
    signers: [...keys(options.signer), installation.signer('scanner').publicKey],
    subjects: [row.manifestDigest, row.omsRoot, ...options.subject.map(digestOf)],
    vex: inputs(options.vex),
    vexAuthors: keys(options.vexKey),
    locked:
      locks.length === 0
        ? null
        : {
            packages: locks.flatMap((bytes, i) => parseLockFile(options.lock[i] ?? '', bytes)),
            digest: sha256Hex(Buffer.concat(locks)),
          },
    scannedAtMs: timeOption(options.scannedAt, '--scanned-at'),
    databaseUpdatedMs: timeOption(options.databaseUpdated, '--database-updated'),
    nowMs: clock(),
  });
}

function describe({
  id,
  cvss,
  component,
}: DependenciesPredicate['vulnerabilities'][number]): string {
  return `${printable(id)} ${cvss.toFixed(1)} ${printable(component)}`;
}

function digestOf(text: string): string {
  const hex = text.replace(/^sha256:/, '');
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  throw new CliError('CLI_USAGE', 'cannot read --subject: a SHA-256 in lowercase hex was expected');
}
