/**
 * `proofmark attest`: what is known to be wrong with the software that serves the model.
 *
 * Either a scanner's report (`--type vulns FILE`), or the built-in match of lock files with a pinned
 * advisory snapshot.
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
import type { Verb } from '../program.ts';
import { findVersion } from '../reference.ts';
import { withInstallation } from '../session.ts';
import { attachDependencies, attachReport } from '../ship/evidence.ts';
import type { EvidenceContext } from '../ship/evidence.ts';
import { SHIPPED } from '../shipped.ts';
import { printable } from '../terminal/output.ts';
import { choosePolicy } from './explain.ts';

interface AttestOptions {
  readonly type?: string;
  readonly lock: readonly string[];
  readonly advisories?: string;
  readonly signer: readonly string[];
  readonly subject: readonly string[];
  readonly vex: readonly string[];
  readonly vexKey: readonly string[];
  readonly scannedAt?: string;
  readonly databaseUpdated?: string;
  readonly env?: string;
}

const collect = (value: string, list: readonly string[]): readonly string[] => [...list, value];

export const attestVerb: Verb = (program, start) => {
  program
    .command('attest')
    .description("attach a scanner's report, or check lock files against an advisory snapshot")
    .argument('<version>', 'NAME@VERSION')
    .argument('[report]', 'with --type: osv-scanner, trivy, grype, pip-audit, npm audit, ...')
    .option('--type <type>', 'what the report is: vulns')
    .option('--lock <file>', 'lock file of what serves the model; several times', collect, [])
    .option('--advisories <file>', 'OSV snapshot, JSON lines (default: the shipped one)')
    .option('--signer <file>', 'public key that may sign the report; several times', collect, [])
    .option('--subject <sha256>', 'digest of what was scanned, as an image; several', collect, [])
    .option('--vex <file>', 'signed OpenVEX or CycloneDX statements; several times', collect, [])
    .option('--vex-key <file>', 'public key of an author of VEX; several times', collect, [])
    .option('--scanned-at <time>', 'when it ran, for a report that does not say (RFC 3339)')
    .option('--database-updated <time>', 'date of its database, for a report that does not say')
    .option('--env <name>', 'environment (default: the only one)')
    .addHelpText(
      'after',
      '\nExamples:\n  proofmark attest assistant@1.1.0 --lock uv.lock\n  proofmark attest assistant@1.1.0 --type vulns grype.json --lock uv.lock --vex vendor.vex.json --vex-key vendor.pub',
    )
    .action(async function action(reference: string, report: string | undefined) {
      const options = this.opts<AttestOptions>();
      await start(this, (context) => {
        checkUsage(options, report);
        return withInstallation(context, async (installation) => {
          const row = await findVersion(installation.registry, reference);
          const policy = choosePolicy(installation.config, options.env);
          const { actor, signal } = context;
          const evidence = { installation, row, policy, actor, signal };
          return report === undefined
            ? attestLocks(context, evidence, options)
            : attestReport(context, evidence, report, options);
        });
      });
    });
};

function checkUsage({ type, lock }: AttestOptions, report: string | undefined): void {
  if (type !== undefined && type !== 'vulns') {
    throw new CliError('CLI_USAGE', 'cannot attest: the only --type is vulns');
  }
  if ((type === undefined) !== (report === undefined)) {
    throw new CliError('CLI_USAGE', 'cannot attest: a report and --type vulns go together');
  }
  if (report === undefined && lock.length === 0) {
    throw new CliError('CLI_USAGE', 'cannot attest: name a lock file with --lock, or a report');
  }
}

async function attestLocks(
  { output, cwd }: CommandContext,
  evidence: EvidenceContext,
  { lock, advisories }: AttestOptions,
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

async function attestReport(
  context: CommandContext,
  evidence: EvidenceContext,
  file: string,
  options: AttestOptions,
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
  options: AttestOptions,
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
    scannedAtMs: timeOf(options.scannedAt, '--scanned-at'),
    databaseUpdatedMs: timeOf(options.databaseUpdated, '--database-updated'),
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

function timeOf(text: string | undefined, option: string): number | null {
  if (text === undefined) return null;
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new CliError('CLI_USAGE', `cannot read ${option}: write a time like 2026-01-31T12:00:00Z`);
}
