/**
 * How old the secrets of a deployment are, and who built a model, as evidence.
 *
 * @module
 */
import path from 'node:path';

import { isoTime } from '@proofmark/core';
import { readManifestText } from '@proofmark/registry';

import type { CommandContext, ExitCode } from '../context.ts';
import { CliError } from '../errors.ts';
import { readProvenanceReport } from '../evidence/provenance-report.ts';
import { readSecretsReport } from '../evidence/secrets-report.ts';
import { readInput } from '../input-file.ts';
import { readPublicKeyFile } from '../keyring.ts';
import { attachProvenance, attachSecrets } from '../ship/attach.ts';
import type { EvidenceContext } from '../ship/attach.ts';
import { printable } from '../terminal/output.ts';
import { timeOption } from '../time-option.ts';

export async function attestSecrets(
  { output, cwd, clock }: CommandContext,
  evidence: EvidenceContext,
  file: string,
): Promise<ExitCode> {
  const predicate = readSecretsReport(readInput(path.resolve(cwd, file)), clock());
  await attachSecrets(evidence, predicate);
  for (const { name, rotatedAtMs } of predicate.secrets) {
    output.line(printable(`${name} rotated ${isoTime(rotatedAtMs)}`));
  }
  output.line(`${predicate.secrets.length} secrets`);
  output.document(predicate);
  return predicate.secrets.length > 0 ? 0 : 1;
}

export interface ProvenanceOptions {
  readonly file: string;
  readonly signer: readonly string[];
  readonly builtAt?: string;
}

export async function attestProvenance(
  { output, cwd }: CommandContext,
  evidence: EvidenceContext,
  { file, signer, builtAt }: ProvenanceOptions,
): Promise<ExitCode> {
  const { installation, row } = evidence;
  const manifest = await installation.registry.store.document(row.manifestDigest);
  if (manifest === null) {
    throw new CliError(
      'CLI_STEP_FAILED',
      `cannot compare the provenance with ${row.name}@${row.version}: its manifest is missing; restore the registry from a backup`,
    );
  }
  const predicate = readProvenanceReport({
    report: readInput(path.resolve(cwd, file)),
    signers: signer.map((each) => readPublicKeyFile(path.resolve(cwd, each))),
    manifestDigest: row.manifestDigest,
    files: readManifestText(manifest),
    builtAtMs: timeOption(builtAt, '--built-at'),
  });
  await attachProvenance(evidence, predicate);
  output.line(printable(`builder    ${predicate.builder}`));
  output.line(printable(`build      ${predicate.buildType}`));
  if (predicate.invocation !== null) output.line(printable(`run        ${predicate.invocation}`));
  output.line(`finished   ${isoTime(predicate.finishedAtMs)}`);
  for (const { uri, digest } of predicate.sources) {
    output.line(printable(`source     ${uri} ${Object.values(digest)[0] ?? ''}`));
  }
  output.document(predicate);
  return 0;
}
