/**
 * One attestation about a version, by the first characters of its digest.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';
import type { EvidenceRow, Registry, VersionRow } from '@proofmark/registry';

import { CliError } from '../errors.ts';

const MIN_PREFIX = 8;

/** The attestation whose digest begins like this. @throws {CliError} CLI_USAGE */
export async function findEvidence(
  { store }: Registry,
  row: VersionRow,
  prefix: string,
): Promise<EvidenceRow> {
  const found =
    prefix.length < MIN_PREFIX
      ? []
      : (await store.evidence(row.manifestDigest)).filter(({ digest }) =>
          digest.startsWith(prefix),
        );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new CliError(
    'CLI_USAGE',
    `cannot find "${excerpt(prefix)}": ${found.length} attestations about ${row.name}@${row.version} begin like this; write at least ${MIN_PREFIX} characters of one that proofmark evidence list shows`,
  );
}
